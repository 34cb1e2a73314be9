"""What is created: agents, sessions, memories and batches of them, as JSON values."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .words import TAGS, contents, either, event_types, ids, invalid_ids, memory_types, objects, tags

__all__ = [
    "agents",
    "batches",
    "invalid_agents",
    "invalid_batches",
    "invalid_memories",
    "invalid_sessions",
    "memories",
    "sessions",
]

Body = dict[str, Any]

_NAMES = ("helper", "Helper", "scribe", "a/B", "two words", "100%", "ä", "agent_a")
_IMPORTANCES = (0, 1, 0.5, 0.25, 2 / 3, 0.666666, 0.9999999, -3, 17.25, 0.1)
_DEDUP_KEYS = ("", "k", "K", "k'", "a\\b", "a\\\\b", "c\0d", "cd")


def agents() -> SearchStrategy[Body]:
    """Bodies of ``POST /api/v1/agents`` that register an agent, unless its name is taken."""
    return st.fixed_dictionaries(
        {"name": st.sampled_from(_NAMES)},
        optional={"description": contents(), "config": objects()},
    )


def invalid_agents() -> SearchStrategy[Body]:
    """Bodies that register nobody (400): no name, an empty one, or a field of a wrong type."""
    return st.sampled_from(
        ({}, {"name": ""}, {"name": None}, {"name": 5}, {"name": ["a"]}, {"name": "a", "config": []}, {"nam": "a"})
    )


def sessions(agent_ids: SearchStrategy[str] | None = None) -> SearchStrategy[Body]:
    """Bodies of ``POST /api/v1/sessions`` for one of `agent_ids`, which the released server must know."""
    return st.fixed_dictionaries({"agent_id": either(agent_ids, ids())}, optional={"metadata": objects()})


def invalid_sessions() -> SearchStrategy[Body]:
    """Bodies that start no session (400): no agent_id, an empty one, or a field of a wrong type."""
    return st.sampled_from(
        (
            {},
            {"agent_id": ""},
            {"agent_id": None},
            {"agent_id": 5},
            {"agent_id": "a", "metadata": "x"},
            {"metadata": {}},
        )
    )


def memories(
    agent_ids: SearchStrategy[str] | None = None, session_ids: SearchStrategy[str] | None = None
) -> SearchStrategy[Body]:
    """Bodies of ``POST /api/v1/memories`` that are stored, unless they are duplicates.

    Neither the agent nor the session has to exist.  Importance is not kept between 0 and 1:
    the server takes any number.
    """
    return st.fixed_dictionaries(
        {"agent_id": either(agent_ids, ids()), "content": contents()},
        optional={
            "session_id": either(session_ids, ids()),
            "memory_type": memory_types(),
            "event_type": event_types(),
            "tags": tags(),
            "metadata": objects(),
            "importance": st.sampled_from(_IMPORTANCES),
            "dedup_key": st.sampled_from(_DEDUP_KEYS),
            "parent_id": st.sampled_from(("", "mem_1", "any thing")),
        },
    )


def invalid_memories() -> SearchStrategy[Body]:
    """Bodies that store nothing (400): a valid memory with one or two fields missing, of bad form or a wrong type."""
    return st.builds(
        lambda memory, wrongs: {**memory, **{name: value for wrong in wrongs for name, value in wrong.items()}},
        memories(),
        st.lists(_wrong_fields(), min_size=1, max_size=2),
    )


def batches(memory: SearchStrategy[Body] | None = None) -> SearchStrategy[Body]:
    """Bodies of ``POST /api/v1/memories`` with one to six memories, the same one twice now and then."""
    one = either(memory, memories())
    twice = one.map(lambda body: [body, body])
    return st.one_of(st.lists(one, min_size=1, max_size=6), twice).map(lambda items: {"memories": items})


def invalid_batches() -> SearchStrategy[Body]:
    """Batches with an invalid memory somewhere (refused), and what is no batch at all (400)."""
    mixed = st.tuples(st.lists(memories(), max_size=2), _bad_items(), st.lists(memories(), max_size=2))
    refused = mixed.map(lambda parts: {"memories": [*parts[0], parts[1], *parts[2]]})
    return st.one_of(refused, st.sampled_from(({"memories": []}, {"memories": None}, {"memories": "x"})))


def _bad_items() -> SearchStrategy[Any]:
    """Memories that can be read but not stored: in a batch a wrong type is another matter."""
    forms = st.builds(lambda memory, wrong: {**memory, **wrong}, memories(), _bad_forms())
    return st.one_of(forms, st.none())


def _wrong_fields() -> SearchStrategy[Body]:
    types: tuple[Body, ...] = (
        {"content": 5},
        {"agent_id": {}},
        {"tags": "a"},
        {"tags": [1]},
        {"metadata": []},
        {"importance": "1"},
    )
    return st.one_of(_bad_forms(), st.sampled_from(types))


def _bad_forms() -> SearchStrategy[Body]:
    """One field that is missing or of bad form."""
    fields: list[SearchStrategy[Body]] = [
        st.sampled_from(({"agent_id": ""}, {"agent_id": None}, {"content": ""}, {"content": None})),
        st.sampled_from(("Episodic", "no", "fact", " ")).map(lambda value: {"memory_type": value}),
        st.sampled_from(("1", "e-t", "e" * 65, "a b", "ä", "e\n")).map(lambda value: {"event_type": value}),
        st.sampled_from(("a b", "ä", "t" * 65, "a,b", "a\n")).map(lambda tag: {"tags": [TAGS[0], tag]}),
        invalid_ids().map(lambda value: {"agent_id": value}),
        invalid_ids().map(lambda value: {"session_id": value}),
    ]
    return st.one_of(fields)
