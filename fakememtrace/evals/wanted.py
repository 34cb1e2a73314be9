"""What a read asks for, as the selections that the store answers with: they tell window, limit and filters apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..clock import rfc3339
from ..memory.context import wanted_in
from ..memory.query import Selection, list_question, matching, search_selection
from ..memory.records import Memory
from ..memory.refusal import Refusal
from ..memory.tenants import Org
from ..memory.timespan import Unreadable
from .actor import Actor
from .probes import Question

__all__ = ["Fit", "fit", "selections"]

_NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Fit:
    """The stage at which a row falls out of a selection, empty when it does not, and why."""

    lost: str
    why: str


def selections(actor: Actor, asked: Question, at: int) -> list[Selection]:
    """What `asked` selects at the time `at` (microseconds since 1970); several where a context has several parts."""
    try:
        return list(_selections(actor, asked, at))
    except Refusal:
        return []


def _selections(actor: Actor, asked: Question, at: int) -> Iterator[Selection]:
    dialect, given = actor.world.memory.dialect, dict(asked.parameters)
    if asked.read == "search":
        yield search_selection(given, at, dialect)
    elif asked.read == "context":
        yield from _of_context(actor, asked, at)
    elif asked.read in ("list", "chain", "agent", "session"):
        if asked.read == "agent":
            given = {"since": "24h", **given, "agent_id": asked.id}
        elif asked.read == "session":
            given["session_id"] = asked.id
        texts = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in given.items()}
        yield list_question(texts, dialect.bad_filter, dialect.limit_over_1000).at(at, dialect)


def _of_context(actor: Actor, asked: Question, at: int) -> Iterator[Selection]:
    dialect, org = actor.world.memory.dialect, actor.org(asked.org)
    wanted = wanted_in(asked.parameters, at, dialect)
    yield wanted._replace(equal={"session_id": asked.id})
    session = org.directory.session(asked.id)
    if dialect.context_scope == "agent" and session is not None:
        before = min(wanted.before, session.created_at) if isinstance(wanted.before, int) else session.created_at
        for name in sorted(actor.names_of_agent(session.agent_id)):
            yield wanted._replace(equal={"agent_id": name}, before=before)


def fit(org: Org, row: Memory, wanted: Selection) -> Fit:
    """Whether `row` is among the memories of `wanted`, and if not, which stage of it keeps it out."""
    if row.org_id != org.id:
        return Fit("matched", f"it belongs to {row.org_id}, and {org.id} asked")
    for bound, is_in in ((wanted.after, _is_after), (wanted.before, _is_before)):
        if isinstance(bound, Unreadable):
            return Fit("window", f"the time cannot be read: {bound}")
        if bound is not None and not is_in(row.time, bound):
            words = "later" if is_in is _is_after else "earlier"
            return Fit("window", f"only what is {words} than {rfc3339(bound)} was asked for")
    whole = list(matching(org.store, wanted._replace(limit=_NO_LIMIT, offset=0)))
    if row not in whole:
        return Fit("matched", _mismatch(row, wanted))
    shown = list(islice(whole, wanted.offset, wanted.offset + wanted.limit))
    if row not in shown:
        return Fit(
            "limit", f"it is number {whole.index(row) + 1} of {len(whole)} that fit, and {len(shown)} were shown"
        )
    return Fit("", "")


def _is_after(time: int, bound: int) -> bool:
    return time > bound


def _is_before(time: int, bound: int) -> bool:
    return time < bound


def _mismatch(row: Memory, wanted: Selection) -> str:
    for field, value in wanted.equal.items():
        if getattr(row, field) != value:
            return f"its {field} is {_shown(getattr(row, field))}, and {_shown(value)} was asked for"
    for field, values in wanted.among.items():
        if getattr(row, field) not in values:
            return f"its {field} is {_shown(getattr(row, field))}, and {_shown(list(values))} was asked for"
    if wanted.text and wanted.text not in row.content:
        return f"it does not contain {_shown(wanted.text)}"
    if wanted.tags:
        return f"its tags are {_shown(row.tags)}, and {_shown(list(wanted.tags))} was asked for"
    return f"its importance is {row.importance:g}"


def _shown(value: Any) -> str:
    return repr(value) if value not in ("", []) else "empty"
