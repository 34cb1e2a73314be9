"""``[[tools]]`` and ``tools()``: which tools Claude called in a run, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest

from ..errors import did_you_mean, listed
from .check import Expectation
from .evidence import Evidence
from .given import Given

__all__ = ["tools"]

_KNOWN = ("run", "called", "order", "at_least", "never")
_NAME_THEM = "Name the tools: a check that always holds says nothing."
_ORDERS = ("exact", "in_order", "any")

_Look = Callable[[list[str]], str]


def tools(given: Given) -> Expectation:
    """The expectation that these tools were called, in such an order, so often at least, or never."""
    given.only(*_KNOWN)
    run = given.run("run") or 1
    parts = list(_parts(given))
    if not parts:
        raise given.error("'called' is missing.", 'Add it: a list of strings; or "at_least" or "never".')

    def look(evidence: Evidence) -> str:
        names = [call.name for call in evidence.calls_of(run)]
        return "\n".join(problem for _, look_at in parts if (problem := look_at(names)))

    return Expectation(f"run {run} {listed(words for words, _ in parts)}", look)


def _parts(given: Given) -> Iterator[tuple[str, _Look]]:
    """What is said of the tools: in words, and how to look for it."""
    called, order = given.names("called"), given.one_of("order", _ORDERS)
    if called is not None:
        yield _called(given, called, order or "exact")
    elif order:
        raise given.error("there is nothing to be in order.", 'Add "called", a list of strings.', "order")
    for name, least in given.numbers("at_least").items():
        yield f"calls {name} at least {_times(least)}", _at_least(name, least)
    for name in _never(given, called or []):
        yield f"never calls {name}", _at_most_never(name)


def _called(given: Given, called: list[str], order: str) -> tuple[str, _Look]:
    if order == "exact":
        return f"calls {listed(called)}", lambda names: _not_exact(called, names)
    if not called:
        raise given.error("expected names, found none.", _NAME_THEM, "called")
    if order == "in_order":
        return f"calls {listed(called)} in this order", lambda names: _not_in_order(called, names)
    return f"calls {listed(called)} in any order", lambda names: _not_any(called, names)


def _never(given: Given, called: list[str]) -> list[str]:
    never = given.names("never")
    if never == []:
        raise given.error("expected names, found none.", _NAME_THEM, "never")
    for name in never or []:
        if name in called or name in given.numbers("at_least"):
            raise given.error(f"{name!r} must be called and must not.", "Take it out of one of them.", "never")
    return never or []


def _not_exact(called: list[str], names: list[str]) -> str:
    if called == names:
        return ""
    if not names:
        return "called: nothing"
    pairs = zip_longest(called, names, fillvalue="no more")
    place, (expected, found) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return "\n".join([f"call {place} differs: expected {expected}, found {found}", *_both(called, names)])


def _not_in_order(called: list[str], names: list[str]) -> str:
    place = 0
    for name in called:
        if name not in names[place:]:
            after = f"after call {place}" if place else "at all"
            return "\n".join([f"{name} was not called {after}{_meant(name, names)}", *_both(called, names)])
        place += names[place:].index(name) + 1
    return ""


def _not_any(called: list[str], names: list[str]) -> str:
    missing, more = Counter(called) - Counter(names), Counter(names) - Counter(called)
    lines = [f"missing: {_counted(missing)}"] if missing else []
    lines += [f"not expected: {_counted(more)}"] if more else []
    return "\n".join([*lines, *_both(called, names)]) if lines else ""


def _at_least(name: str, least: int) -> _Look:
    def look(names: list[str]) -> str:
        count = names.count(name)
        if count >= least:
            return ""
        meant = "" if count else _meant(name, names)
        return f"{name} was called {_times(count)}{f'{meant} Called' if meant else '; called'}: {listed(names)}"

    return look


def _at_most_never(name: str) -> _Look:
    def look(names: list[str]) -> str:
        places = [str(place) for place, one in enumerate(names, 1) if one == name]
        which = f"call {places[0]}" if len(places) == 1 else f"calls {listed(places)}"
        return f"{name} was called: {which} of {len(names)}; called: {listed(names)}" if places else ""

    return look


def _both(called: list[str], names: list[str]) -> list[str]:
    return [f"expected: {listed(called)}", f"called:   {listed(names)}"]


def _meant(name: str, names: list[str]) -> str:
    return "." + found if name not in names and (found := did_you_mean(name, names)) else ""


def _counted(names: Counter[str]) -> str:
    return listed(name if count == 1 else f"{name} ({count} times)" for name, count in names.items())


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
