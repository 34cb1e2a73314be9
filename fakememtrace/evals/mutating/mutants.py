"""The mutants: faults of memories with fixed options, one of which at a time is what a suite has to notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ...errors import UnknownName, UsageError, listed
from ...faults.kinds import KINDS
from ...faults.spelling import read_fault, spelled
from ...world import World

__all__ = ["MUTANTS", "Mutant", "chosen_mutants"]


class Mutant(NamedTuple):
    """One fault, what becomes of memories under it, and what an eval does that notices it."""

    fault: Mapping[str, Any]
    does: str
    advice: str

    @property
    def name(self) -> str:
        """How it is spelled, such as ``late_write,by=10m``."""
        return spelled(self.fault)


def _without(field: str, named: str, advice: str) -> Mutant:
    return Mutant({"kind": "dropped_field", "field": field}, f"a memory is stored without its {named}", advice)


MUTANTS = (
    Mutant(
        {"kind": "lost_write"},
        "a memory is answered 201 and not stored",
        "reads in a later session what was stored in an earlier one",
    ),
    Mutant(
        {"kind": "late_write", "by": "10m"},
        "a memory is found ten minutes later only",
        "reads within ten minutes what was stored",
    ),
    Mutant(
        {"kind": "truncated", "bytes": 20},
        "a memory is stored up to its byte 20",
        "stores a sentence and looks for the end of it",
    ),
    Mutant(
        {"kind": "truncated", "bytes": 200},
        "a memory is stored up to its byte 200",
        "stores more than 200 bytes and looks for what stands at their end",
    ),
    _without("tags", "tags", "stores memories with tags and reads by one of the tags"),
    _without("session_id", "session", "stores in a session and reads that session's list or context"),
    _without("memory_type", "memory_type", "stores a decision or an entity and reads by its type or under its heading"),
    _without("event_type", "event_type", "stores with an event_type of its own and reads by it"),
    _without("importance", "importance", "stores with an importance and searches with min_importance"),
    _without("metadata", "metadata", "stores with metadata and looks at the metadata that come back"),
    _without("parent_id", "parent", "stores with a parent_id and follows it back"),
    _without("dedup_key", "own dedup key", "stores twice with one dedup_key of its own and finds one memory"),
    Mutant(
        {"kind": "wrong_session"},
        "a memory is stored under another session",
        "has two sessions and looks in each for its own memories and for those of the other",
    ),
    Mutant(
        {"kind": "wrong_agent"},
        "a memory is stored under another agent",
        "has two agents and looks among each one's memories for its own and for those of the other",
    ),
    Mutant({"kind": "duplicate"}, "a memory is stored twice", "counts what comes back, or compares all of it"),
    Mutant(
        {"kind": "duplicate", "where": "read"},
        "the newest memory of an answer is there twice",
        "counts what comes back, or compares all of it",
    ),
    Mutant(
        {"kind": "false_duplicate", "bytes": 20},
        "a memory is refused that begins like an earlier one of its agent",
        "stores two memories whose first 20 bytes are alike and finds both",
    ),
    Mutant(
        {"kind": "false_duplicate", "window": "7d"},
        "a memory is refused that is like one of the days before",
        "stores the same on two days and finds it twice",
    ),
    Mutant(
        {"kind": "missed_duplicate"},
        "a memory that is a duplicate is stored",
        "stores the same twice within a day and finds it once",
    ),
    Mutant(
        {"kind": "foreign_row"},
        "a memory of another organization is in the answer",
        "stores in another organization what fits every read, and looks for it in each",
    ),
    Mutant(
        {"kind": "stray_row"},
        "a memory that was not asked for is in the answer",
        "looks for another agent's, session's or tag's memory where it must not be",
    ),
    Mutant(
        {"kind": "stale_version"},
        "the newest version is missing from the answer",
        "stores a value and a newer one and looks for the newer one",
    ),
    Mutant(
        {"kind": "lost_version"},
        "an earlier version is missing from the answer",
        "stores a value and a newer one and looks for both",
    ),
    Mutant({"kind": "wrong_order"}, "an answer stands in the reverse order", "compares the order of what comes back"),
    Mutant(
        {"kind": "wrong_time", "by": "1h"},
        "memories seem an hour older",
        "reads with a window near whose edge a memory is, or looks at the time of one",
    ),
    Mutant(
        {"kind": "short_answer"},
        "the last memory of an answer is missing",
        "looks for the oldest memory of an answer, or counts",
    ),
    Mutant(
        {"kind": "empty_answer", "route": "POST /api/v1/sessions/{id}/context"},
        "a context is empty",
        "reads a session's context and looks for what was stored",
    ),
    Mutant(
        {"kind": "empty_answer", "route": "POST /api/v1/search"},
        "a search finds nothing",
        "searches for a text that was stored",
    ),
)


def chosen_mutants(faults: Iterable[str]) -> list[Mutant]:
    """The mutants of these kinds, and those spelled with options; all where nothing is asked for.

    They come in the order of the table, and those that are not in it last.

    Raises:
        UnknownName: no such kind, option or value; UsageError: it is no fault of memories, or lacks an option.
    """
    wanted = list(dict.fromkeys(faults))
    kinds = [text for text in wanted if "," not in text]
    for kind in kinds:
        if kind not in KINDS or KINDS[kind].strikes == "route":
            _refuse(kind)
    own = [_own(text) for text in wanted if text not in kinds]
    names = [mutant.name for mutant in own]
    found = [one for one in MUTANTS if not wanted or one.fault["kind"] in kinds or one.name in names]
    of_table = {one.name for one in MUTANTS}
    return [*found, *(one for one in own if one.name not in of_table)]


def _own(text: str) -> Mutant:
    fault = read_fault(text)
    if World().faults.add(**fault).strikes == "route":
        _refuse(fault["kind"])
    return Mutant(fault, KINDS[fault["kind"]].meaning, f"looks at what a {fault['kind']} changes")


def _refuse(kind: str) -> None:
    of_memory = [name for name, one in KINDS.items() if one.strikes != "route"]
    if kind not in KINDS:
        raise UnknownName("kind of fault of memories", kind, of_memory)
    raise UsageError(
        f"the fault {kind!r} strikes requests, and memories stay as they are. Expected a fault of memories: "
        f"{listed(of_memory)}.\nWhat becomes of a program whose requests fail, say with world.faults in its own tests."
    )
