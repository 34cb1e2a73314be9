"""A small agent with a memory, recorded, and a git repository around it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fakememtrace import World
from fakememtrace.claude.author import Author, Turn, text, tool_use
from fakememtrace.scenario.perform import Performance
from fakememtrace.scenario.scenario import load_scenario

__all__ = ["PROGRAM", "Agent", "Repository", "diff"]

# Without the SDKs, whose import takes a second.  Each run is a conversation, each line a turn of it.
PROGRAM = """\
import os
import sys
import httpx

MODEL = "claude-x"
SYSTEM = "You are a helpful assistant.\\nBe brief."
TOOLS = [
    {
        "name": "remember",
        "description": "Store a memory",
        "input_schema": {
            "type": "object",
            "properties": {"content": {"type": "string"}, "importance": {"type": "number", "maximum": 1}},
            "required": ["content"],
        },
    }
]
MEMTRACE, KEY = os.environ["MEMTRACE_URL"], {"x-api-key": os.environ["MEMTRACE_API_KEY"]}

def claude(messages):
    body = {"model": MODEL, "max_tokens": 100, "system": SYSTEM, "tools": TOOLS, "messages": messages}
    answer = httpx.post("https://api.anthropic.com/v1/messages", json=body, headers={"anthropic-version": "2023-06-01"})
    return answer.raise_for_status().json()

def remember(content, **others):
    memory = {"agent_id": "agent", "content": content, **others}
    httpx.post(MEMTRACE + "/api/v1/memories", json=memory, headers=KEY).raise_for_status()
    return "Stored: " + content

def known():
    found = httpx.get(MEMTRACE + "/api/v1/memories", params={"agent_id": "agent", "since": "7d"}, headers=KEY).json()
    return "\\n".join("- " + memory["content"] for memory in found["memories"]) or "nothing"

def say(line, messages):
    messages.append({"role": "user", "content": line})
    while True:
        answer = claude(messages)
        messages.append({"role": "assistant", "content": answer["content"]})
        calls = [block for block in answer["content"] if block["type"] == "tool_use"]
        if not calls:
            return
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": remember(**call["input"])} for call in calls
        ]
        messages.append({"role": "user", "content": results})

SYSTEM += "\\nYou know: " + known()
messages = []
for line in sys.stdin:
    say(line.strip(), messages)
"""

SCRIPT = """\
title = "Remembers what one drinks"

[[run]]
says = ["I like tea.", "Bye."]

[[run]]
after = "1h"
says = ["What do I like?"]
"""

EXPECTATIONS = '[[memory]]\ncontent = "Likes tea"\n'
TURNS = [
    Turn([text("Let me note that."), tool_use("remember", content="Likes tea", importance=0.7)], 1000),
    Turn([text("Noted.")], 1000),
    Turn([text("Bye!")], 1000),
    Turn([text("Tea.")], 1000),
]
DATES = {
    name: value
    for who in ("AUTHOR", "COMMITTER")
    for name, value in (
        (f"GIT_{who}_DATE", "2026-02-07T12:00:00Z"),
        (f"GIT_{who}_NAME", "a"),
        (f"GIT_{who}_EMAIL", "a@b"),
    )
}


class Agent:
    """The scenario ``demo`` below `root`, or another one like it, with its cassette."""

    def __init__(self, root: Path, name: str = "demo") -> None:
        self.root, self.path = root, root / name
        self.path.mkdir(parents=True)
        self.write("program.py", PROGRAM).write("script.toml", SCRIPT).write("expectations.toml", EXPECTATIONS)
        self.record(TURNS)

    def write(self, name: str, text: str) -> Agent:
        """Write one of its files; itself."""
        (self.path / name).write_text(text, "utf-8")
        return self

    def change(self, old: str, new: str, name: str = "program.py") -> Agent:
        """Replace a text in one of its files, where it has to be; itself."""
        before = (self.path / name).read_text("utf-8")
        assert before.count(old) == 1, old
        return self.write(name, before.replace(old, new))

    def record(self, turns: list[Turn]) -> Agent:
        """Make its cassette of these answers; itself."""
        scenario = load_scenario(self.path)
        author = Author(turns, "2026-02-07")
        outcome = Performance(scenario, World("0.2.0", author, scenario.start), scenario.timeout).perform()
        assert not outcome.stopped, outcome.stopped
        author.cassette.save(self.path / "cassette.json")
        return self


class Repository:
    """A git repository at `root`, whose commits are always the same ones."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        """Run git there; what it prints."""
        ours = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"], **DATES}
        command = ["git", "-C", str(self._root), *arguments]
        return subprocess.run(command, env=ours, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self) -> str:
        """Commit all there is; the hash."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "all there is")
        return self.git("rev-parse", "HEAD")


def diff(cwd: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-m", "fakememtrace", "diff", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **variables}
    )
