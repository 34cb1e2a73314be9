"""What ``@pytest.mark.fakememtrace(...)`` and ``@pytest.mark.claude_cassette(...)`` say of a test."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ..addresses import bare_hosts
from ..claude.matching.rules import Matching
from ..clock import Clock
from ..errors import UnknownName, UsageError, did_you_mean
from ..fixture import nodeid
from ..memory.dialect import PRESETS, Dialect
from .options import MODES
from .settings import BOTH

if TYPE_CHECKING:
    import pytest

__all__ = ["CASSETTE", "WORLD", "matching_of", "said", "said_loosely"]

WORLD, CASSETTE = "fakememtrace", "claude_cassette"
# What stands first in the marker of a cassette, without a name.
_FIRST = "name"
# These are one decision: who says one of them does not want those that somebody further away says.
_MATCHING = ("ignore", "only", "normalise", "matching")
_ALLOWED = {
    WORLD: (
        'Allowed, and each may be left out: dialect="documented", start="2026-02-07T12:00:00Z", seed="seed.json", '
        'allow_hosts=["api.example.com"], telegram="updates.toml".'
    ),
    CASSETTE: (
        'Allowed, and each may be left out: a name or a path, which comes first, ignore=["model"], only=["messages"], '
        'normalise=[r"\\d+ ms"], matching=Matching(), record="none", redact=["Ada Lovelace"], allow=["sk-example"].'
    ),
}


class _Word(NamedTuple):
    """What a keyword may be: in words, whether a value is of that kind, and what refuses one that cannot be."""

    words: str
    fits: Callable[[Any], bool]
    check: Callable[[Any], object] = bool


def said(item: pytest.Item, marker: str) -> Mapping[str, Any]:
    """What the markers of that name say of a test, by keyword; the name or path of a cassette is its ``name``.

    What stands nearer to the test counts before what its class or module says.

    Raises:
        UsageError: they say what they cannot, or one thing in two ways.
    """
    found: dict[str, Any] = {}
    if item.get_closest_marker(marker) is None:
        # As it nearly always is, and every fixture asks.
        return found
    for marks in _levels(item, marker):
        level: dict[str, Any] = {}
        for mark in marks:
            for name, value in _checked(item, mark):
                if level.setdefault(name, value) != value:
                    problem = f"two of them say {_shown(name)}: {level[name]!r} and {value!r}."
                    raise _misused(item, marker, problem, "Keep one of them.")
        _refuse_two_matchings(item, marker, level)
        known = {*found, *_MATCHING} if set(found) & set(_MATCHING) else set(found)
        found |= {name: value for name, value in level.items() if name not in known}
    return found


def said_loosely(item: Any, marker: str, name: str) -> Any:
    """What the nearest marker of that name has as a keyword, right or wrong; None where none has it."""
    return next((mark.kwargs[name] for mark in item.iter_markers(marker) if name in mark.kwargs), None)


def matching_of(words: Mapping[str, Any]) -> Matching | None:
    """The Matching that the marker of a cassette asks for; None where it says nothing of that.

    Raises:
        UsageError: it cannot be.
    """
    if "matching" in words or not set(words) & set(_MATCHING):
        matching: Matching | None = words.get("matching")
        return matching
    made = Matching()
    if "ignore" in words:
        made = made.ignore(*_many(words["ignore"]))
    if "only" in words:
        made = made.only(*_many(words["only"]))
    for pattern, replacement in _patterns(words.get("normalise", ())):
        made = made.normalise(pattern, *replacement)
    return made


def _levels(item: pytest.Item, marker: str) -> Iterator[list[pytest.Mark]]:
    """The markers at each place that can have some, from the nearest on: parameter, function, classes, module."""
    for node in reversed(item.listchain()):
        left = [mark for mark in node.own_markers if mark.name == marker]
        for place in _places(node):
            yield [mark for mark in left if any(mark is one for one in place)]
            left = [mark for mark in left if not any(mark is one for one in place)]
        yield left


def _places(node: Any) -> Iterator[Sequence[Any]]:
    """The markers of one node that are nearer than its others: those of a parameter, and of each of its classes."""
    if hasattr(node, "callspec"):
        yield node.callspec.marks
    made_of = getattr(node, "obj", None)
    for one in made_of.__mro__ if isinstance(made_of, type) else ():
        marks = vars(one).get("pytestmark", ())
        yield [getattr(mark, "mark", mark) for mark in (marks if isinstance(marks, (list, tuple)) else [marks])]


def _checked(item: pytest.Item, mark: pytest.Mark) -> Iterator[tuple[str, Any]]:
    """What one marker says, by keyword; UsageError where it cannot."""

    def misused(problem: str, advice: str = "") -> UsageError:
        return _misused(item, mark.name, problem, advice + _ALLOWED[mark.name])

    words = _WORDS[mark.name]
    first = mark.args[:1] if mark.name == CASSETTE else ()
    for value in mark.args[len(first) :]:
        likely = [name for name in words if mark.name == WORLD and not _wrong(words[name], name, value)]
        raise misused(f"{value!r} has no name.", f"Give it one, {likely[0]}={value!r}. " if likely else "")
    for value in first:
        if not _is_file(value):
            raise misused(f"expected the name or the path of a cassette, found {value!r}.")
        yield _FIRST, value
    for name, value in mark.kwargs.items():
        problem = _wrong(words[name], name, value) if name in words else _unknown(mark.name, name)
        if problem:
            raise misused(problem)
        yield name, value


def _unknown(marker: str, name: str) -> str:
    other = CASSETTE if marker == WORLD else WORLD
    if name in _WORDS[other] or (marker == WORLD and "cassette" in name):
        return f"it has no {name!r}. That is said by @pytest.mark.{other}."
    return f"it has no {name!r}.{did_you_mean(name, _WORDS[marker])}"


def _wrong(word: _Word, name: str, value: Any) -> str:
    if not word.fits(value):
        return f"expected {word.words} as {name}, found {value!r}."
    try:
        word.check(value)
    except UsageError as error:
        return str(error)
    return ""


def _refuse_two_matchings(item: pytest.Item, marker: str, level: Mapping[str, Any]) -> None:
    others = [name for name in _MATCHING if name in level and name != "matching"]
    if "matching" in level and others:
        problem = f"{others[0]} and matching both say when a request is the recorded one."
        raise _misused(item, marker, problem, f"Keep one of them, such as matching=Matching().{others[0]}(...).")


def _misused(item: pytest.Item, marker: str, problem: str, advice: str) -> UsageError:
    return UsageError(f"@pytest.mark.{marker} of {nodeid(item)}: {problem}\n{advice}")


def _shown(name: str) -> str:
    return "which cassette" if name == _FIRST else name


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_file(value: Any) -> bool:
    return _is_text(value) or isinstance(value, os.PathLike)


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_text, value))


def _is_pattern(value: Any) -> bool:
    return _is_text(value) or isinstance(value, re.Pattern)


def _are_patterns(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_pattern, value))


def _many(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple)) else [value]


def _patterns(value: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    if isinstance(value, Mapping):
        yield from ((pattern, (replacement,)) for pattern, replacement in value.items())
    else:
        yield from ((pattern, ()) for pattern in _many(value))


def _dialect(value: Any) -> None:
    if isinstance(value, str) and value not in (*PRESETS, BOTH):
        raise UnknownName("dialect", value, (*PRESETS, BOTH))


def _mode(value: str) -> None:
    if value not in MODES:
        raise UnknownName("recording mode", value, MODES)


_TEXTS = "a list of texts"
_WORDS: Mapping[str, Mapping[str, _Word]] = {
    WORLD: {
        "dialect": _Word("a text or a Dialect", lambda value: _is_text(value) or isinstance(value, Dialect), _dialect),
        "start": _Word("a text or a datetime", lambda value: _is_text(value) or isinstance(value, datetime), Clock),
        "seed": _Word("a file or a dict", lambda value: _is_file(value) or isinstance(value, Mapping)),
        "allow_hosts": _Word(_TEXTS, _are_texts, bare_hosts),
        "telegram": _Word("a file or a dict", lambda value: _is_file(value) or isinstance(value, Mapping)),
    },
    CASSETTE: {
        "ignore": _Word(
            "a text or a list of texts",
            lambda value: _is_text(value) or _are_texts(value),
            lambda value: matching_of({"ignore": value}),
        ),
        "only": _Word(
            "a text or a list of texts",
            lambda value: _is_text(value) or _are_texts(value),
            lambda value: matching_of({"only": value}),
        ),
        "normalise": _Word(
            "a pattern, a list of them, or a dict of patterns and what replaces them",
            lambda value: _is_pattern(value) or _are_patterns(value) or isinstance(value, Mapping),
            lambda value: matching_of({"normalise": value}),
        ),
        "matching": _Word("a Matching", lambda value: isinstance(value, Matching)),
        "record": _Word("a text", _is_text, _mode),
        "redact": _Word("a list of texts and compiled patterns", _are_patterns),
        "allow": _Word(_TEXTS, _are_texts),
    },
}
