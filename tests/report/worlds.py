"""Small worlds for the tests of reports: programs that remember, and what is hostile in what they remember."""

from __future__ import annotations

import json
from typing import Any

import httpx

from fakememtrace import World

__all__ = ["HOSTILE", "Program", "answer", "context"]

# What memories may say to the page that shows them.
HOSTILE = (
    "<script>document.title = 'owned'; console.log('owned')</script>",
    "</script><script>document.title = 'owned'</script>",
    "<!-- <script> <!-- </noscript><img src=x onerror=\"document.title = 'owned'\">",
    "</style></title></textarea></noscript></template><svg onload=\"document.title = 'owned'\">",
    "\"'><a href=\"javascript:document.title = 'owned'\">click</a> javascript:document.title='owned'",
    "{{ 7 * 7 }} {% raw %} ${7 * 7} &lt;b&gt; &#x3C;b&#x3E;",
    "right to \u202eleft\u202c and \u2066isolated\u2069",
    "nothing \x00 here, a \x1b[31mbell\x07 and a lone \ud800 half",
    "zero\u200bwidth \ufeff and a tag \U000e0041",
    "]]> --> */ // <?php ?> \u2028 \u2029",
    '"\'><style>*{display:none}</style><b style="background:url(http://127.0.0.1:9/)">} * { display: none } /*',
)


def answer(*blocks: Any, **fields: Any) -> dict[str, Any]:
    """A message of Claude; a string is a text block."""
    content = [{"type": "text", "text": block} if isinstance(block, str) else block for block in blocks]
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": content}
    return {**whole, "stop_reason": "end_turn", "usage": {"input_tokens": 10, "output_tokens": 5}, **fields}


def context(world: World, session: str) -> str:
    """The context of a session, as a program reads it."""
    return str(Program(world).post(f"sessions/{session}/context", {})["context"])


class Program:
    """Asks the `world` as a program does."""

    def __init__(self, world: World) -> None:
        self._world = world

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of Memtrace."""
        # Lone surrogates can be written in JSON, as escapes.
        told = httpx.post(
            f"{self._world.url}/api/v1/{path}",
            content=json.dumps(body),
            headers={"authorization": f"Bearer {self._world.api_key}", "content-type": "application/json"},
        )
        value: dict[str, Any] = told.json()
        return value

    def get(self, path: str) -> dict[str, Any]:
        """The answer of Memtrace."""
        key = {"authorization": f"Bearer {self._world.api_key}"}
        value: dict[str, Any] = httpx.get(f"{self._world.url}/api/v1/{path}", headers=key).json()
        return value

    def session(self, agent: str = "assistant") -> tuple[str, str]:
        """The ids of a new agent and of its new session."""
        registered = self.post("agents", {"name": agent, "description": "tests"})
        opened = self.post("sessions", {"agent_id": registered["id"]})
        return registered["id"], opened["id"]

    def remember(self, agent: str, content: str, session: str = "", **fields: Any) -> dict[str, Any]:
        """Store a memory."""
        body = {"agent_id": agent, "session_id": session, "memory_type": "episodic", "event_type": "general"}
        return self.post("memories", {**body, "content": content, **fields})

    def ask(self, *said: Any, system: str = "", **fields: Any) -> httpx.Response:
        """Ask Claude; `said` are the contents of the messages, from user and assistant in turn."""
        messages = [{"role": ("user", "assistant")[turn % 2], "content": content} for turn, content in enumerate(said)]
        body = {"model": "claude-x", "max_tokens": 100, "messages": messages, **fields}
        return httpx.post(
            "https://api.anthropic.com/v1/messages",
            content=json.dumps(body | ({"system": system} if system else {})),
            headers={"anthropic-version": "2023-06-01", "content-type": "application/json"},
        )
