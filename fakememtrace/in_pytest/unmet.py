"""The words of the expectations that made an assertion fail."""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["unmet"]

_ADVICE = (
    "found: it held.\n"
    "What to do: say absent=True in it instead of not (in requested, lacks=...), and what was found is shown."
)


def unmet(failure: pytest.ExceptionInfo[BaseException], check: type[Any]) -> list[str]:
    """All that each of these `check` values says; pytest shows of it what fits into a line."""
    values = failure.traceback[-1].frame.f_locals
    checks = {name: value for name, value in values.items() if isinstance(value, check)}
    # What pytest made of the assertion that failed; else what the test calls by a name.
    asserted = {name: value for name, value in checks.items() if name.startswith("@py_assert")}
    failed = [str(value) for value in asserted.values() if not value]
    if not asserted:
        failed = [str(value) for value in checks.values() if not value]
    elif not failed and str(failure.value).startswith("assert not "):
        failed = [f"expected: not {value.expected}\n{_ADVICE}" for value in asserted.values()]
    return list(dict.fromkeys(failed))
