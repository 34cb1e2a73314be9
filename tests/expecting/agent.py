"""A small agent for the tests: it reads its memory into its prompt, and acts through two tools."""

from __future__ import annotations

from typing import Any

import httpx
from memtrace import AddMemoryRequest, ListOptions, Memtrace, SearchQuery

from fakememtrace import World
from fakememtrace.claude.author import Author, tool_use

__all__ = ["Agent", "learn", "remember", "search", "world_with"]

PROMPT = "You are a helpful assistant."


def world_with(*answers: Any) -> World:
    """A world in which Claude says this."""
    return World(cassette=Author(answers, "2026-11-22"))


def remember(content: str, **more: Any) -> dict[str, Any]:
    """Claude stores a memory."""
    return tool_use("remember", content=content, **more)


def search(text: str) -> dict[str, Any]:
    """Claude looks for one."""
    return tool_use("search", text=text)


class Agent:
    """The agent called `name`; what it is told of its memories is what it finds in its `window`."""

    def __init__(self, world: World, name: str = "assistant", prompt: str = PROMPT, window: str = "7d") -> None:
        self._memtrace = Memtrace(world.url, world.api_key)
        self.name, self.prompt, self.window = name, prompt, window
        self.session = ""
        self.messages: list[dict[str, Any]] = []

    def talk(self, question: str, reader: str = "") -> str:
        """One conversation with one question; `reader` is whose memories are read, its own unless given."""
        system = self.prompt + "\n\nWhat you remember:\n" + self._memories(reader or self.name)
        self.messages = [{"role": "user", "content": question}]
        while True:
            answer = self._ask(system)
            self.messages.append({"role": "assistant", "content": answer["content"]})
            uses = [block for block in answer["content"] if block["type"] == "tool_use"]
            if not uses:
                return answer["content"][0]["text"]
            self.messages.append({"role": "user", "content": [self._used(use) for use in uses]})

    def _ask(self, system: str) -> Any:
        body = {"model": "claude-x", "max_tokens": 100, "system": system, "messages": self.messages}
        headers = {"anthropic-version": "2023-06-01"}
        return httpx.post("https://api.anthropic.com/v1/messages", json=body, headers=headers).json()

    def _memories(self, agent: str) -> str:
        found = self._memtrace.list_memories(ListOptions(agent_id=agent, since=self.window)).memories
        return "\n".join(f"- {memory.content}" for memory in found)

    def _used(self, use: dict[str, Any]) -> dict[str, Any]:
        tools = {"remember": self._remember, "search": self._search}
        return {"type": "tool_result", "tool_use_id": use["id"], "content": tools[use["name"]](use["input"])}

    def _remember(self, given: dict[str, Any]) -> str:
        memory = AddMemoryRequest(
            agent_id=self.name, memory_type="episodic", event_type="general", session_id=self.session, **given
        )
        return f"Stored: {self._memtrace.add_memory(memory).content}"

    def _search(self, given: dict[str, Any]) -> str:
        found = self._memtrace.search_memories(SearchQuery(agent_id=self.name, content_contains=given["text"]))
        return "\n".join(memory.content for memory in found.results) or "Nothing found."


def learn(world: World, *contents: str, agent: str = "assistant") -> None:
    """Store memories as a program would that has no Claude."""
    memtrace = Memtrace(world.url, world.api_key)
    for content in contents:
        memtrace.remember(agent, content)
