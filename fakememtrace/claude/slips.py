"""Slips of who writes an answer by hand, which a recording cannot have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import did_you_mean, listed
from .complaining import Complaints
from .interaction import AUTHORED, MESSAGES, Interaction
from .shapes import BLOCKS

__all__ = ["refuse_slips"]

# A newer type of the API is often called by an older one, such as mcp_tool_use; that is no slip.
_ENDS = (*BLOCKS, "_tool_result")


def refuse_slips(path: Path, number: int, this: Interaction) -> None:
    """Look at the authored answer of the interaction `number` in the file `path`.

    Raises:
        CassetteError: it calls a tool that the request does not offer, or one of its blocks is nearly of a known type.
    """
    content = this.response.get("content") if isinstance(this.response, dict) else None
    if this.provenance.kind != AUTHORED or this.endpoint != MESSAGES or not isinstance(content, list):
        return
    offered = _names(this.request.get("tools"))
    for index, block in enumerate(content):
        place = f'interaction {number}, "response", "content"[{index}]'
        _refuse_type(Complaints(path), place, block["type"])
        if block["type"] == "tool_use":
            _refuse_tool(Complaints(path), place, block["name"], offered)


def _refuse_type(complaints: Complaints, place: str, kind: str) -> None:
    nearest = did_you_mean(kind, BLOCKS)
    if nearest and not kind.endswith(_ENDS):
        problem = f"unknown type of a content block {kind!r}.{nearest}"
        raise complaints.broken(f'{place}, "type"', problem, f"Known: {listed(BLOCKS)}.")


def _refuse_tool(complaints: Complaints, place: str, name: str, offered: list[str]) -> None:
    if name not in offered:
        has = f"It offers {listed(offered)}." if offered else "It offers none: answer with a text."
        problem = f"the request offers no tool {name!r}.{did_you_mean(name, offered)}"
        raise complaints.broken(f'{place}, "name"', problem, has)


def _names(tools: Any) -> list[str]:
    """The names of the tools that a request offers."""
    own = [tool.get("name") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return [name for name in own if isinstance(name, str)]
