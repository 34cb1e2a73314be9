"""What holds for every answer of every Memtrace, whatever its dialect and its state."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from ..wire import Request, Response

__all__ = ["check_answer"]

_STATUSES = frozenset({200, 201, 204, 400, 401, 404, 405, 409, 413, 500, 503})
_LISTS = ("memories", "results", "agents", "sessions")
_MOST = 1000
# What a server error may begin with: a filter of bad form, a memory of a batch, a time that the database refuses.
_NAMED = ("invalid ", "failed to create memory ", "failed to query ", "failed to search memories: ")


def check_answer(request: Request, response: Response) -> None:
    """Raise AssertionError when `response` cannot be a Memtrace's answer to `request`."""
    told = f"{request.method} {request.path} was answered {response.status} {response.body[:200]!r}"
    assert response.status in _STATUSES, f"{told}, a status that no route has"
    if request.method == "HEAD" or response.header("content-type") != "application/json":
        return
    value = json.loads(response.body)
    if response.status >= 400 and "error" in value:
        _check_error(response.status, value, told)
    for name in _LISTS:
        if response.status < 400 and name in value:
            _check_list(request, value, name, told)


def _check_error(status: int, value: dict[str, Any], told: str) -> None:
    text = value.get("message", value["error"])
    assert text, f"{told}, an error without a text"
    assert status != 500 or text.startswith(_NAMED), f"{told}, an error that no Memtrace has"


def _check_list(request: Request, value: dict[str, Any], name: str, told: str) -> None:
    items = value[name]
    assert value["count"] == len(items), f"{told}, whose count is not the number of its {name}"
    assert len({item["org_id"] for item in items}) <= 1, f"{told}, with {name} of several organizations"
    if name == "results" or (name == "memories" and request.method == "GET"):
        assert len(items) <= _MOST, f"{told}, more than a page"
        times = [_comparable(item["time"]) for item in items]
        assert times == sorted(times, reverse=not _ascending(request)), f"{told}, whose {name} are out of order"


def _ascending(request: Request) -> bool:
    if request.method == "GET":
        return parse_qs(request.query).get("order") == ["asc"]
    body = json.loads(request.body)
    return any(name.lower() == "order" and order == "asc" for name, order in body.items())


def _comparable(time: str) -> tuple[str, str]:
    """Whole seconds and fraction, since a fraction has as many digits as it needs."""
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    return seconds, fraction
