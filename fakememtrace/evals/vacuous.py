"""When a value says nothing: nothing was there that could have come back, or leaked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .actor import Actor
from .case import Probe
from .outcome import Finding

__all__ = ["silence", "vacuity"]

_OF_FACTS = ("recall", "facts", "attributed", "intact", "sections")


def vacuity(actor: Actor, probe: Probe, value: Any) -> str:
    """Why `value` says nothing; empty where it says something."""
    wanted = [actor.case.facts[id_] for id_ in probe.wants]
    kept = [fact for fact in wanted if actor.sources(fact)]
    if probe.measure == "leaks":
        if len(kept) < len(wanted):
            return "what must not come back is not stored at all"
        return ""
    if probe.measure in _OF_FACTS and not _is_something(value) and not kept:
        return "nothing that is looked for is stored, so that it does not come back says nothing"
    return ""


def silence(findings: Iterable[Finding]) -> str:
    """Why findings of no leak say nothing: no read returned anything anywhere; empty where one did."""
    leaks = [finding for finding in findings if finding.measure == "leaks"]
    if leaks and not any(_is_something(finding.returned) for finding in leaks):
        return "vacuous: no read returned anything anywhere, so nothing could leak"
    return ""


def _is_something(value: Any) -> bool:
    if isinstance(value, list):
        return any(one != "nowhere" for one in value)
    return bool(value)
