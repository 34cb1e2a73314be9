"""What must hold when a scenario is over, and the check of it against what did happen."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import listed
from ..memory.records import Memory
from .toml import Table, read_toml

__all__ = ["Check", "Evidence", "Expectation", "read_expectations"]


class Check(NamedTuple):
    """One expectation and whether it held; ``detail`` shows the nearest thing that did happen."""

    expected: str
    held: bool
    detail: str = ""


class Evidence(NamedTuple):
    """What happened: the bodies of the requests to Claude and the tools Claude called, both per run; what is stored."""

    requests: list[list[dict[str, Any]]]
    tools: list[list[str]]
    memories: list[Memory]


@dataclass(frozen=True)
class Expectation:
    """One thing that must hold: its words, and how to look for it."""

    text: str
    look: Callable[[Evidence], str]

    def check(self, evidence: Evidence) -> Check:
        """Look for it in the evidence."""
        detail = self.look(evidence)
        return Check(self.text, not detail, detail)


def read_expectations(path: Path, runs: int) -> tuple[Expectation, ...]:
    """The expectations in the file `path`, for a scenario of so many `runs`.

    ``[[memory]]`` is stored at the end, ``[[request]]`` is what a request to Claude holds,
    ``[[tools]]`` are the tools that Claude called in a run, in order.
    """
    document = read_toml(path).only("memory", "request", "tools")
    found = (
        *(_memory(table) for table in document.tables("memory")),
        *(_request(table, runs) for table in document.tables("request")),
        *(_tools(table, runs) for table in document.tables("tools")),
    )
    if not found:
        raise document.error(
            "nothing is expected, so this scenario could not fail.",
            "Add at least one [[memory]], [[request]] or [[tools]].",
        )
    return found


def _run_number(table: Table, runs: int) -> int:
    run: int = table.positive("run", int, 1)
    if run > runs:
        raise table.error(f"there is no run {run}.", f"The script has {runs}.", "run")
    return run


def _memory(table: Table) -> Expectation:
    table.only("content", "contains", "type", "event", "tags", "importance")
    wanted = {
        "content": table.get("content", str),
        "contains": table.get("contains", str),
        "type": table.get("type", str),
        "event": table.get("event", str),
        "tags": table.get("tags", list),
        "importance": table.get("importance", float),
    }
    wanted = {key: value for key, value in wanted.items() if value is not None}
    if not wanted.keys() & {"content", "contains"}:
        raise table.error("says nothing about the text.", 'Add "content" (the whole text) or "contains" (a part).')
    return Expectation(f"stored: {_described(wanted)}", lambda evidence: _missing_memory(wanted, evidence.memories))


def _missing_memory(wanted: dict[str, Any], memories: Iterable[Memory]) -> str:
    memories = list(memories)
    if any(_is_memory(wanted, memory) for memory in memories):
        return ""
    if not memories:
        return "nothing was stored"
    text = wanted.get("content") or wanted["contains"]
    near = max(memories, key=lambda memory: difflib.SequenceMatcher(None, text, memory.content).ratio())
    return f"nearest of {len(memories)} stored: {_described(_facts(near))}"


def _is_memory(wanted: dict[str, Any], memory: Memory) -> bool:
    facts = _facts(memory)
    return wanted.get("contains", "") in memory.content and all(
        facts[key] == value for key, value in wanted.items() if key != "contains"
    )


def _facts(memory: Memory) -> dict[str, Any]:
    return {
        "content": memory.content,
        "type": memory.memory_type,
        "event": memory.event_type,
        "tags": list(memory.tags),
        "importance": memory.importance,
    }


def _request(table: Table, runs: int) -> Expectation:
    table.only("run", "number", "contains", "lacks")
    run, number = _run_number(table, runs), table.positive("number", int, 1)
    contains, lacks = table.get("contains", list, []), table.get("lacks", list, [])
    if not contains and not lacks:
        raise table.error("says nothing about the request.", 'Add "contains" or "lacks", lists of texts.')
    words = [f"contains {text!r}" for text in contains] + [f"lacks {text!r}" for text in lacks]
    return Expectation(
        f"request {number} of run {run} {listed(words)}",
        lambda evidence: _wrong_request(evidence.requests[run - 1], number, contains, lacks),
    )


def _wrong_request(requests: list[dict[str, Any]], number: int, contains: list[str], lacks: list[str]) -> str:
    if number > len(requests):
        made = "1 request was" if len(requests) == 1 else f"{len(requests)} requests were"
        return f"only {made} made in this run"
    lines = [line for text in _texts(requests[number - 1]) for line in text.split("\n")]
    whole = "\n".join(lines)
    for text in contains:
        if text not in whole:
            near = difflib.get_close_matches(text, lines, n=1, cutoff=0.0)
            return f"{text!r} is not in it; nearest line: {near[0]!r}" if near else f"{text!r} is not in it"
    for text in lacks:
        if text in whole:
            return f"{text!r} is in it: {next((line for line in lines if text in line), text)!r}"
    return ""


def _texts(value: Any) -> list[str]:
    """Every text in a request's system prompt and messages (not in its tools, which never change)."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        if "messages" in value:
            return _texts(value.get("system", [])) + _texts(value["messages"])
        return [text for key, item in value.items() if key in _TEXT_KEYS for text in _texts(item)]
    return []


_TEXT_KEYS = frozenset({"content", "text", "thinking"})


def _tools(table: Table, runs: int) -> Expectation:
    table.only("run", "called")
    run, called = _run_number(table, runs), table.need("called", list)
    return Expectation(
        f"run {run} calls {listed(called)}",
        lambda evidence: "" if evidence.tools[run - 1] == called else f"called: {listed(evidence.tools[run - 1])}",
    )


def _described(facts: dict[str, Any]) -> str:
    return ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items())
