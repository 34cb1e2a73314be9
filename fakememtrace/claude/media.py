"""Images and documents in a request: told by their digest, since nobody reviews base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
from operator import is_not
from typing import Any

__all__ = ["digested", "is_media"]

# A digest takes up to 94 characters.  So nothing gets longer by it, and a digest is not digested again.
_SHORT = 100


def digested(value: Any) -> Any:
    """The JSON value `value` with a digest for the data of every base64 source in it.

    ``{"type": "base64", "media_type": "image/png", "data": "iVBO..."}`` becomes the same with
    ``"data": "sha256:<64 hex digits> (<n> bytes)"``: of what the data decodes to, so that line breaks
    in it do not matter; of the characters, and with their number, where it is no base64.  Data of fewer
    than 100 characters stays.  It is `value` itself where there is nothing to do, and a new value
    otherwise; what needs no change stays as it is.
    """
    if isinstance(value, dict):
        return _digested_mapping(value)
    if isinstance(value, list):
        items = [digested(item) for item in value]
        return items if any(map(is_not, items, value)) else value
    return value


def is_media(value: dict[str, Any]) -> bool:
    """Whether `value` is a base64 source."""
    return value.get("type") == "base64" and isinstance(value.get("data"), str)


def _digested_mapping(value: dict[str, Any]) -> dict[str, Any]:
    if is_media(value):
        data = _digest(value["data"])
        return value if data is value["data"] else {**value, "data": data}
    items = [digested(item) for item in value.values()]
    return dict(zip(value, items, strict=True)) if any(map(is_not, items, value.values())) else value


def _digest(data: str) -> str:
    text = "".join(data.split())
    if len(text) < _SHORT:
        return data
    try:
        content, unit = base64.b64decode(text, validate=True), "bytes"
    except (binascii.Error, ValueError):
        content, unit = text.encode("utf-8", "surrogatepass"), "characters"
    return f"sha256:{hashlib.sha256(content).hexdigest()} ({len(content if unit == 'bytes' else text)} {unit})"
