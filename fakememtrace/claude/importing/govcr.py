"""go-vcr's cassettes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from .bodies import as_bytes
from .broken import needed
from .exchange import Exchange
from .fields import header_map, milliseconds, status_of

__all__ = ["exchange", "recorded"]

_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ns": 1e-6}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(h|ms|m|s|us|µs|μs|ns)")


def recorded(document: Mapping[str, Any]) -> list[Any]:
    """The exchanges of a cassette."""
    interactions: list[Any] = needed(document, "interactions", list, "the cassette")
    return interactions


def exchange(entry: Mapping[str, Any]) -> Exchange:
    """One pair of request and response.

    Raises:
        Broken: something in it is missing, or is something else.
    """
    request = needed(entry, "request", dict, "the exchange")
    response = needed(entry, "response", dict, "the exchange")
    return Exchange(
        method=needed(request, "method", str, "the request").upper(),
        url=needed(request, "url", str, "the request"),
        sent_headers=header_map(request.get("headers"), "the request's headers"),
        sent=partial(as_bytes, request.get("body"), "the request's body"),
        status=status_of(response.get("code"), "the status"),
        headers=header_map(response.get("headers"), "the answer's headers"),
        body=partial(as_bytes, response.get("body"), "the answer's body"),
        duration_ms=_duration(response.get("duration")),
    )


def _duration(duration: Any) -> int:
    """A duration as Go writes it (``1m2.5s``); 0 where there is none."""
    text = duration if isinstance(duration, str) else ""
    parts = _PART.findall(text)
    if "".join(f"{number}{unit}" for number, unit in parts) != text:
        return 0
    return milliseconds(sum(float(number) * _UNITS[unit] for number, unit in parts))
