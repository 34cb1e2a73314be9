"""What Claude asks of the four memory tools: ``tool_use`` blocks, as an agent's loop receives them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ..errors import UnknownName
from .windows import invalid_windows, windows
from .words import contents, fragments, tags

__all__ = ["invalid_tool_calls", "tool_calls"]

ToolUse = dict[str, Any]


def tool_calls(name: str = "") -> SearchStrategy[ToolUse]:
    """``{"type": "tool_use", "id", "name", "input"}`` for one of the tools, or for `name`; the input fits its schema.

    ``memtrace_remember(content, tags?, importance?)``, ``memtrace_recall(since?)``,
    ``memtrace_search(content_contains?, tags?, min_importance?)``, ``memtrace_decide(decision, reasoning)``.

    Raises:
        UnknownName: no such tool.
    """
    inputs = _inputs()
    if name and name not in inputs:
        raise UnknownName("tool", name, inputs)
    return st.one_of([_block(tool, inputs[tool]) for tool in ([name] if name else sorted(inputs))])


def invalid_tool_calls() -> SearchStrategy[ToolUse]:
    """Blocks that an agent's loop has to survive: models do send them.

    A tool that does not exist, a required input that is missing, null or empty, a value of a wrong
    type, an importance out of range, a tag or a time of bad form.
    """
    return st.one_of(
        _block("memtrace_forget", st.just({"content": "tea"})),
        _block("memtrace_remember", st.one_of(st.sampled_from(_BAD_REMEMBER), contents().map(_tagged_badly))),
        _block("memtrace_recall", st.one_of(invalid_windows().map(lambda text: {"since": text}), _wrong("since", 24))),
        _block("memtrace_search", st.sampled_from(_BAD_SEARCH)),
        _block("memtrace_decide", st.sampled_from(_BAD_DECIDE)),
    )


_BAD_REMEMBER: tuple[dict[str, Any], ...] = (
    {},
    {"content": ""},
    {"content": None},
    {"content": ["tea"]},
    {"content": "tea", "importance": 1.5},
    {"content": "tea", "importance": -1},
    {"content": "tea", "importance": "high"},
    {"content": "tea", "tags": "drink"},
    {"content": "tea", "tags": [1]},
)
_BAD_SEARCH: tuple[dict[str, Any], ...] = (
    {"content_contains": 5},
    {"tags": "drink"},
    {"tags": ["hot drink"]},
    {"min_importance": "0.5"},
)
_BAD_DECIDE: tuple[dict[str, Any], ...] = (
    {},
    {"decision": "tea"},
    {"reasoning": "late"},
    {"decision": "", "reasoning": "late"},
    {"decision": None, "reasoning": "late"},
    {"decision": "tea", "reasoning": ["late"]},
)


def _inputs() -> dict[str, SearchStrategy[dict[str, Any]]]:
    numbers = st.sampled_from((0, 0.25, 0.5, 0.9, 1))
    return {
        "memtrace_remember": st.fixed_dictionaries(
            {"content": contents()}, optional={"tags": tags(), "importance": numbers}
        ),
        "memtrace_recall": st.fixed_dictionaries({}, optional={"since": windows()}),
        "memtrace_search": st.fixed_dictionaries(
            {}, optional={"content_contains": fragments(), "tags": tags(), "min_importance": numbers}
        ),
        "memtrace_decide": st.fixed_dictionaries({"decision": contents(), "reasoning": contents()}),
    }


def _block(name: str, inputs: SearchStrategy[dict[str, Any]]) -> SearchStrategy[ToolUse]:
    numbers = st.integers(0, 99)
    return st.builds(
        lambda number, value: {"type": "tool_use", "id": f"toolu_{number:024d}", "name": name, "input": value},
        numbers,
        inputs,
    )


def _tagged_badly(content: str) -> dict[str, Any]:
    return {"content": content, "tags": ["hot drink"]}


def _wrong(name: str, value: object) -> SearchStrategy[dict[str, Any]]:
    return st.just({name: value})
