"""What a value must be: the same, or of a kind (``{"contains": "tea"}``, ``{"at_least": 0.5}``)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ..errors import did_you_mean, listed

__all__ = ["MISSING", "Matcher", "Unfit", "matcher", "shown"]

MISSING: Final = object()
"""The value of what was not given at all."""

_NAME_IT = "Say what must be there: a check that always holds says nothing."


class Unfit(Exception):
    """A matcher that cannot be: the problem, and what to do."""

    def __init__(self, problem: str, advice: str) -> None:
        self.problem, self.advice = problem, advice
        super().__init__(f"{problem} {advice}")


class _Operator(NamedTuple):
    """A way to look at a value: how it is told, whether it holds, and what its operand must be."""

    words: str
    holds: Callable[[Any, Any], bool]
    refuse: Callable[[Any], None]


class Matcher(NamedTuple):
    """What a value must be: operators with their operands, all of which must hold."""

    rules: tuple[tuple[str, Any], ...]

    @property
    def words(self) -> str:
        """``contains "tea" and at least 3``; for a plain value just that."""
        return " and ".join(f"{_OPERATORS[name].words} {shown(operand)}".strip() for name, operand in self.rules)

    def told(self, name: str) -> str:
        """The words, after the `name` of what is looked at."""
        return f"{name} {self.words}"

    def wrong(self, found: Any) -> str:
        """The words of the first rule that `found` does not keep; empty when it keeps all."""
        for name, operand in self.rules:
            operator = _OPERATORS[name]
            if not operator.holds(found, operand):
                return f"{operator.words} {shown(operand)}".strip()
        return ""

    @property
    def text(self) -> str:
        """The text that it asks for, to find what is near it; empty where it asks for none."""
        return next((operand for name, operand in self.rules if name in _TEXTS and isinstance(operand, str)), "")


def matcher(given: Any) -> Matcher:
    """The matcher that `given` says: a table of operators, or a plain value, which must be the same.

    Raises:
        Unfit: there is no such operator, its operand is of the wrong kind, or it always holds.
    """
    if not isinstance(given, Mapping):
        return Matcher((("equals", given),))
    if not given:
        raise Unfit("expected a matcher, found an empty table.", f"Known: {listed(_OPERATORS)}.")
    for name, operand in given.items():
        if name not in _OPERATORS:
            problem = f"unknown matcher {name!r}.{did_you_mean(name, _OPERATORS)}"
            raise Unfit(problem, f"Known: {listed(_OPERATORS)}. A table as such is {{equals = {{...}}}}.")
        _OPERATORS[name].refuse(operand)
    return Matcher(tuple(given.items()))


def shown(value: Any) -> str:
    """A value as JSON; ``nothing`` for what was not given."""
    if value is MISSING:
        return "nothing"
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return repr(value)


def _same(found: Any, operand: Any) -> bool:
    # True is no 1 here, as in JSON.
    return isinstance(found, bool) == isinstance(operand, bool) and bool(found == operand)


def _contains(found: Any, operand: str) -> bool:
    return isinstance(found, str) and operand in found


def _lacks(found: Any, operand: str) -> bool:
    return isinstance(found, str) and operand not in found


def _matches(found: Any, operand: str) -> bool:
    return isinstance(found, str) and re.search(operand, found) is not None


def _has(found: Any, operand: Any) -> bool:
    wanted = operand if isinstance(operand, list) else [operand]
    return isinstance(found, list) and all(any(_same(item, one) for item in found) for one in wanted)


def _at_least(found: Any, operand: float) -> bool:
    return _is_number(found) and found >= operand


def _at_most(found: Any, operand: float) -> bool:
    return _is_number(found) and found <= operand


def _one_of(found: Any, operand: list[Any]) -> bool:
    return any(_same(found, one) for one in operand)


def _given(found: Any, operand: bool) -> bool:
    return (found is not MISSING) is operand


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _refuse_nothing(operand: Any) -> None:
    if operand in ("", [], {}) and not isinstance(operand, bool):
        raise Unfit(f"expected something, found {operand!r}.", _NAME_IT)


def _refuse_all_but_texts(operand: Any) -> None:
    if not isinstance(operand, str):
        raise Unfit(f"expected a string, found {operand!r}.", "Put it in quotes.")
    if not operand:
        raise Unfit("expected a text, found an empty one.", _NAME_IT)


def _refuse_all_but_patterns(operand: Any) -> None:
    _refuse_all_but_texts(operand)
    try:
        found = re.search(operand, "")
    except re.error as error:
        raise Unfit(f"{operand!r} is no regular expression: {error}.", "Correct it.") from None
    if found:
        raise Unfit(f"{operand!r} matches every text, even an empty one.", _NAME_IT)


def _refuse_all_but_numbers(operand: Any) -> None:
    if not _is_number(operand):
        raise Unfit(f"expected a number, found {operand!r}.", "Write it without quotes.")


def _refuse_all_but_lists(operand: Any) -> None:
    if not isinstance(operand, list) or not operand:
        raise Unfit(f"expected a list that is not empty, found {operand!r}.", "List the values that may be.")


def _refuse_all_but_flags(operand: Any) -> None:
    if not isinstance(operand, bool):
        raise Unfit(f"expected true or false, found {operand!r}.", "Write it without quotes.")


def _refuse_no_value(operand: Any) -> None:
    """Every value can be asked for."""


_TEXTS = ("equals", "contains", "matches")
_OPERATORS: dict[str, _Operator] = {
    "equals": _Operator("", _same, _refuse_no_value),
    "contains": _Operator("contains", _contains, _refuse_all_but_texts),
    "lacks": _Operator("lacks", _lacks, _refuse_all_but_texts),
    "matches": _Operator("matches", _matches, _refuse_all_but_patterns),
    "has": _Operator("has", _has, _refuse_nothing),
    "at_least": _Operator("at least", _at_least, _refuse_all_but_numbers),
    "at_most": _Operator("at most", _at_most, _refuse_all_but_numbers),
    "one_of": _Operator("one of", _one_of, _refuse_all_but_lists),
    "given": _Operator("given", _given, _refuse_all_but_flags),
}
