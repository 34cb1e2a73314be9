"""Whether what came back is what a case expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from ...metrics.unscored import Score
from .load import Case

__all__ = ["Kind", "Tiers", "Verdict", "judge"]

# What a case is about: something that search must find; only what is pinned or asked; that nothing comes.
Kind = Literal["active retrieval", "structural", "trivially empty"]


class Tiers(NamedTuple):
    """The keys that came back, by tier."""

    relevant: tuple[str, ...]
    pinned: tuple[str, ...]
    questions: tuple[str, ...]


class Verdict(NamedTuple):
    """What became of a case.  ``precision`` and ``recall`` are the benchmark's own, unscored where those are null."""

    conversation: str
    category: str
    question: str
    variant: str
    kind: Kind
    failures: tuple[str, ...]
    precision: Score
    recall: Score
    returned: int
    unmapped: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @property
    def key(self) -> str:
        """What this item is called in every run."""
        return f"{self.question} · {self.variant}"

    @property
    def values(self) -> Mapping[str, float | None]:
        """Its scores by name."""
        return {
            "passed": float(self.passed),
            "precision": self.precision,
            "recall": self.recall,
            "returned": float(self.returned),
        }


def judge(case: Case, found: Tiers, pinned_in_seed: frozenset[str], variant: str) -> Verdict:
    """The verdict on `case`; `pinned_in_seed` are the beliefs that no search needs to find."""
    gold, hits = _gold(case, pinned_in_seed), set(found.relevant)
    if case.session:
        # A turn counts what is pinned as found, and says nothing of precision where nothing came.
        right = len(gold & (hits | set(found.pinned)))
        precision = right / len(hits) if hits else None
    else:
        right = len(gold & hits)
        precision = (right / len(hits) if hits else 0.0) if hits or gold else None
    recall = right / len(gold) if gold else None
    failures = tuple(_failures(case, found))
    kind = _kind(case, precision)
    returned = len(found.relevant)
    name = case.session or case.name
    return Verdict(name, case.category, case.name, variant, kind, failures, precision, recall, returned, case.unmapped)


def _gold(case: Case, pinned_in_seed: frozenset[str]) -> set[str]:
    wanted = case.expected.get("relevantBeliefs", {})
    if "shouldOnlyInclude" in wanted:
        return set(wanted["shouldOnlyInclude"])
    gold = set(wanted.get("mustInclude", ()))
    return gold if case.session else gold - pinned_in_seed


def _kind(case: Case, precision: Score) -> Kind:
    if precision is not None:
        return "active retrieval"
    told = [case.expected.get(tier, {}) for tier in ("pinnedFacts", "openQuestions")]
    return "structural" if any(keys for lists in told for keys in lists.values()) else "trivially empty"


def _failures(case: Case, found: Tiers) -> Iterator[str]:
    relevant = case.expected.get("relevantBeliefs", {})
    either = {*found.relevant, *found.pinned}
    yield from _missing("a belief", (*relevant.get("mustInclude", ()), *relevant.get("shouldInclude", ())), either)
    yield from _forbidden("a belief", relevant.get("mustExclude", ()), either)
    if "shouldOnlyInclude" in relevant:
        only = relevant["shouldOnlyInclude"]
        yield from _missing("a relevant belief", only, found.relevant)
        yield from _forbidden("a relevant belief", [key for key in found.relevant if key not in only], found.relevant)
    for tier, word, keys in (
        ("pinnedFacts", "a pinned fact", found.pinned),
        ("openQuestions", "an open question", found.questions),
    ):
        lists = case.expected.get(tier, {})
        yield from _missing(word, lists.get("mustInclude", ()), keys)
        yield from _forbidden(word, lists.get("mustExclude", ()), keys)
    yield from _forbidden("noise", case.expected.get("noiseCheck", {}).get("mustNotSurface", ()), either)


def _missing(what: str, wanted: tuple[str, ...], there: tuple[str, ...] | set[str]) -> Iterator[str]:
    yield from (f"{what} is missing: {key}" for key in wanted if key not in there)


def _forbidden(what: str, unwanted: tuple[str, ...] | list[str], there: tuple[str, ...] | set[str]) -> Iterator[str]:
    yield from (f"{what} that must not be there: {key}" for key in unwanted if key in there)
