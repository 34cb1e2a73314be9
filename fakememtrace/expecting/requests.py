"""``[[request]]`` and ``requested()``: what a request to Claude held, and what it did not."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ..errors import listed
from .check import Expectation
from .evidence import Asked, Evidence
from .given import Given
from .nearness import likeness, nearest_line, nearest_of
from .values import Matcher, Unfit, matcher

__all__ = ["lines_of", "request"]

_KNOWN = ("run", "number", "any", "every", "in", "contains", "lacks", "matches")
_TEXT_KEYS = frozenset({"content", "text", "thinking"})
_PARTS = ("system", "messages")


class _Wish(NamedTuple):
    """What one request must hold and must not, and in which part of it (empty: in both)."""

    contains: list[str]
    lacks: list[str]
    matches: list[str]
    part: str

    @property
    def words(self) -> str:
        """In words, after what is said of."""
        said = [f"contains {text!r}" for text in self.contains]
        said += [f"matches {text!r}" for text in self.matches] + [f"lacks {text!r}" for text in self.lacks]
        return listed(said) + (f" in its {_called(self.part)}" if self.part else "")

    def wrong(self, asked: Asked) -> list[str]:
        """What is wrong with a request, as lines; nothing where all is as it must be."""
        lines = lines_of(asked.body, self.part)
        whole, found = "\n".join(lines), list[str]()
        for text in self.contains:
            if text not in whole:
                found += _with_nearest(f"{text!r} is not in {self._place}", text, lines)
        for pattern in self.matches:
            if not re.search(pattern, whole):
                found += _with_nearest(f"nothing in {self._place} matches {pattern!r}", pattern, lines)
        for text in self.lacks:
            if text in whole:
                line = next((line for line in lines if text in line), text)
                found.append(f"{text!r} is in {self._place}: {line!r}")
        return found

    def likeness(self, asked: Asked) -> float:
        """How near a request is."""
        lines = lines_of(asked.body, self.part)
        return sum(likeness(text, nearest_of(text, lines) or "") for text in self.contains)

    @property
    def _place(self) -> str:
        return f"its {_called(self.part)}" if self.part else "it"


def request(given: Given) -> Expectation:
    """The expectation that the request with that number, or any, or every one, is like that."""
    given.only(*_KNOWN)
    wish = _Wish(
        given.texts("contains"), given.texts("lacks"), given.texts("matches"), given.one_of("in", _PARTS) or ""
    )
    for pattern in wish.matches:
        _refuse_no_pattern(given, pattern)
    if not (wish.contains or wish.lacks or wish.matches):
        raise given.error("says nothing about the request.", 'Add "contains" or "lacks", lists of texts.')
    said = [key for key in ("number", "any", "every") if key in given.values]
    if len(said) > 1:
        raise given.error(
            f"{said[0]!r} and {said[1]!r} say different things.", "Keep one: which request, any of them, or every one."
        )
    run, number = given.run("run"), given.number("number") or 1
    if given.flag("any"):
        return Expectation(f"any request{_of(run)} {wish.words}", lambda evidence: _none(evidence, run, wish))
    if given.flag("every"):
        return Expectation(f"every request{_of(run)} {wish.words}", lambda evidence: _not_all(evidence, run, wish))
    run = run or 1
    return Expectation(
        f"request {number} of run {run} {wish.words}", lambda evidence: _wrong(evidence.requests_of(run), number, wish)
    )


def lines_of(body: dict[str, Any], part: str = "") -> list[str]:
    """Every line of a request's system prompt and messages, or of one of them; its tools do not change."""
    values = [body.get(name, []) for name in ((part,) if part else _PARTS)]
    return [line for text in _texts(values) for line in text.split("\n")]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [text for key, item in value.items() if key in _TEXT_KEYS for text in _texts(item)]
    return []


def _wrong(requests: list[Asked], number: int, wish: _Wish) -> str:
    if number > len(requests):
        made = "1 request was" if len(requests) == 1 else f"{len(requests)} requests were"
        return f"only {made} made in this run"
    return "\n".join(wish.wrong(requests[number - 1]))


def _none(evidence: Evidence, run: int | None, wish: _Wish) -> str:
    requests = evidence.requests_of(run)
    if not requests:
        return f"no request was made to Claude{_in(run)}"
    if any(not wish.wrong(asked) for asked in requests):
        return ""
    near = max(requests, key=wish.likeness)
    first, *more = wish.wrong(near)
    return "\n".join([f"nearest of {len(requests)}, request {near.place} of run {near.run}: {first}", *more])


def _not_all(evidence: Evidence, run: int | None, wish: _Wish) -> str:
    requests = evidence.requests_of(run)
    if not requests:
        return f"no request was made to Claude{_in(run)}"
    wrong = [(asked, lines) for asked in requests if (lines := wish.wrong(asked))]
    if not wrong:
        return ""
    asked, (first, *more) = wrong[0]
    others = f" ({len(wrong)} of {len(requests)} are wrong)" if len(wrong) > 1 else ""
    return "\n".join([f"request {asked.place} of run {asked.run}{others}: {first}", *more])


def _with_nearest(problem: str, text: str, lines: list[str]) -> list[str]:
    near = nearest_line(text, lines)
    return [f"{problem}; nearest line:", *near] if near else [problem]


def _refuse_no_pattern(given: Given, pattern: str) -> Matcher:
    try:
        return matcher({"matches": pattern})
    except Unfit as unfit:
        raise given.error(unfit.problem, unfit.advice, "matches") from None


def _called(part: str) -> str:
    return "system prompt" if part == "system" else part


def _of(run: int | None) -> str:
    return f" of run {run}" if run else ""


def _in(run: int | None) -> str:
    return f" in run {run}" if run else ""
