"""What somebody said of one expectation, read with the place of every complaint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import UsageError, did_you_mean, listed
from .values import Matcher, Unfit, matcher

__all__ = ["Given"]

_KINDS: dict[type, str] = {
    bool: "true or false",
    dict: "a table",
    float: "a number",
    int: "a whole number",
    list: "a list of strings",
    str: "a string",
}
_NAME_IT = "Say what must be there: a check that always holds says nothing."


class Given:
    """The values of one expectation.

    Args:
        values: what was said, by name.
        complain: makes an error of a problem, what to do, and the name of the value.
        runs: how many runs there are.
        there_are: that in words, with what to do about it.
    """

    def __init__(
        self, values: Mapping[str, Any], complain: Callable[[str, str, str], UsageError], runs: int, there_are: str
    ) -> None:
        self.values, self.runs = values, runs
        self._complain, self._there_are = complain, there_are

    def error(self, problem: str, advice: str, field: str = "") -> UsageError:
        """A complaint about all of it or about one value."""
        return self._complain(problem, advice, field)

    def only(self, *known: str) -> None:
        """Refuse every other name."""
        for key in self.values:
            if key not in known:
                raise self.error(f"unknown key {key!r}.{did_you_mean(key, known)}", f"Known here: {listed(known)}.")

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value: str | None = self._get(key, str)
        if value == "":
            raise self.error("expected a text, found an empty one.", _NAME_IT, key)
        return value

    def texts(self, key: str) -> list[str]:
        """Texts, of which none is empty; one alone will do."""
        value = self.values.get(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            raise self._wrong(key, "a string or a list of strings")
        if not all(isinstance(item, str) for item in value):
            raise self.error(f"expected {_KINDS[list]}, found {value!r}.", "Put every item in quotes.", key)
        if "" in value or (key in self.values and not value):
            raise self.error(f"expected texts that are not empty, found {value!r}.", _NAME_IT, key)
        return value

    def names(self, key: str) -> list[str] | None:
        """A list of names, which may be empty."""
        value: list[str] | None = self._get(key, list)
        if value is not None and not all(isinstance(item, str) for item in value):
            raise self.error(f"expected {_KINDS[list]}, found {value!r}.", "Put every item in quotes.", key)
        return value

    def flag(self, key: str) -> bool:
        """True, where that is said; to say false is to say nothing."""
        return bool(self._get(key, bool))

    def number(self, key: str) -> int | None:
        """A whole number above zero."""
        return self._positive(key, self._get(key, int))

    def numbers(self, key: str) -> dict[str, int]:
        """Whole numbers above zero, by name."""
        values = self._get(key, dict) or {}
        if key in self.values and not values:
            raise self.error("expected names with numbers, found none.", _NAME_IT, key)
        for name, value in values.items():
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.error(f"expected {_KINDS[int]} for {name!r}, found {value!r}.", "Correct the value.", key)
            self._positive(key, value)
        return dict(values)

    def one_of(self, key: str, known: tuple[str, ...]) -> str | None:
        """One of the `known` words."""
        value: str | None = self._get(key, str)
        if value is not None and value not in known:
            raise self.error(f"unknown value {value!r}.{did_you_mean(value, known)}", f"Known: {listed(known)}.", key)
        return value

    def run(self, key: str) -> int | None:
        """The number of a run that there is."""
        run = self.number(key)
        if run is not None and run > self.runs:
            raise self.error(f"there is no run {run}.", self._there_are, key)
        return run

    def matcher(self, key: str, *kinds: type) -> Matcher | None:
        """What the value must be; a plain one is of one of the `kinds`, where they are named."""
        if key not in self.values:
            return None
        value = self.values[key]
        if kinds and (isinstance(value, bool) or not isinstance(value, (dict, *kinds))):
            raise self._wrong(key, f"{_KINDS[kinds[0]]} or a matcher")
        if list in kinds and isinstance(value, list):
            self.names(key)
        return self._matcher(key, value)

    def matchers(self, key: str) -> dict[str, Matcher]:
        """What some values must be, by name."""
        values = self._get(key, dict)
        if values == {}:
            raise self.error("expected names with values or matchers, found none.", _NAME_IT, key)
        return {name: self._matcher(f"{key}.{name}", value) for name, value in (values or {}).items()}

    def _matcher(self, field: str, value: Any) -> Matcher:
        try:
            return matcher(value)
        except Unfit as unfit:
            raise self.error(unfit.problem, unfit.advice, field) from None

    def _get(self, key: str, kind: type) -> Any:
        value = self.values.get(key)
        if key in self.values and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise self._wrong(key, _KINDS[kind])
        return value

    def _wrong(self, key: str, expected: str) -> UsageError:
        return self.error(f"expected {expected}, found {self.values[key]!r}.", "Correct the value.", key)

    def _positive(self, key: str, value: int | None) -> int | None:
        if value is not None and value <= 0:
            raise self.error(f"expected a number above 0, found {value!r}.", "Correct the value.", key)
        return value
