"""The requests to Claude of two sides, and in what they differ."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..claude.matching.normal import normalised
from ..claude.missing.lines import diff
from .explaining import Effect
from .result import DIFFERS, SAME, Answer, Finding, Row
from .showing import Showing, leaves
from .side import EMPTY, Asked, Call

__all__ = ["Differing", "Request", "Requests"]

_MOST = 12
# The calls that change what later ones show.
_WRITES = ("POST /api/v1/agents", "POST /api/v1/memories", "POST /api/v1/sessions")


class Request:
    """One request to Claude on both sides, or on one of them only."""

    def __init__(self, first: Asked | None, second: Asked | None) -> None:
        self.first, self.second = first, second
        self.run = (first or second or _NOBODY).run
        self.place = (first or second or _NOBODY).place
        self._forms = [None if one is None else normalised(one.body) for one in (first, second)]

    @property
    def is_same(self) -> bool:
        """Whether both sides ask the same."""
        return self._forms[0] == self._forms[1]

    @property
    def texts(self) -> tuple[str, str]:
        """All that the model reads on each side."""
        first, second = ("\n".join(leaves(form)) for form in self._forms)
        return first, second

    @property
    def lines(self) -> tuple[list[str], list[str]]:
        """What is to be shown of each side."""
        first, second = (form or {} for form in self._forms)
        return list(_lines(first, second)), list(_lines(second, first))


_NOBODY = Asked(0, 0, 0, {}, EMPTY, "", 0, "")


class Differing(NamedTuple):
    """A call of Memtrace of the first side, and what is shown by its answers on both."""

    call: Call
    shown: tuple[Showing, Showing]


class Requests:
    """All of them, in their order."""

    def __init__(self, pairs: Sequence[tuple[Asked | None, Asked | None]]) -> None:
        self._all = [Request(*pair) for pair in pairs]

    def after(self, call: Call) -> list[Request]:
        """Those of the same run that came after a call of the first side, and are on both sides."""
        return [
            request for request in self._all if request.first and request.second and _is_before(call, request.first)
        ]

    def touched_by(self, differing: Sequence[Differing]) -> dict[int, list[Request]]:
        """The requests that show what only one of two answers has, by the number of the call that is so answered.

        What several calls before a request have is the latest one's.
        """
        found: defaultdict[int, list[Request]] = defaultdict(list)
        for request in self._all:
            claimed: set[tuple[str, str]] = set()
            for call, shown in reversed(differing):
                if request.first and request.second and _is_before(call, request.first):
                    pieces = Effect([request.texts]).pieces(*shown)
                    if pieces - claimed:
                        found[call.number].append(request)
                    claimed |= pieces
        return found

    def first_changed_after(self, first: Call | None, second: Call | None) -> list[Request]:
        """The first request after a call, of one side or of both, that is not the same, and is in its run."""
        for request in self._all:
            pairs = ((request.first, first), (request.second, second))
            if not request.is_same and any(asked and call and _is_before(call, asked) for asked, call in pairs):
                return [request]
        return []

    def rows(self, findings: Sequence[Finding], first: str, second: str) -> list[Row]:
        """What became of each; `first` and `second` are how the sides are called."""
        rows: list[Row] = []
        shown: dict[int, set[str]] = {}
        for request in self._all:
            numbers = [
                number
                for number, finding in enumerate(findings, 1)
                if any(place.run == request.run and request.place in place.requests for place in finding.places)
            ]
            rows.append(self._row(request, numbers, findings, (first, second), shown.setdefault(request.run, set())))
        return rows

    def _row(
        self,
        request: Request,
        numbers: list[int],
        findings: Sequence[Finding],
        names: tuple[str, str],
        shown: set[str],
    ) -> Row:
        one, other = request.first or _NOBODY, request.second or _NOBODY
        state = SAME if request.is_same else DIFFERS
        if not (request.first and request.second):
            state = f"only on {names[0] if request.first else names[1]}"
        differs = state == DIFFERS
        why = self._why(request, findings) if state != SAME and not numbers else ""
        lines = _new_lines(request, shown) if differs else []
        return Row(
            request.run,
            *(one.place, other.place, state, (_answer(request.first), _answer(request.second))),
            findings=numbers if differs else [],
            why=why,
            lines=lines,
        )

    def _why(self, request: Request, findings: Sequence[Finding]) -> str:
        """The reason of a request that no answer of Memtrace explains by itself."""
        for earlier in self._all:
            if earlier is request or earlier.run > request.run:
                break
            one, other = earlier.first, earlier.second
            if one and other and one.answer != other.answer:
                place = f"request {one.place} of run {one.run}"
                return f"Claude's answer to {place} is another one in {other.cassette or 'the other cassette'}"
        writes = [
            str(number)
            for number, finding in enumerate(findings, 1)
            if any(place.asked in _WRITES and place.run <= request.run for place in finding.places)
        ]
        if writes:
            return f"what was stored before is not the same: see {', '.join(writes)}"
        return "no text that Memtrace answered differently stands in it; look at what the program does before it"


def _is_before(call: Call, asked: Asked) -> bool:
    return call.run == asked.run and call.number < asked.number


def _new_lines(request: Request, shown: set[str]) -> list[str]:
    """What changed, but for a request that only repeats what was shown of an earlier one in its run."""
    one, other = request.lines
    changed = {f"- {line}" for line in {*one} - {*other}} | {f"+ {line}" for line in {*other} - {*one}}
    if changed <= shown:
        return []
    left = [line for line in one if f"- {line}" not in shown], [line for line in other if f"+ {line}" not in shown]
    shown |= changed
    lines, _ = diff(*left, _MOST)
    return lines


def _answer(asked: Asked | None) -> Answer:
    return Answer(asked.answered, asked.cassette, asked.interaction) if asked else Answer()


def _lines(form: dict[str, Any], beside: dict[str, Any]) -> Iterator[str]:
    """What is said, line by line, and the parameters that are not as in the form `beside`."""
    for block in form.get("system") or ():
        yield from _block("system", block)
    for message in form.get("messages") or ():
        if isinstance(message, dict):
            for block in message.get("content") or ():
                yield from _block(str(message.get("role")), block)
    for key in sorted(form.keys() - {"system", "messages"}):
        if form[key] != beside.get(key):
            yield f"{key}: {json.dumps(form[key], sort_keys=True)}"


def _block(who: str, block: Any) -> Iterator[str]:
    if isinstance(block, dict) and block.get("type") == "text":
        text = str(block.get("text"))
    elif isinstance(block, dict) and block.get("type") == "tool_result":
        who, text = "tool", "\n".join(_texts(block.get("content")))
    else:
        text = json.dumps(block, ensure_ascii=False, sort_keys=True)
    yield from (f"{who}: {line}".rstrip() for line in text.splitlines())


def _texts(content: Any) -> Iterator[str]:
    for block in content if isinstance(content, list) else [content]:
        text = block.get("text") if isinstance(block, dict) else block
        yield text if isinstance(text, str) else json.dumps(block, ensure_ascii=False, sort_keys=True)
