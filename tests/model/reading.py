"""A request's body as Go's encoding/json reads it, once more and plainly."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from fakememtrace.wire import Request

from .refused import Refused, Starts

__all__ = ["Broken", "batch_of", "fields_of", "memory_of", "options_of", "query_of", "whole_number"]

NO_JSON = Starts("invalid request body: ")
EMPTY: dict[Any, Any] = {str: "", dict: {}, list: [], float: 0.0, int: 0}


class Broken(Refused):
    """A value of a wrong type."""

    def __init__(self) -> None:
        super().__init__(400, NO_JSON)


def fields_of(request: Request, kinds: dict[str, Any], absent: Any = "default") -> dict[str, Any]:
    """The body's fields: names in lower case when no `kinds` are given, else those of `kinds`."""
    if request.headers.get("content-type") != "application/json":
        raise Refused(400, "invalid request body: Unprocessable Entity")
    try:
        body = json.loads(request.body.decode(errors="replace"), parse_constant=refuse)
    except ValueError:
        raise Broken from None
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise Broken
    return typed(body, kinds, absent) if kinds else body


def refuse(constant: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(constant)


def typed(body: dict[str, Any], kinds: dict[str, Any], absent: Any = "default") -> dict[str, Any]:
    """Every field of `kinds`; what is absent or null is empty, or `absent`."""
    given = {name.lower(): value for name, value in body.items() if value is not None}
    return {
        name: value_of(given[name], kind) if name in given else (EMPTY[kind] if absent == "default" else absent)
        for name, kind in kinds.items()
    }


def value_of(value: Any, kind: Any) -> Any:
    """`value`, which must be of that kind."""
    if kind is list:
        return [value_of("" if item is None else item, str) for item in value_of_type(value, list)]
    if kind is dict:
        return through_doubles(value_of_type(value, dict))
    if kind is float:
        return through_doubles(value_of_type(value, (int, float)))
    return value_of_type(value, kind)


def value_of_type(value: Any, kind: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise Broken
    return value


def through_doubles(value: Any) -> Any:
    """Free-form JSON, whose numbers are doubles."""
    if isinstance(value, dict):
        return {name: through_doubles(item) for name, item in value.items()}
    if isinstance(value, list):
        return [through_doubles(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def query_of_url(request: Request) -> dict[str, str]:
    """The query parameters, the first of each name."""
    return dict(reversed(parse_qsl(request.query, keep_blank_values=True)))


def whole_number(text: str) -> int | None:
    """As Go's strconv.Atoi reads it."""
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


def memory_of(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a memory."""
    texts = ("agent_id", "session_id", "memory_type", "event_type", "content", "dedup_key", "parent_id")
    return typed(body, dict.fromkeys(texts, str) | {"tags": list, "metadata": dict, "importance": float})


def batch_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The memories of a batch; none when the body is no batch."""
    items = next((value for name, value in body.items() if name.lower() == "memories"), None)
    if items is None:
        return []
    return [memory_of(value_of_type({} if item is None else item, dict)) for item in value_of_type(items, list)]


def query_of(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a search."""
    kinds: dict[str, Any] = dict.fromkeys(
        ("agent_id", "session_id", "content_contains", "since", "until", "order"), str
    )
    kinds |= dict.fromkeys(("memory_types", "event_types", "tags"), list)
    kinds |= dict.fromkeys(("min_importance", "max_importance"), float) | dict.fromkeys(("limit", "offset"), int)
    return typed(body, kinds)


def options_of(body: dict[str, Any]) -> dict[str, Any]:
    """The options of a context."""
    kinds: dict[str, Any] = dict.fromkeys(("since", "until", "order"), str)
    return typed(body, kinds | {"include_types": list, "exclude_types": list, "max_tokens": int})
