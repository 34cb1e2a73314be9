"""vcrpy's cassettes, and those of pytest-recording and pydantic-ai, which are made with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from .bodies import as_bytes, from_base64
from .broken import Broken, needed
from .exchange import Exchange
from .fields import header_map, status_of

__all__ = ["exchange", "recorded"]

_SENT, _ANSWERED = "the request's body", "the answer's body"


def recorded(document: Mapping[str, Any]) -> list[Any]:
    """The exchanges of a cassette: a list of pairs, or a list of requests beside one of responses."""
    if "interactions" in document:
        interactions: list[Any] = needed(document, "interactions", list, "the cassette")
        return interactions
    requests, responses = (needed(document, key, list, "the cassette") for key in ("requests", "responses"))
    if len(requests) != len(responses):
        raise Broken("the cassette", f"there are {len(requests)} requests and {len(responses)} responses.")
    return [{"request": one, "response": other} for one, other in zip(requests, responses, strict=True)]


def exchange(entry: Mapping[str, Any]) -> Exchange:
    """One pair of request and response.

    Raises:
        Broken: something in it is missing, or is something else.
    """
    request = needed(entry, "request", dict, "the exchange")
    response = needed(entry, "response", dict, "the exchange")
    status = response.get("status", response.get("status_code"))
    return Exchange(
        method=needed(request, "method", str, "the request").upper(),
        url=needed(request, "uri", str, "the request"),
        sent_headers=header_map(request.get("headers"), "the request's headers"),
        sent=partial(_body, request, "body", _SENT),
        status=status_of(status.get("code") if isinstance(status, dict) else status, "the status"),
        headers=header_map(response.get("headers"), "the answer's headers"),
        body=partial(_body, response, "body" if "content" not in response else "content", _ANSWERED),
    )


def _body(part: Mapping[str, Any], key: str, place: str) -> bytes:
    if part.get(key) is None and "parsed_body" in part:
        # A text is a JSON text, too: this is what the body was parsed to.
        return as_bytes([part["parsed_body"]], place)[1:-1]
    body = part.get(key)
    if isinstance(body, dict):
        if "base64_string" in body:
            return from_base64(needed(body, "base64_string", str, place), place)
        if "string" in body and body.get("encoding") == "base64":
            return from_base64(needed(body, "string", str, place), place)
        body = body.get("string", body)
    return as_bytes(body, place)
