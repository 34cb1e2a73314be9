"""Small agents whose conversations are recorded on one Memtrace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fakememtrace import World
from fakememtrace.claude.author import Answer, Author
from fakememtrace.drift.comparing import compare_all, ready
from fakememtrace.drift.result import Comparison
from fakememtrace.scenario.perform import Performance
from fakememtrace.scenario.scenario import load_scenario

__all__ = ["HEAD", "Agent", "drift", "told"]

# What every program begins with: without the SDKs, whose import takes a second.
HEAD = """\
import os
import sys
import httpx

memtrace = httpx.Client(
    base_url=os.environ["MEMTRACE_URL"] + "/api/v1", headers={"x-api-key": os.environ["MEMTRACE_API_KEY"]}
)

def ask(system, *said):
    turns = [{"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(said)]
    body = {"model": "claude-x", "max_tokens": 100, "system": system, "messages": turns}
    answer = httpx.post("https://api.anthropic.com/v1/messages", json=body, headers={"anthropic-version": "2023-06-01"})
    return answer.json()["content"]

def agent():
    made = memtrace.post("/agents", json={"name": "ada"})
    return (made if made.is_success else memtrace.get("/agents/ada")).json()["id"]

def session(agent_id):
    return memtrace.post("/sessions", json={"agent_id": agent_id}).json()["id"]

def remember(agent_id, content, **fields):
    return memtrace.post("/memories", json={"agent_id": agent_id, "content": content, **fields})

def context(session_id, **options):
    return memtrace.post(f"/sessions/{session_id}/context", json=options).json()["context"]

def shown(answer):
    rows = answer.json().get("memories", answer.json().get("results", []))
    return "\\n".join("- " + row["content"] for row in rows) or "nothing"

"""
EXPECTATIONS = '[[request]]\nrun = 1\nnumber = 1\ncontains = ["?"]\n'


class Agent:
    """The scenario `name` below `root`: what its program does after the head, and how often it runs, `after` what.

    Its answers are recorded on the Memtrace `on`, and are by default that all is well.
    """

    def __init__(
        self,
        root: Path,
        body: str,
        after: Sequence[str] = ("0s",),
        name: str = "demo",
        turns: Sequence[Answer] = ("Fine.",) * 4,
        on: str = "0.2.0",
        client: str = "sdk",
    ) -> None:
        self.root, self.path = root, root / name
        self.path.mkdir(parents=True)
        runs = "".join(f'\n[[run]]\nsays = []\nafter = "{span}"\n' for span in after)
        self.write("program.py", HEAD + body)
        self.write("script.toml", f'title = "A test"\nclient = "{client}"\n{runs}')
        self.write("expectations.toml", EXPECTATIONS)
        self.record(turns, on)

    def write(self, name: str, text: str) -> None:
        """Write one of its files."""
        (self.path / name).write_text(text, "utf-8")

    def record(self, turns: Sequence[Answer], on: str, file: str = "cassette.json") -> None:
        """Make a cassette of these answers, as far as they are asked for."""
        scenario = load_scenario(self.path)
        author = Author(turns, "2026-02-07")
        outcome = Performance(scenario, World(on, author, scenario.start), scenario.timeout).perform()
        assert not outcome.stopped, outcome.stopped
        author.cassette.save(self.path / file)

    def drift(self, *sdks: tuple[str, Path]) -> Comparison:
        """What its dialects differ in, or its versions of the SDK where these are named."""
        each = list(compare_all(ready(self.path), [(version, str(folder)) for version, folder in sdks]))
        return each[-1]


def told(one: Comparison) -> list[tuple[str, list[str], str]]:
    """Of each finding its kind, its behaviours and its sentence."""
    return [
        (finding.kind, [behaviour["name"] for behaviour in finding.behaviours], finding.headline)
        for finding in one.findings
    ]


def drift(cwd: Path, *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-m", "fakememtrace", "drift", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240, env={**os.environ, **variables}
    )
