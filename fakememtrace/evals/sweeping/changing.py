"""Other prompts and tools: requests to Claude as a program would send them, were its prompt or its tools so written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ...wire import Request, Response
from ...world import World
from .sweep import AXES, Edit

__all__ = ["ChangedWorld", "unchanged"]


class ChangedWorld(World):
    """A world in which every request to Claude is edited before anything else sees it, the journal too.

    ``met`` are the edits that had something to change.
    """

    def __init__(self, edits: Iterable[Edit], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._edits = tuple(edits)
        self.met: set[Edit] = set()

    def handle(self, request: Request) -> Response:
        """Answer what `request` is after the edits."""
        return super().handle(self._edited(request))

    def _edited(self, request: Request) -> Request:
        service = self.addresses.find(request.origin, request.path)
        if service is None or service.fake is not self.claude or not request.body:
            return request
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return request
        if not isinstance(body, dict):
            return request
        done = [edit for edit in self._edits if _changes(edit, body)]
        self.met.update(done)
        # Sent as it came where nothing was done.
        changed = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return request._replace(body=changed) if done else request


def unchanged(edits: Iterable[Edit], met: Iterable[Edit]) -> str:
    """Which value of an axis had nothing to change, in words; empty where each of them changed something."""
    of, done = list(edits), set(met)
    for axis in AXES:
        names = dict.fromkeys(edit.name for edit in of if edit.axis == axis)
        for name in names:
            mine = [edit for edit in of if (edit.axis, edit.name) == (axis, name)]
            if not done.intersection(mine):
                return f"{axis} {name!r} changes nothing here: {_missing(mine[0])}"
    return ""


def _missing(edit: Edit) -> str:
    if edit.axis == "tools":
        return f"no request to Claude has a tool that is called {edit.old!r} and described otherwise."
    return f"no request to Claude has the text {edit.old!r} in its system prompt."


def _changes(edit: Edit, body: dict[str, Any]) -> bool:
    """Do one edit in the body of a request; whether it is another one now."""
    return _describes(edit, body.get("tools")) if edit.axis == "tools" else _replaces(edit, body)


def _replaces(edit: Edit, body: dict[str, Any]) -> bool:
    system = body.get("system")
    if isinstance(system, str):
        body["system"] = system.replace(edit.old, edit.new)
        return bool(body["system"] != system)
    blocks = [block for block in system or () if _is_text(block)] if isinstance(system, list) else []
    before = [block["text"] for block in blocks]
    for block in blocks:
        block["text"] = block["text"].replace(edit.old, edit.new)
    return before != [block["text"] for block in blocks]


def _describes(edit: Edit, tools: Any) -> bool:
    named = [tool for tool in tools if isinstance(tool, dict) and tool.get("name") == edit.old] if tools else []
    others = [tool for tool in named if tool.get("description") != edit.new]
    for tool in others:
        tool["description"] = edit.new
    return bool(others)


def _is_text(block: Any) -> bool:
    return isinstance(block, Mapping) and isinstance(block.get("text"), str)
