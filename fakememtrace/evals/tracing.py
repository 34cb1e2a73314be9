"""How far a fact came: the stages between what was said and what was answered, and where it got lost."""

from __future__ import annotations

from collections.abc import Iterable

from ..clock import rfc3339
from ..memory.records import Memory
from .actor import Actor, Attempt
from .case import Fact, Probe
from .outcome import Trace
from .probes import Reading, Shown
from .wanted import fit, selections

__all__ = ["OF_CLAUDE", "OF_MEMORY", "STAGES", "traced"]

# The stages in their order, and how they are called.
STAGES = {
    "said": "said",
    "stored": "stored",
    "window": "inside the window",
    "limit": "inside the limit",
    "matched": "matched",
    "rendered": "rendered",
    "request": "in the request",
    "answer": "in the answer",
}
OF_MEMORY = tuple(STAGES)[:6]
OF_CLAUDE = tuple(STAGES)
_ORDER = {stage: number for number, stage in enumerate(STAGES)}
_LONGEST = 60


def traced(actor: Actor, probe: Probe, fact: Fact, read: Reading, variant: str) -> Trace:
    """The trace of `fact` in the answer to one read of Memtrace."""
    lost, why = _lost(actor, fact, read)
    return Trace(probe.name, fact.id, fact.text, OF_MEMORY, lost, why, variant)


def _lost(actor: Actor, fact: Fact, read: Reading) -> tuple[str, str]:
    shown = read.shows(fact, actor)
    if shown is not None:
        return "", f"shown as {_short(shown.text)}"
    sources = actor.sources(fact)
    if not sources:
        return "stored", _not_stored(actor, fact, actor.attempts[fact.id])
    late = _late(actor, sources, read.at)
    if late:
        return "stored", late
    for row in sources:
        part = next((one for one in read.rows if _is_of(one, row)), None)
        if part is not None:
            return "rendered", f"{_named(row)} is shown only up to {_end(part.content)}"
    return _kept_out(actor, sources, read)


def _not_stored(actor: Actor, fact: Fact, attempts: list[Attempt]) -> str:
    if not attempts:
        return f"nothing was sent to be stored that has {_short(fact.text)}"
    last = attempts[-1]
    if last.rows:
        return f"{_named(last.rows[-1])} is stored, and has not all of it"
    same = _first_of(actor, last)
    if same is not None:
        return f"{last.error or 'left out'}: {_named(same)} has the same dedup key"
    return f"answered {last.status}{' ' + last.error if last.error else ''}, and no memory is in the store"


def _first_of(actor: Actor, attempt: Attempt) -> Memory | None:
    """The memory of which an attempt to store was taken for a duplicate."""
    if not attempt.error:
        return None
    rows = (row for org in actor.world.memory.tenants.orgs() for row in org.memories())
    return next((row for row in rows if row.dedup_key == attempt.dedup_key and row.time < attempt.at), None)


def _late(actor: Actor, sources: Iterable[Memory], at: int) -> str:
    """Why none of the rows is found yet; empty when one is."""
    words = ""
    for row in sources:
        until = actor.world.memory.tenants.org(row.org_id).late_until.get(row.memory_id, 0)
        if until <= at:
            return ""
        words = f"{_named(row)} is found only from {rfc3339(until)} on"
    return words


def _kept_out(actor: Actor, sources: list[Memory], read: Reading) -> tuple[str, str]:
    """The furthest that any of the rows came in any part of what was asked for."""
    org, asked = actor.org(read.question.org), selections(actor, read.question, read.at)
    fits = [(fit(org, row, wanted), row) for row in sources for wanted in asked]
    if not fits:
        words = f"the read was answered {read.status}" if read.status >= 400 else "it is not what was asked for"
        return "matched", f"{_named(sources[-1])}: {words}"
    best, row = max(fits, key=lambda pair: _ORDER[pair[0].lost or "rendered"])
    if best.lost:
        return best.lost, f"{_named(row)}: {best.why}"
    return _not_shown(row, read)


def _not_shown(row: Memory, read: Reading) -> tuple[str, str]:
    if read.question.read == "chain":
        return "matched", f"{_named(row)}: no parent_id leads to it"
    if read.question.parameters.get("max_tokens"):
        return "limit", f"{_named(row)}: dropped for max_tokens = {read.question.parameters['max_tokens']}"
    return "rendered", f"{_named(row)} fits what was asked for, and the answer does not show it"


def _is_of(shown: Shown, row: Memory) -> bool:
    return shown.org in ("", row.org_id) and bool(shown.time) and shown.time == row.shown_time


def _named(row: Memory) -> str:
    return f"the memory of {row.shown_time} ({_short(row.content)})"


def _end(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else "..." + text[3 - _LONGEST :])


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")
