"""What is asked: list options, search queries, context options."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .windows import invalid_windows, windows
from .words import TAGS, either, event_types, fragments, ids, invalid_ids, memory_types, mostly

__all__ = [
    "context_options",
    "invalid_context_options",
    "invalid_list_options",
    "invalid_search_queries",
    "list_options",
    "search_queries",
]

_BAD_TYPES = ("a-b", "1", "ä", "a b", "t" * 65)
_BAD_TAGS = ("a b", "ä", "t" * 65, "a'b")


def list_options(
    agent_ids: SearchStrategy[str] | None = None,
    session_ids: SearchStrategy[str] | None = None,
    times: SearchStrategy[str] | None = None,
) -> SearchStrategy[dict[str, str]]:
    """Query parameters of the three lists, as texts; the lists of an agent and of a session ignore some of them.

    Limits and offsets that are no numbers, negative or too large are among them: they mean the default.
    """
    options = {
        "agent_id": either(agent_ids, ids()),
        "session_id": either(session_ids, ids()),
        "memory_type": mostly(memory_types(), st.just("unknown")),
        "event_type": event_types(),
        "tags": _wanted_tags().map(",".join),
        "since": either(times, windows()),
        "until": mostly(either(times, windows()), st.sampled_from(("now", ""))),
        "order": st.sampled_from(("asc", "desc", "ASC", "")),
        "limit": st.sampled_from(("1", "2", "3", "100", "101", "1000", "1001", "5000", "0", "-5", "ten", "", "+2")),
        "offset": st.sampled_from(("0", "1", "2", "99", "-1", "x", "")),
    }
    return _few_of(options)


def invalid_list_options() -> SearchStrategy[dict[str, str]]:
    """Query parameters of ``GET /api/v1/memories`` with one of bad form, which is an error."""
    wrong: list[SearchStrategy[dict[str, str]]] = [
        st.tuples(st.sampled_from(("agent_id", "session_id")), invalid_ids()).map(lambda pair: dict([pair])),
        st.tuples(st.sampled_from(("memory_type", "event_type")), st.sampled_from(_BAD_TYPES)).map(
            lambda pair: dict([pair])
        ),
        st.sampled_from(_BAD_TAGS).map(lambda tag: {"tags": f"prod,{tag}"}),
    ]
    return st.builds(lambda options, bad: {**options, **bad}, list_options(), st.one_of(wrong))


def search_queries(
    agent_ids: SearchStrategy[str] | None = None,
    session_ids: SearchStrategy[str] | None = None,
    times: SearchStrategy[str] | None = None,
    texts: SearchStrategy[str] | None = None,
) -> SearchStrategy[dict[str, Any]]:
    """Bodies of ``POST /api/v1/search``; ``offset`` and ``max_importance`` are not honoured by every Memtrace."""
    importances = st.sampled_from((0, 0.5, 2 / 3, 0.666666, 0.5000004, 1, -5))
    options: dict[str, SearchStrategy[Any]] = {
        "agent_id": either(agent_ids, ids()),
        "session_id": either(session_ids, ids()),
        "memory_types": st.lists(memory_types(), max_size=2),
        "event_types": st.lists(event_types(), max_size=2),
        "tags": _wanted_tags(),
        "content_contains": either(texts, fragments()),
        "min_importance": importances,
        "max_importance": importances,
        "since": either(times, windows()),
        "until": mostly(either(times, windows()), st.sampled_from(("now", ""))),
        "order": st.sampled_from(("asc", "desc", "ASC", "")),
        "limit": st.sampled_from((1, 2, 3, 50, 51, 1000, 1001, 5000, 0, -2, None)),
        "offset": st.sampled_from((0, 1, 2, 60, -1, None)),
    }
    return _few_of(options)


def invalid_search_queries() -> SearchStrategy[dict[str, Any]]:
    """Bodies of ``POST /api/v1/search`` with a value of bad form, or of a wrong type (400)."""
    forms: list[SearchStrategy[dict[str, Any]]] = [
        invalid_ids().map(lambda value: {"agent_id": value}),
        invalid_ids().map(lambda value: {"session_id": value}),
        st.sampled_from(_BAD_TYPES).map(lambda value: {"memory_types": ["entity", value]}),
        st.sampled_from(_BAD_TYPES).map(lambda value: {"event_types": [value]}),
        st.sampled_from((*_BAD_TAGS, " prod")).map(lambda tag: {"tags": [tag]}),
    ]
    types = ({"limit": 2.5}, {"limit": "2"}, {"tags": "a"}, {"memory_types": "entity"}, {"min_importance": "1"})
    wrong = st.one_of(*forms, st.sampled_from(types))
    return st.builds(lambda query, bad: {**query, **bad}, search_queries(), wrong)


def context_options(times: SearchStrategy[str] | None = None) -> SearchStrategy[dict[str, Any]]:
    """Bodies of ``POST /api/v1/sessions/{id}/context``; all but since and include_types are documented only."""
    options: dict[str, SearchStrategy[Any]] = {
        "since": mostly(either(times, windows()), invalid_windows()),
        "until": either(times, windows()),
        "include_types": st.lists(memory_types(), max_size=3),
        "exclude_types": st.lists(memory_types(), max_size=2),
        "order": st.sampled_from(("asc", "desc", "")),
        "max_tokens": st.sampled_from((0, 1, 20, 40, 100, 2000, -1)),
    }
    return _few_of(options)


def invalid_context_options() -> SearchStrategy[dict[str, Any]]:
    """Bodies with an include type of bad form, which is an error.  (A body that cannot be read means defaults.)"""
    bad = st.sampled_from(_BAD_TYPES).map(lambda value: {"include_types": ["entity", value]})
    return st.builds(lambda options, wrong: {**options, **wrong}, context_options(), bad)


def _wanted_tags() -> SearchStrategy[list[str]]:
    """One tag or two: hardly any memory has more of those that are asked for."""
    return st.lists(st.sampled_from((*TAGS, "a", ".")), min_size=1, max_size=2)


def _few_of(options: dict[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
    """Up to three of the options, with a value for each: more would find nothing."""
    names = st.lists(st.sampled_from(sorted(options)), max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: options[name] for name in chosen}))
