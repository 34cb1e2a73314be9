"""Outcomes as a table, as differences to read, and as JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import listed
from ..wire import Request, Response
from .matching import Difference
from .runner import Left, Outcome
from .vector import ALONE, CONTROLLED, NEEDS, Vector

__all__ = ["as_json", "difference_lines", "hiding", "skipped_lines", "table_lines"]

STATES = ("passed", "differing", "skipped")
_MOST_SHOWN = 2_000
_STYLES = {"passed": "green", "differing": "bold red", "skipped": "yellow"}

# A line and its style.
Line = tuple[str, str]
_Hide = Callable[[str], str]


def hiding(keys: Mapping[str, str]) -> _Hide:
    """What puts ``{name}`` in the place of every key in a text; `keys` are name -> key, none of them empty."""
    names: dict[str, str] = {}
    for name, key in keys.items():
        names.setdefault(key, f"{{{name}}}")
    # Of two keys, one of which begins with the other, no end is to be left over.
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def table_lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """One row for each section, and the sum."""
    rows = [*_rows(outcomes), _row("all", outcomes)]
    width = max(len("section"), *(len(row[0]) for row in rows)) + 2
    yield "section".ljust(width) + "vectors  passed  differing  skipped", "bold"
    for name, vectors, passed, differing, skipped in rows:
        text = f"{name.ljust(width)}{vectors:>7}{passed:>8}{differing:>11}{skipped:>9}"
        yield text, _STYLES["differing"] if differing else ""


def difference_lines(outcome: Outcome, hide: _Hide) -> Iterator[Line]:
    """A differing vector: its fact, the exchange without the keys, and where it is not as expected."""
    yield f"{outcome.vector.id}: {outcome.vector.fact}", "bold"
    for line in _exchange(outcome, hide):
        yield ("    " + _printable(line)).rstrip(), ""
    yield "", ""
    if outcome.reason:
        yield f"    {_printable(hide(outcome.reason))}", "red"
    for place, expected, found in outcome.differences:
        yield "    - " + _printable(_cut(hide(f"{place}: {expected}"))), "green"
        yield "    + " + _printable(_cut(hide(f"{place}: {found}"))), "red"


def skipped_lines(outcomes: Iterable[Outcome], lacks: Callable[[Vector], Iterable[str]]) -> Iterator[Line]:
    """Why vectors were skipped, which, and how what the run `lacks` for them can be given."""
    reasons: dict[str, list[Vector]] = {}
    for outcome in outcomes:
        if outcome.state == "skipped":
            reasons.setdefault(outcome.reason, []).append(outcome.vector)
    for reason, vectors in reasons.items():
        yield f"skipped because {reason}:", _STYLES["skipped"]
        for vector in vectors:
            yield f"    {vector.id}", ""
        ways = dict.fromkeys(_way(need) for need in lacks(vectors[0]))
        yield f"give it with {listed(ways)}", _STYLES["skipped"]


def as_json(outcomes: Sequence[Outcome], url: str, dialect: str, hide: _Hide, left: Left) -> dict[str, Any]:
    """Everything as plain JSON; the keys are left out."""
    names = ("section", "vectors", *STATES)
    return {
        "format": "fakememtrace-conformance",
        "version": 1,
        "url": url,
        "dialect": dialect,
        "sections": [dict(zip(names, row, strict=True)) for row in _rows(outcomes)],
        "vectors": [_plain(outcome, hide) for outcome in outcomes],
        "left": {"deleted": left.deleted, "kept": left.kept},
    }


def _rows(outcomes: Sequence[Outcome]) -> list[tuple[str, int, int, int, int]]:
    sections = dict.fromkeys(outcome.vector.section for outcome in outcomes)
    return [_row(name, [outcome for outcome in outcomes if outcome.vector.section == name]) for name in sections]


def _row(name: str, outcomes: Sequence[Outcome]) -> tuple[str, int, int, int, int]:
    counts = Counter(outcome.state for outcome in outcomes)
    passed, differing, skipped = (counts[state] for state in STATES)
    return name, len(outcomes), passed, differing, skipped


def _way(need: str) -> str:
    if need in CONTROLLED:
        return "--control (for a `fakememtrace serve --control`)"
    if need in ALONE:
        return f"--given {need} (and these names alone)"
    return f"--given {need}=KEY" if NEEDS[need].variables else f"--given {need}"


def _exchange(outcome: Outcome, hide: _Hide) -> Iterator[str]:
    """Its lines; a key that a cut would break is hidden before."""
    if outcome.request is not None:
        yield from (_cut(hide(line)) for line in _request(outcome.request))
    if outcome.response is not None:
        yield ""
        yield from (_cut(hide(line)) for line in _response(outcome.response))


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
    return body.decode("utf-8", "replace").rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"


def _printable(text: str) -> str:
    """Control characters as escapes: an answer is not to steer the terminal it is shown on."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _plain(outcome: Outcome, hide: _Hide) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": outcome.vector.id, "fact": outcome.vector.fact, "state": outcome.state}
    if outcome.reason:
        plain["reason"] = hide(outcome.reason)
    if outcome.state == "differing":
        plain["exchange"] = list(_exchange(outcome, hide))
        plain["differences"] = [_difference(difference, hide) for difference in outcome.differences]
    return plain


def _difference(difference: Difference, hide: _Hide) -> dict[str, str]:
    return {name: hide(value) for name, value in difference._asdict().items()}
