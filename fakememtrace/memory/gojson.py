"""JSON as Go's encoding/json reads and writes it."""

from __future__ import annotations

import json
import json.encoder
import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from .refusal import Refusal

__all__ = [
    "GoJSONError",
    "Struct",
    "encode",
    "escaped",
    "integer",
    "mapping",
    "mapping_json",
    "number",
    "parse",
    "quoted",
    "string",
    "strings",
    "to_json",
]

# `value` as compact JSON text, and a string alone.
to_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
quoted: Callable[[str], str] = json.encoder.encode_basestring
# Where Python stops reading, and how Go calls that place.
_WHERE = {
    "Expecting property name": "looking for beginning of object key string",
    "Expecting ':'": "after object key",
    "Expecting ','": "after object key:value pair",
    "Extra data": "after top-level value",
    "Invalid control character": "in string literal",
    "Invalid \\": "in string escape code",
}
_TEXT = frozenset({str})
# Go bears 10,000; here it must not depend on how deep the caller's own stack is.
_DEEPEST = 200
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class GoJSONError(Refusal):
    """A body that Go would refuse, in Go's `words`."""

    def __init__(self, words: str) -> None:
        super().__init__(400, f"invalid request body: {words}")


class _Mismatch(Exception):
    """A value that does not fit the Go type `wanted`; `got` is Go's word for what it is."""

    def __init__(self, value: object, wanted: str) -> None:
        self.got, self.wanted = _go_word(value), wanted


class Struct(NamedTuple):
    """A Go struct: its name, and for each JSON key the reader of its value."""

    name: str
    fields: dict[str, Callable[[Any], Any]]

    def read(self, value: Any) -> dict[str, Any]:
        """The known fields of `value`; those that are null or absent are left out.

        Keys match in any case, and of several the last one wins.
        """
        if value is None:
            return {}
        if type(value) is not dict:
            raise GoJSONError(f"json: cannot unmarshal {_go_word(value)} into Go value of type {self.name}")
        known, fields, name = {}, self.fields, ""
        try:
            for key, given in value.items():
                if type(given) is str and fields.get(key) is string:
                    # By far the most common.
                    known[key] = given
                    continue
                name = key if key in fields else key.lower()
                if given is not None and name in fields:
                    known[name] = fields[name](given)
        except _Mismatch as problem:
            place = f"{self.name.rpartition('.')[2]}.{name}"
            raise GoJSONError(
                f"json: cannot unmarshal {problem.got} into Go struct field {place} of type {problem.wanted}"
            ) from None
        return known


def string(value: Any) -> str:
    """A Go string."""
    if type(value) is not str:
        raise _Mismatch(value, "string")
    return value


def integer(value: Any) -> int:
    """A Go int: 64 bits, and no fraction even if it is zero."""
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise _Mismatch(value, "int")
    return value


def number(value: Any) -> int | float:
    """A Go float64, an int where that says the same."""
    if type(value) is float and 0 < value < 1:
        return value
    if type(value) is int or type(value) is float:
        return _double(value)
    raise _Mismatch(value, "float64")


def strings(value: Any) -> list[str]:
    """A Go []string; a null in it is an empty string."""
    if type(value) is not list:
        raise _Mismatch(value, "[]string")
    if _TEXT.issuperset(map(type, value)):
        return value
    return ["" if item is None else string(item) for item in value]


def mapping(value: Any) -> dict[str, Any]:
    """A Go map[string]interface{}: sorted keys, and every number went through a double."""
    if type(value) is not dict:
        raise _Mismatch(value, "map[string]interface {}")
    return {key: given if type(given := value[key]) is str else _free(given) for key in sorted(value)}


def mapping_json(value: Any) -> str:
    """The JSON of a Go map[string]interface{}; nothing for an empty one."""
    if type(value) is not dict:
        raise _Mismatch(value, "map[string]interface {}")
    pairs = [
        f"{quoted(key)}:{quoted(given) if type(given := value[key]) is str else _written(given)}"
        for key in sorted(value)
    ]
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _written(value: Any) -> str:
    if type(value) is int and -(1 << 53) <= value <= 1 << 53:
        return str(value)
    return to_json(_free(value))


def parse(body: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        GoJSONError: it is none.
    """
    text = body.decode("utf-8", "replace")
    if text.count("{") + text.count("[") > _DEEPEST:
        _refuse_depth(text)
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        end = -1
    if end < len(text):
        # White space around the value, or no value.
        value = _decoded(text)
    return _without_surrogates(value) if "\\u" in text else value


def _refuse_depth(text: str) -> None:
    depth = 0
    for token in _BRACKETS.finditer(text):
        bracket = token[0][0]
        depth += (bracket in "{[") - (bracket in "}]")
        if depth > _DEEPEST:
            raise GoJSONError("exceeded max depth")


def encode(value: Any) -> bytes:
    """`value` as compact JSON with ``<``, ``>`` and ``&`` escaped."""
    return escaped(to_json(value))


def escaped(text: str) -> bytes:
    """JSON text as bytes, with ``<``, ``>`` and ``&`` escaped."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    # A lone surrogate has no UTF-8 form; its backslash escape is valid JSON.
    return text.encode("utf-8", "backslashreplace")


def _decoded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as problem:
        raise GoJSONError(_syntax(text, problem)) from None
    except RecursionError:
        raise GoJSONError("exceeded max depth") from None
    except ValueError:
        raise GoJSONError("number out of range") from None


def _no_constant(name: str) -> NoReturn:
    raise GoJSONError(f"invalid character '{name.lstrip('-')[0]}' looking for beginning of value")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _free(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _free(value[key]) for key in sorted(value)}
    if kind is list:
        return [_free(item) for item in value]
    return _double(value) if kind is int or kind is float else value


def _double(value: int | float) -> int | float:
    if type(value) is int and -(1 << 53) <= value <= 1 << 53:
        return value
    try:
        double = float(value)
    except OverflowError:
        double = float("inf")
    if not isfinite(double):
        raise _Mismatch(value, "float64")
    # Go writes the shortest digits that mean the double, and an exponent only from 1e21 on.
    return int(Decimal(repr(double))) if double.is_integer() and abs(double) < 1e21 else double


def _without_surrogates(value: Any) -> Any:
    if type(value) is str:
        return _LONE_SURROGATE.sub("\ufffd", value)
    if type(value) is list:
        return [_without_surrogates(item) for item in value]
    if type(value) is dict:
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _syntax(text: str, problem: json.JSONDecodeError) -> str:
    where = next((words for start, words in _WHERE.items() if problem.msg.startswith(start)), "")
    rest = text[problem.pos :] if where.startswith("in string") else text[problem.pos :].lstrip(" \t\r\n")
    if not rest or problem.msg.startswith("Unterminated string"):
        return "unexpected end of JSON input"
    shown = rest[0] if rest[0].isprintable() else repr(rest[0])[1:-1]
    return f"invalid character '{shown}' {where or 'looking for beginning of value'}"


def _go_word(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return f"number {value}" if isinstance(value, float) or abs(value) >= 1 << 63 else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
