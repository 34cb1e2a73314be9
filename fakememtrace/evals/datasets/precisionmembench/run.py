"""The beliefs stored, and every case probed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, zip_longest
from typing import NamedTuple

from ....clock import duration
from ....memory.dialect import Dialect
from ...metrics.unscored import Mean, mean
from ...retrieval.plans import SUBSTRING, plan
from ...retrieval.reader import MOST, Reader
from ..history import History
from ..storing import store, write
from .judging import Kind, Tiers, Verdict, judge
from .load import Case, Suite, load, scope_tag

__all__ = ["Judged", "run"]

_LATER = duration("1h")
_MOST_QUESTIONS = 15
_QUESTION, _RELATION = "open_question", "relation"


class Judged(NamedTuple):
    """The verdict on every case, and the digest of the data."""

    dataset: str
    digest: str
    items: tuple[Verdict, ...]

    def passes(self) -> dict[Kind, tuple[int, int]]:
        """By what they are about: how many cases passed, of how many."""
        kinds: tuple[Kind, ...] = ("active retrieval", "structural", "trivially empty")
        of = {kind: [item for item in self.items if item.kind == kind] for kind in kinds}
        return {kind: (sum(item.passed for item in items), len(items)) for kind, items in of.items()}

    def mean(self, value: str) -> Mean:
        """The mean of ``precision``, ``recall``, ``passed`` or ``returned``."""
        return mean(item.values[value] for item in self.items)


def run(path: str | os.PathLike[str], name: str = SUBSTRING, dialect: str = "0.2.0") -> Judged:
    """Every case of the benchmark in the folder `path`, by the plan `name`.

    Raises:
        DataError: the benchmark is missing or broken.
        UnknownName: no such plan, or no such dialect.
    """
    plan(name)
    suite = load(path)
    probe = _Probe(suite, name, Dialect(dialect))
    return Judged("precisionmembench", suite.digest, tuple(map(probe.verdict, suite.cases)))


class _Probe:
    """The stores of all users, and how they are asked: as the benchmark's own adapter asks."""

    def __init__(self, suite: Suite, name: str, dialect: Dialect) -> None:
        self._plan, self._variant = plan(name), f"{name}, {dialect.name}"
        self._beliefs = {belief.entry.key: belief for belief in suite.beliefs}
        users = dict.fromkeys([*(belief.user for belief in suite.beliefs), *(case.user for case in suite.cases)])
        self._stores = {user: store(_history(user, suite), dialect) for user in users}

    def verdict(self, case: Case) -> Verdict:
        """What becomes of `case`; what it creates is stored afterwards."""
        found = self._found(case)
        pinned = frozenset(key for key, belief in self._beliefs.items() if "pinned" in belief.entry.tags)
        verdict = judge(case, found, pinned, self._variant)
        if case.creates:
            self._beliefs[case.creates.entry.key] = case.creates
            write(self._stores[case.user].world, case.user, case.creates.entry)
        return verdict

    def _found(self, case: Case) -> Tiers:
        readers = [self._stores[case.user].reader.within(scope_tag(scope)) for scope in case.scopes]
        marked = list(dict.fromkeys(chain.from_iterable(_pinned(reader) for reader in readers)))
        beliefs = {key: self._beliefs[key] for key in marked if key in self._beliefs}
        questions = [key for key, belief in beliefs.items() if belief.kind == _QUESTION]
        facts = [
            key for key, belief in beliefs.items() if belief.kind != _QUESTION and "superseded" not in belief.entry.tags
        ]
        relevant = self._relevant(case, readers, facts)
        left = max(0, case.most - len(facts))
        return Tiers(tuple(relevant[:left]), tuple(facts[: case.most]), tuple(questions[:_MOST_QUESTIONS]))

    def _relevant(self, case: Case, readers: list[Reader], facts: list[str]) -> list[str]:
        """What search finds in each scope, taken in turns, and what the relations among it connect."""
        if not case.query.strip() or not case.most:
            return []
        lists = [[found.key for found in self._plan(reader, case.query, case.most)] for reader in readers]
        turns = (key for keys in zip_longest(*lists) for key in keys if key)
        searched = [key for key in dict.fromkeys(turns) if key not in facts][: case.most]
        there = {found.key for reader in readers for found in reader.newest(MOST)}
        related = (key for name in searched for key in self._connected(name) if key in there and key not in facts)
        return list(dict.fromkeys([*searched, *related]))

    def _connected(self, key: str) -> Iterator[str]:
        if self._beliefs[key].kind == _RELATION:
            yield from (other for other in self._beliefs[key].participants if self._beliefs[other].kind != _QUESTION)


def _pinned(reader: Reader) -> Iterator[str]:
    """Pinned memories of a scope, oldest first, without those that are marked as resolved."""
    resolved = {found.key for found in reader.newest(MOST, tags=("resolved",))}
    yield from (found.key for found in reversed(reader.newest(MOST, tags=("pinned",))) if found.key not in resolved)


def _history(user: str, suite: Suite) -> History:
    entries = sorted((belief.entry for belief in suite.beliefs if belief.user == user), key=lambda entry: entry.at)
    latest = max(belief.entry.at for belief in suite.beliefs)
    return History(user, entries, (), latest + _LATER)
