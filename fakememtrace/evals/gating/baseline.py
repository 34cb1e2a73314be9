"""A baseline: what each item was worth when somebody blessed it, in a file made for review."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from ...errors import FileError, did_you_mean, listed
from .scores import Score

__all__ = ["Baseline", "BaselineError", "read", "read_if_there", "to_text"]

FORMAT, VERSION = "fakememtrace-baseline", 1

_REPAIR = "Take it from version control, or write it anew with --bless."
_ITEM = ("key", "conversation", "category", "value")


class BaselineError(FileError):
    """A baseline that is missing, broken, or no baseline."""


class Baseline(NamedTuple):
    """What was blessed: the scores, the digest of their data, and the rules by which a run is compared with them.

    ``tolerance`` is how much the mean may fall, ``floors`` what the mean of a category must reach, ``seed`` and
    ``resamples`` are those of the bootstrap.  Every score has a value.
    """

    name: str
    digest: str
    tolerance: float = 0.01
    floors: Mapping[str, float] = {}
    seed: int = 1
    resamples: int = 9999
    scores: tuple[Score, ...] = ()


def read_if_there(path: str | os.PathLike[str]) -> Baseline | None:
    """The baseline in the file `path`, None when there is no such file.

    Raises:
        BaselineError: it is broken, or no baseline.
    """
    return read(path) if Path(path).exists() else None


def read(path: str | os.PathLike[str]) -> Baseline:
    """The baseline in the file `path`.

    Raises:
        BaselineError: it is missing, broken, or no baseline.
    """
    try:
        text = Path(path).read_text("utf-8")
    except FileNotFoundError:
        raise BaselineError(path, "there is no such file.", "Write it with --bless.") from None
    except UnicodeDecodeError as error:
        raise BaselineError(path, "this is not UTF-8 text.", _REPAIR, f"byte {error.start}") from None
    except OSError as error:
        raise BaselineError(path, f"cannot be read: {error.strerror}.", "Check the file.") from None
    return _Reader(path).baseline(text)


def to_text(baseline: Baseline) -> str:
    """The file: the rules first, then an item a line by its key; the same baseline is always the same text."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "name": baseline.name,
        "digest": baseline.digest,
        "tolerance": baseline.tolerance,
        "floors": dict(sorted(baseline.floors.items())),
        "seed": baseline.seed,
        "resamples": baseline.resamples,
    }
    fields = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
    items = [json.dumps(_item(score), ensure_ascii=False) for score in sorted(baseline.scores, key=_key)]
    return f'{fields},\n  "items": [\n    ' + ",\n    ".join(items) + "\n  ]\n}\n"


def _key(score: Score) -> str:
    return score.key


def _item(score: Score) -> dict[str, Any]:
    return {name: getattr(score, name) for name in _ITEM}


class _Reader:
    """Reads one file, and knows its name for complaints."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path

    def baseline(self, text: str) -> Baseline:
        """What it says."""
        value = self._parsed(text)
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise BaselineError(self._path, "this is no baseline.", f"Expected JSON with the format {FORMAT!r}.")
        if value.get("version") != VERSION:
            problem = f"this is version {value.get('version')!r} of the format, and {VERSION} is known."
            raise self._wrong(problem, "version", "Write it anew with --bless, or use the version that wrote it.")
        self._only(value, ("format", "version", *Baseline._fields[:-1], "items"), "")
        return Baseline(
            self._text(value["name"], "name"),
            self._text(value["digest"], "digest", empty=True),
            self._number(value["tolerance"], "tolerance", least=0),
            self._floors(value["floors"]),
            self._whole(value["seed"], "seed", 0),
            self._whole(value["resamples"], "resamples", 1),
            self._items(value["items"]),
        )

    def _parsed(self, text: str) -> Any:
        try:
            return json.loads(text, parse_constant=self._constant)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno} column {error.colno}"
            raise BaselineError(self._path, f"this is not JSON: {error.msg}.", _REPAIR, place) from None
        except RecursionError:
            raise BaselineError(self._path, "this JSON is nested too deeply to be a baseline.", _REPAIR) from None

    def _constant(self, name: str) -> NoReturn:
        raise BaselineError(self._path, f"{name} is no score.", _REPAIR)

    def _floors(self, value: Any) -> dict[str, float]:
        if not isinstance(value, dict):
            raise self._wrong(f"expected an object, found {value!r}.", "floors")
        return {name: self._number(floor, f"floors.{name}") for name, floor in value.items()}

    def _items(self, value: Any) -> tuple[Score, ...]:
        if not isinstance(value, list) or not value:
            raise self._wrong("expected a list of items, and one at least.", "items")
        scores = [self._score(item, f"items[{number}]") for number, item in enumerate(value)]
        twice = [key for key, count in Counter(score.key for score in scores).items() if count > 1]
        if twice:
            raise self._wrong(f"{twice[0]!r} is there more than once.", "items")
        return tuple(sorted(scores, key=_key))

    def _score(self, value: Any, place: str) -> Score:
        if not isinstance(value, dict):
            raise self._wrong(f"expected an object, found {value!r}.", place)
        self._only(value, _ITEM, f"{place}.")
        key, conversation, category = (
            self._text(value[name], f"{place}.{name}", empty=name == "category") for name in _ITEM[:3]
        )
        return Score(key, conversation, category, self._number(value["value"], f"{place}.value"))

    def _only(self, value: Mapping[str, Any], fields: Iterable[str], before: str) -> None:
        known = list(fields)
        for name in value:
            if name not in known:
                problem = f"unknown field {name!r}.{did_you_mean(name, known)} Known here: {listed(known)}."
                raise self._wrong(problem, f"{before}{name}")
        for name in known:
            if name not in value:
                raise self._wrong("this field is missing.", f"{before}{name}")

    def _text(self, value: Any, place: str, empty: bool = False) -> str:
        if not isinstance(value, str) or not (value or empty):
            raise self._wrong(f"expected a text, found {value!r}.", place)
        return value

    def _number(self, value: Any, place: str, least: float = -math.inf) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < least:
            words = "a number" if least == -math.inf else f"a number from {least} on"
            raise self._wrong(f"expected {words}, found {value!r}.", place)
        return float(value)

    def _whole(self, value: Any, place: str, least: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self._wrong(f"expected a whole number from {least} on, found {value!r}.", place)
        return value

    def _wrong(self, problem: str, place: str, advice: str = _REPAIR) -> BaselineError:
        return BaselineError(self._path, problem, advice, place)
