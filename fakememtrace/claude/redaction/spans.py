"""Where secrets stand in a text, and the text without them."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from .kinds import KNOWN, NAMED, Kind

__all__ = ["Span", "find", "numbered", "possible", "replaced"]

_STAND_IN = re.compile(f"<(?:{'|'.join(sorted({kind.name for kind in KNOWN} | {NAMED}))})(?:-[0-9]+)*>")


class Span(NamedTuple):
    """A secret of that kind, from `start` to before `end`."""

    start: int
    end: int
    kind: str


def possible(value: Any, kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Those of the kinds that may be in the JSON value `value`; most often none is."""
    # One text of all there is: it is made and searched much faster than each text is looked at.
    text = json.dumps(value)
    return tuple(kind for kind in kinds if kind.may_be_in(text))


def find(text: str, kinds: Iterable[Kind], name: str = "") -> list[Span]:
    """The secrets in `text`, in order and apart from each other; none is in a stand-in.

    `name` is what the text is the value of: a random word is a secret when it is called a password.
    """
    spans = _matches(text, kinds, f"{name}: " if name else "")
    if len(spans) > 1:
        spans = _apart(spans)
    return _outside(spans, text) if spans and "<" in text else spans


def replaced(text: str, spans: Sequence[Span]) -> str:
    """`text` with a stand-in for each span."""
    pieces, end = [], 0
    for span in spans:
        pieces += [text[end : span.start], f"<{span.kind}>"]
        end = span.end
    return "".join([*pieces, text[end:]])


def numbered(text: str, number: int) -> str:
    """`text` with the number in its last stand-in: ``<cookie-2>``."""
    *_, last = _STAND_IN.finditer(text)
    return f"{text[: last.end() - 1]}-{number}{text[last.end() - 1 :]}"


def _matches(text: str, kinds: Iterable[Kind], prefix: str) -> list[Span]:
    told = prefix + text
    spans = []
    for kind in kinds:
        # What the user wants to be found is found in the text as it is.
        within, shift, group = (text, 0, 0) if kind.name == NAMED else (told, len(prefix), 1)
        if not kind.may_be_in(within):
            continue
        for match in kind.pattern.finditer(within):
            start, end = max(match.start(group) - shift, 0), match.end(group) - shift
            if start < end and kind.accepts(match[group]):
                spans.append(Span(start, end, kind.name))
    return spans


def _apart(spans: list[Span]) -> list[Span]:
    """Spans that overlap become one, of the kind of the first (of those, the longest), so that no part is left."""
    apart: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


def _outside(spans: list[Span], text: str) -> list[Span]:
    """The parts of the spans that are in no stand-in: a pattern of the user's may well match one."""
    stand_ins = [match.span() for match in _STAND_IN.finditer(text)]
    ends = [end for _, end in stand_ins]
    return [part for span in spans for part in _parts(span, stand_ins[bisect_right(ends, span.start) :])]


def _parts(span: Span, stand_ins: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """The parts of `span` between the stand-ins, of which the first ends after the span's start."""
    start = span.start
    for first, end in takewhile(lambda stand_in: stand_in[0] < span.end, stand_ins):
        if start < first:
            yield Span(start, first, span.kind)
        start = end
    if start < span.end:
        yield Span(start, span.end, span.kind)
