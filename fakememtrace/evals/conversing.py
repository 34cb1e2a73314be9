"""The smallest agent with memory: it reads, tells Claude what it read, and does what Claude's tools ask for.

It stands in for a user's agent where Claude is part of a case.  Its answers come from a cassette.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..wire import Request
from .probes import Reading, question, reading

if TYPE_CHECKING:
    from .actor import Actor

__all__ = ["INSTRUCTIONS", "MODEL", "TOOLS", "Talk", "talk"]

MODEL = "claude-sonnet-5-5"
INSTRUCTIONS = """\
You are an assistant with a memory that outlives the conversation.
Store what will matter later. Answer from what you remember; when you do not remember it, say so.

What you remember:

"""
_CLAUDE_URL = "https://api.anthropic.com"
_HEADERS = {"content-type": "application/json", "x-api-key": "sk-ant-fakememtrace", "anthropic-version": "2023-06-01"}
_MOST_TURNS = 20


def _tool(name: str, description: str, required: list[str], **fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": fields, "required": required}
    return {"name": name, "description": description, "input_schema": schema}


_A_TEXT = {"type": "string"}
TOOLS = [
    _tool("memtrace_remember", "Store a memory for later recall", ["content"], content=_A_TEXT),
    _tool("memtrace_search", "Search memories by a text in them", ["content_contains"], content_contains=_A_TEXT),
]


class Talk(NamedTuple):
    """One conversation: what was read before it, what the user said, and for each line what Claude finally answered.

    ``first`` is the number of its first request in the journal; ``trouble`` says why an answer is missing.
    """

    read: Reading | None
    says: tuple[str, ...]
    first: int
    answers: tuple[str, ...]
    tokens: int
    trouble: str = ""


def talk(actor: Actor, says: str | list[str], options: Mapping[str, Any]) -> None:
    """Have a conversation in the current session, and note what it stored."""
    lines = [says] if isinstance(says, str) else list(says)
    reads = dict(options.get("reads", {}))
    read = reading(actor, question(actor, reads.pop("read"), reads)) if reads else None
    before, at = len(actor.rows("")), actor.world.clock.micros()
    first = len(actor.world.journal) + 1
    conversation = _Conversation(actor, options, INSTRUCTIONS + (read.text if read else "Nothing yet."))
    answers = conversation.have(lines)
    actor.talks.append(Talk(read, tuple(lines), first, tuple(answers), conversation.tokens, conversation.trouble))
    actor.tag(at, actor.rows("")[before:])


class _Conversation:
    """One conversation with Claude; ``tokens`` is what its first request took, ``trouble`` why it broke off."""

    def __init__(self, actor: Actor, options: Mapping[str, Any], system: str) -> None:
        self._actor, self._options, self._system = actor, options, system
        self._messages: list[dict[str, Any]] = []
        self.tokens, self.trouble = 0, ""

    def have(self, lines: list[str]) -> list[str]:
        """Say these lines; the answers to as many of them as were answered."""
        answers = []
        for line in lines:
            self._messages.append({"role": "user", "content": line})
            answer = self._reply()
            if self.trouble:
                break
            answers.append(answer)
        return answers

    def _reply(self) -> str:
        for _ in range(_MOST_TURNS):
            message = self._ask()
            if message is None:
                return ""
            blocks = message["content"]
            self._messages.append({"role": "assistant", "content": blocks})
            calls = [block for block in blocks if block["type"] == "tool_use"]
            if not calls:
                return "".join(block["text"] for block in blocks if block["type"] == "text")
            self._messages.append({"role": "user", "content": [self._result(call) for call in calls]})
        self.trouble = f"Claude called tools {_MOST_TURNS} times without an answer."
        return ""

    def _ask(self) -> dict[str, Any] | None:
        body = {"model": MODEL, "max_tokens": 1024, "system": self._system, "tools": TOOLS, "messages": self._messages}
        sent = json.dumps(body, ensure_ascii=False).encode()
        response = self._actor.world.handle(Request("POST", _CLAUDE_URL, "/v1/messages", "", _HEADERS, sent))
        value: dict[str, Any] = json.loads(response.body)
        if response.status != 200:
            self.trouble = f"Claude has no recording for this request ({response.status})."
            return None
        self.tokens = self.tokens or int(value["usage"]["input_tokens"])
        return value

    def _result(self, call: Mapping[str, Any]) -> dict[str, Any]:
        text = _TOOLS[call["name"]](self._actor, self._options, call["input"])
        return {"type": "tool_result", "tool_use_id": call["id"], "content": text}


def _remember(actor: Actor, options: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    session = actor.session(options.get("session"), "")
    agent = actor.agent(options.get("agent", ""), "")
    fields = {"agent_id": agent, **({"session_id": session} if session else {}), "content": given["content"]}
    answer = actor.ask("POST", "/memories", "", fields)
    if answer.status == 409:
        return "Already stored."
    return f"Stored memory: {answer.value['content']}" if answer.status == 201 else "This could not be stored."


def _search(actor: Actor, options: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    asked = {
        "agent": options.get("agent", "") or actor.current_agent(""),
        "content_contains": given["content_contains"],
    }
    found = reading(actor, question(actor, "search", asked))
    return "\n".join(f"- {row.content}" for row in found.rows) or "No memories found."


_TOOLS: dict[str, Callable[[Actor, Mapping[str, Any], Mapping[str, Any]], str]] = {
    "memtrace_remember": _remember,
    "memtrace_search": _search,
}
