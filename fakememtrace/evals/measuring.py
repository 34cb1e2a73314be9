"""What can be measured in the answer to a read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .actor import Actor
from .case import Fact, Probe
from .probes import Reading, Shown

__all__ = ["MEASURED", "measured", "tokens_in"]

_CHARACTERS_PER_TOKEN = 4


def measured(actor: Actor, probe: Probe, read: Reading) -> Any:
    """The value of what the probe measures."""
    return MEASURED[probe.measure](actor, probe, read)


def tokens_in(text: str) -> int:
    """About how many tokens a text is: four characters are one."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _wanted(actor: Actor, probe: Probe) -> list[Fact]:
    return [actor.case.facts[id_] for id_ in probe.wants]


def share(found: int, of: int) -> float:
    """`found` of so many, to four digits."""
    return round(found / of, 4) if of else 0.0


def _recall(actor: Actor, probe: Probe, read: Reading) -> float:
    wanted = _wanted(actor, probe)
    return share(sum(read.shows(fact, actor) is not None for fact in wanted), len(wanted))


def _facts(actor: Actor, probe: Probe, read: Reading) -> list[str]:
    wanted = _wanted(actor, probe)
    return [fact.id for row in read.rows for fact in wanted if _shows(row, fact, actor, read)]


def _shows(row: Shown, fact: Fact, actor: Actor, read: Reading) -> bool:
    return read._replace(rows=(row,)).shows(fact, actor) is not None


def _count(_actor: Actor, _probe: Probe, read: Reading) -> int:
    return read.counted


def _status(_actor: Actor, _probe: Probe, read: Reading) -> int:
    return read.status


def _leaks(actor: Actor, probe: Probe, read: Reading) -> int:
    """Memories that came of what others said, and all of another org."""
    org, canaries = actor.org(read.question.org).id, _wanted(actor, probe)
    return sum(
        row.org not in ("", org) or any(_shows(row, fact, actor, read) for fact in canaries) for row in read.rows
    )


def _attributed(actor: Actor, probe: Probe, read: Reading) -> float:
    wanted = _wanted(actor, probe)
    return share(sum(_names_speaker(actor, fact, read) for fact in wanted), len(wanted))


def _names_speaker(actor: Actor, fact: Fact, read: Reading) -> bool:
    row = read.shows(fact, actor)
    if row is None:
        return False
    names = [name for source in actor.sources(fact) for name in actor.names_of_agent(source.agent_id)]
    return any(name in row.names or name in row.text for name in names)


def _intact(actor: Actor, probe: Probe, read: Reading) -> float:
    wanted = _wanted(actor, probe)
    return share(sum(_has_all(actor, fact, read) for fact in wanted), len(wanted))


def _has_all(actor: Actor, fact: Fact, read: Reading) -> bool:
    """Whether the memory of a fact is shown with everything that was sent; what is empty need not be."""
    row = read.shows(fact, actor)
    if row is None or not row.fields:
        return False
    sent = next(one.sent for one in actor.attempts[fact.id] if any(row.time == own.shown_time for own in one.rows))
    return all(row.fields.get(name) == value for name, value in sent.items() if value)


def _sections(actor: Actor, probe: Probe, read: Reading) -> list[str]:
    return list(_headings(actor, probe, read))


def _headings(actor: Actor, probe: Probe, read: Reading) -> Iterator[str]:
    for fact in _wanted(actor, probe):
        row = read.shows(fact, actor)
        yield row.heading if row else "nowhere"


def _tokens(_actor: Actor, _probe: Probe, read: Reading) -> int:
    return tokens_in(read.text)


MEASURED: Mapping[str, Callable[[Actor, Probe, Reading], Any]] = {
    "recall": _recall,
    "facts": _facts,
    "count": _count,
    "status": _status,
    "leaks": _leaks,
    "attributed": _attributed,
    "intact": _intact,
    "sections": _sections,
    "tokens": _tokens,
}
