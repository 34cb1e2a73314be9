"""HAR files, as browsers and Polly.JS write them."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from .bodies import as_bytes, from_base64
from .broken import Broken, needed
from .exchange import Exchange, day
from .fields import header_pairs, milliseconds, status_of

__all__ = ["exchange", "recorded"]

_SENT, _ANSWERED = "the request's body", "the answer's body"


def recorded(document: Mapping[str, Any]) -> list[Any]:
    """The exchanges of a file."""
    log = needed(document, "log", dict, "the file")
    entries: list[Any] = needed(log, "entries", list, 'the file, "log"')
    return entries


def exchange(entry: Mapping[str, Any]) -> Exchange:
    """One entry.

    Raises:
        Broken: something in it is missing, or is something else.
    """
    request = needed(entry, "request", dict, "the exchange")
    response = needed(entry, "response", dict, "the exchange")
    # 0 is what browsers write for what was never answered.
    status = status_of(response.get("status"), "the status", least=0)
    return Exchange(
        method=needed(request, "method", str, "the request").upper(),
        url=needed(request, "url", str, "the request"),
        sent_headers=header_pairs(request.get("headers"), "the request's headers"),
        sent=partial(_body, request.get("postData"), _SENT),
        status=status,
        headers=header_pairs(response.get("headers"), "the answer's headers"),
        body=partial(_body, response.get("content"), _ANSWERED),
        day=day(entry.get("startedDateTime")),
        duration_ms=milliseconds(entry.get("time")),
    )


def _body(content: Any, place: str) -> bytes:
    if content is None:
        return b""
    if not isinstance(content, dict):
        raise Broken(place, "expected an object with the text.")
    text = content.get("text")
    if not isinstance(text, str):
        return as_bytes(text, place)
    if str(content.get("encoding")).lower() == "base64":
        # Polly.JS keeps what is compressed in the pieces that it came in.
        return b"".join(from_base64(piece, place) for piece in _pieces(text))
    if str(content.get("encoding")).lower() == "hex" or content.get("_isBinary"):
        return b"".join(_from_hex(piece, place) for piece in _pieces(text))
    return as_bytes(text, place)


def _pieces(text: str) -> list[str]:
    if text.startswith("["):
        try:
            pieces = json.loads(text)
        except (ValueError, RecursionError):
            pieces = None
        if isinstance(pieces, list) and all(isinstance(piece, str) for piece in pieces):
            return pieces
    return [text]


def _from_hex(text: str, place: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except ValueError:
        raise Broken(place, "this is not hexadecimal, as it is said to be.") from None
