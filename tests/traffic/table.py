"""What became of the recordings, family by family, as the tables of docs/real-traffic.md."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import anthropic

from fakememtrace import UnexpectedTraffic
from fakememtrace.claude.importing import Outcome, import_recordings

from .decode import FAMILIES, Recorded, family, recorded
from .replay import Verdict, compared, library

__all__ = ["FOLDER", "MISSING", "Checked", "checked", "files", "header", "lines"]

FOLDER = Path(__file__).parents[3] / "shared" / "cassettes"
MISSING = "skipped: the sample of recordings, ../shared/cassettes beside this project, is not there."
_KINDS = ("JSON", "streams", "errors")
_ENDPOINTS = ("count_tokens", "models")


class Checked(NamedTuple):
    """One file of the sample: its entry in the sample's list, what is in it, what the import said, what was replayed.

    ``problem`` is what was asked and not there, or there and not asked; then there are no verdicts.
    """

    entry: dict[str, Any]
    exchanges: list[Recorded]
    outcome: Outcome
    verdicts: list[Verdict]
    problem: str = ""

    @property
    def is_by_value(self) -> bool:
        """Whether every exchange that a cassette can hold came back as it was recorded."""
        held = sum(bool(exchange.endpoint) for exchange in self.exchanges)
        return len(self.verdicts) == held and all(verdict.is_same for verdict in self.verdicts)


def files() -> list[dict[str, Any]]:
    """The sample's own list of its files; nothing where the sample is not there."""
    listed = FOLDER / "MANIFEST.json"
    entries: list[dict[str, Any]] = json.loads(listed.read_text("utf-8"))["files"] if listed.is_file() else []
    return entries


@cache
def checked(name: str) -> Checked:
    """Import the file that the list has as `name`, and replay its cassette."""
    (entry,) = (entry for entry in files() if entry["file"] == name)
    path = FOLDER / name
    exchanges = recorded(path, family(entry["format"])) if family(entry["format"]) else []
    with tempfile.TemporaryDirectory() as scratch:
        (outcome,) = import_recordings([path], scratch)
        if not outcome.cassette:
            return Checked(entry, exchanges, outcome, [])
        try:
            return Checked(entry, exchanges, outcome, compared(exchanges, outcome.cassette))
        except UnexpectedTraffic as problem:
            return Checked(entry, exchanges, outcome, [], str(problem))


def header() -> str:
    """What was replayed through."""
    return f"anthropic {anthropic.__version__} on {library().__name__}, its sync and its async client"


def lines(all_checked: Sequence[Checked]) -> Iterator[str]:
    """The tables."""
    yield from _table(
        ("family", "files", "exchanges", "on /v1/messages", "imported", *_KINDS, *_ENDPOINTS, "redacted"),
        (_row(name, [one for one in all_checked if family(one.entry["format"]) == name]) for name in FAMILIES.values()),
    )
    yield ""
    yield from _table(("family", "left, and why", "exchanges"), _left(all_checked))
    yield ""
    yield from _table(("not read", "files", "what the import calls it"), _refused(all_checked))


def _row(name: str, of: Sequence[Checked]) -> tuple[str, ...]:
    exchanges = [exchange for one in of for exchange in one.exchanges]
    on_messages = [exchange for exchange in exchanges if exchange.endpoint == "messages"]
    same = [verdict.recorded for one in of for verdict in one.verdicts if verdict.is_same]
    return (
        name,
        str(len(of)),
        str(len(exchanges)),
        str(len(on_messages)),
        str(sum(len(one.outcome.interactions) for one in of)),
        *(_of(same, exchanges, "messages", kind) for kind in _KINDS),
        *(_of(same, exchanges, endpoint) for endpoint in _ENDPOINTS),
        str(sum(one.outcome.redacted for one in of)),
    )


def _of(same: Iterable[Recorded], all_: Iterable[Recorded], endpoint: str, kind: str = "") -> str:
    """How many of those were the same."""
    counts = [
        sum(one.endpoint == endpoint and kind in ("", one.kind) for one in exchanges) for exchanges in (same, all_)
    ]
    return "{} of {}".format(*counts) if counts[1] else "-"


def _left(all_checked: Iterable[Checked]) -> list[tuple[str, ...]]:
    counts: Counter[tuple[str, str]] = Counter()
    for one in all_checked:
        for reason, count in one.outcome.left.items():
            counts[one.outcome.format, reason] += count
    return [(name, reason, str(count)) for (name, reason), count in sorted(counts.items())]


def _refused(all_checked: Iterable[Checked]) -> list[tuple[str, ...]]:
    counts: Counter[tuple[str, str]] = Counter()
    for one in all_checked:
        if not family(one.entry["format"]):
            (problem,) = one.outcome.problems
            counts[one.entry["format"], problem.problem] += 1
    return [(name, str(count), said) for (name, said), count in sorted(counts.items())]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
