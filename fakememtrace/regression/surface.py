"""The tools that a program offers to Claude, pinned by a file of the scenario: names, descriptions and schemas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..claude.lines import join_tools, split_tools
from ..claude.matching.difference import Difference
from ..claude.matching.rules import Matching
from ..errors import ScenarioError
from ..files import write_whole

__all__ = ["FILE", "Tools", "canonical", "differences", "dumped", "pinned", "save"]

FILE = "tools.json"
_FORMAT, _VERSION = "fakememtrace-tools", 1
_FIRST = ("name", "type", "description", "input_schema")
_ADVICE = "Write it anew with fakememtrace diff --update-tools, and look at what changed in it."

Tools = list[Any]


def canonical(tools: Iterable[Any]) -> Tools:
    """A list of tools in the one form that equal lists have; what is cached of it is no matter of the tools."""
    return [_tool(tool) for tool in tools]


def dumped(lists: Iterable[Tools]) -> str:
    """The text of the file: the same lists, in whatever order they were sent, always give the same bytes."""
    shown = [split_tools(tools) for tools in sorted(lists, key=json.dumps)]
    whole = {"format": _FORMAT, "version": _VERSION, "lists": shown}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def save(folder: Path, lists: Iterable[Tools]) -> bool:
    """Write the file of the scenario in `folder`; whether that changed anything."""
    path, text = folder / FILE, dumped(lists)
    if path.is_file() and path.read_bytes() == text.encode("utf-8", "backslashreplace"):
        return False
    write_whole(path, text)
    return True


def pinned(folder: Path) -> list[Tools] | None:
    """The lists in the file of the scenario in `folder`; None where there is no file.

    Raises:
        ScenarioError: it cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        whole = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ScenarioError(path, f"this is not JSON: {error}.", _ADVICE) from None
    except RecursionError:
        raise ScenarioError(path, "this is nested too deeply.", _ADVICE) from None
    except OSError as error:
        raise ScenarioError(path, f"cannot be read: {error.strerror}.", "Check the file.") from None
    if not isinstance(whole, dict) or whole.get("format") != _FORMAT or whole.get("version") != _VERSION:
        raise ScenarioError(path, f'expected "format": "{_FORMAT}" and "version": {_VERSION}.', _ADVICE)
    lists = whole.get("lists")
    if not isinstance(lists, list) or not all(isinstance(tools, list) for tools in lists):
        raise ScenarioError(path, 'expected "lists", a list of lists of tools.', _ADVICE)
    return [canonical(join_tools(tools)) for tools in lists]


def differences(before: Sequence[Tools], now: Sequence[Tools]) -> list[Difference]:
    """Where the lists differ; those that are on both sides are left out, the others are compared in pairs."""
    old = [tools for tools in before if tools not in now]
    new = [tools for tools in now if tools not in before]
    found: list[Difference] = []
    for tools in old:
        other = max(new, key=lambda one: _alike(tools, one), default=None)
        if other is not None:
            new.remove(other)
        found += _differing(tools, other or [])
    for tools in new:
        found += _differing([], tools)
    return found


def _differing(before: Tools, now: Tools) -> list[Difference]:
    matching = Matching()
    return matching.differences(matching.form({"tools": before}), matching.form({"tools": now}), (None, ()))


def _alike(one: Tools, other: Tools) -> tuple[int, int]:
    """How many tools are the same in two lists, and how many have the same name."""
    names = [{tool.get("name") for tool in tools if isinstance(tool, dict)} for tools in (one, other)]
    return sum(tool in other for tool in one), len(names[0] & names[1])


def _tool(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return _sorted(tool)
    kept = {key: _sorted(tool[key]) for key in sorted(tool) if key != "cache_control" and tool[key] is not None}
    return {**{key: kept[key] for key in _FIRST if key in kept}, **kept}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
