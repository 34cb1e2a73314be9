"""Outcomes as a table, as differences to read, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..wire import Request, Response
from .matching import Difference
from .runner import Left, Outcome

__all__ = ["as_json", "difference_lines", "skipped_lines", "table_lines"]

STATES = ("passed", "differing", "skipped")
_MOST_SHOWN = 2_000
_STYLES = {"passed": "green", "differing": "bold red", "skipped": "yellow"}

# A line and its style.
Line = tuple[str, str]


def table_lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """One row for each section, and the sum."""
    rows = [*_rows(outcomes), _row("all", outcomes)]
    width = max(len("section"), *(len(row[0]) for row in rows)) + 2
    yield "section".ljust(width) + "vectors  passed  differing  skipped", "bold"
    for name, vectors, passed, differing, skipped in rows:
        text = f"{name.ljust(width)}{vectors:>7}{passed:>8}{differing:>11}{skipped:>9}"
        yield text, _STYLES["differing"] if differing else ""


def difference_lines(outcome: Outcome, key: str) -> Iterator[Line]:
    """A differing vector: its fact, the exchange without the key, and where it is not as expected."""
    yield f"{outcome.vector.id}: {outcome.vector.fact}", "bold"
    for line in _exchange(outcome):
        yield ("    " + _printable(line.replace(key, "{key}"))).rstrip(), ""
    yield "", ""
    if outcome.reason:
        yield f"    {_printable(outcome.reason)}", "red"
    for place, expected, found in outcome.differences:
        yield "    - " + _printable(_cut(f"{place}: {expected}")), "green"
        yield "    + " + _printable(_cut(f"{place}: {found}".replace(key, "{key}"))), "red"


def skipped_lines(outcomes: Iterable[Outcome]) -> Iterator[Line]:
    """Why vectors were skipped, and which."""
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.state == "skipped":
            reasons.setdefault(outcome.reason, []).append(outcome.vector.id)
    for reason, ids in reasons.items():
        yield f"skipped because {reason}:", _STYLES["skipped"]
        for vector_id in ids:
            yield f"    {vector_id}", ""


def as_json(outcomes: Sequence[Outcome], url: str, dialect: str, key: str, left: Left) -> dict[str, Any]:
    """Everything as plain JSON; the key is left out."""
    names = ("section", "vectors", *STATES)
    return {
        "format": "fakememtrace-conformance",
        "version": 1,
        "url": url,
        "dialect": dialect,
        "sections": [dict(zip(names, row, strict=True)) for row in _rows(outcomes)],
        "vectors": [_plain(outcome, key) for outcome in outcomes],
        "left": {"deleted": left.deleted, "kept": left.kept},
    }


def _rows(outcomes: Sequence[Outcome]) -> list[tuple[str, int, int, int, int]]:
    sections = dict.fromkeys(outcome.vector.section for outcome in outcomes)
    return [_row(name, [outcome for outcome in outcomes if outcome.vector.section == name]) for name in sections]


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, int, int, int, int]:
    counts = Counter(outcome.state for outcome in outcomes)
    passed, differing, skipped = (counts[state] for state in STATES)
    return name, len(outcomes), passed, differing, skipped


def _exchange(outcome: Outcome) -> Iterator[str]:
    if outcome.request is not None:
        yield from _request(outcome.request)
    if outcome.response is not None:
        yield ""
        yield from _response(outcome.response)


def _request(request: Request) -> Iterator[str]:
    yield f"{request.method} {request.path}" + (f"?{request.query}" if request.query else "")
    yield from (f"{name}: {value}" for name, value in request.headers.items())
    if request.body:
        yield _body(request.body)


def _response(response: Response) -> Iterator[str]:
    yield str(response.status)
    yield from (f"{name}: {value}" for name, value in response.headers)
    if response.body:
        yield _body(response.body)


def _body(body: bytes) -> str:
    return _cut(body.decode("utf-8", "replace").rstrip())


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"


def _printable(text: str) -> str:
    """Control characters as escapes: an answer is not to steer the terminal it is shown on."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _plain(outcome: Outcome, key: str) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": outcome.vector.id, "fact": outcome.vector.fact, "state": outcome.state}
    if outcome.reason:
        plain["reason"] = outcome.reason
    if outcome.state == "differing":
        plain["exchange"] = [line.replace(key, "{key}") for line in _exchange(outcome)]
        plain["differences"] = [_difference(difference, key) for difference in outcome.differences]
    return plain


def _difference(difference: Difference, key: str) -> dict[str, str]:
    return {name: value.replace(key, "{key}") for name, value in difference._asdict().items()}
