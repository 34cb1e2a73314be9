"""A fault in one word of a command line: ``late_write,by=10m``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..errors import UsageError

__all__ = ["read_fault", "spelled"]

# A comma is part of a value unless an option follows.
_COMMA = re.compile(r",(?=[^,=]*=)")


def spelled(fault: Mapping[str, Any]) -> str:
    """A fault (``{"kind": "late_write", "by": "10m"}``) as :func:`read_fault` reads it."""
    options = (f",{name}={_word(value)}" for name, value in fault.items() if name != "kind")
    return f"{fault['kind']}{''.join(options)}"


def read_fault(text: str) -> dict[str, Any]:
    """The fault that is spelled ``KIND[,option=value...]``: a value is JSON where it can be that, else text.

    Raises:
        UsageError: an option has no value.
    """
    kind, *options = _COMMA.split(text)
    fault: dict[str, Any] = {"kind": kind}
    for option in options:
        name, _, value = option.partition("=")
        if not name.strip() or name in fault:
            raise UsageError(f"{text!r} says {option!r}. Expected KIND,option=value with each option once.")
        fault[name.strip()] = _value(value)
    if "," in kind:
        raise UsageError(
            f"{text!r} has an option without a value. Expected KIND,option=value, such as late_write,by=10m."
        )
    return fault


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _value(value) == value else json.dumps(value)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
