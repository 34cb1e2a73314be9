"""Bodies as they were recorded: out of base64, decompressed, read as UTF-8; never more than 64 MB of them."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from .broken import Broken, kind_of

__all__ = ["MOST", "as_bytes", "from_base64", "gunzipped", "is_gzip", "opened", "text_of"]

MOST = 64 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_STEP = 64 * 1024
_SMALL_STEP = 16
_WHOLE = "Record it again, or take it out of the file."


def as_bytes(body: Any, place: str) -> bytes:
    """A body as a recording holds it: a text, bytes, nothing, or the JSON value that it stands for.

    Raises:
        Broken: it is none of these.
    """
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        # Half of a surrogate pair has no UTF-8 form; its backslash escape is valid JSON.
        return body.encode("utf-8", "backslashreplace")
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise Broken(place, f"expected a text, bytes or a JSON value, found {kind_of(body)} that is none.") from None


def from_base64(text: str, place: str) -> bytes:
    """The bytes that `text` spells, wherever its lines break.

    Raises:
        Broken: it is no base64.
    """
    spelled = "".join(text.split())
    try:
        # Before Python 3.11 a lone "=" spells nothing.
        if len(spelled) % 4 == 0:
            return base64.b64decode(spelled, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise Broken(place, "this is not base64, as it is said to be.")


def is_gzip(content: bytes) -> bool:
    """Whether `content` begins as gzip does."""
    return content.startswith(_GZIP)


def gunzipped(content: bytes, place: str) -> bytes:
    """What is compressed in `content`.

    Raises:
        Broken: it is damaged, cut off, or more than 64 MB.
    """
    return _inflated(content, zlib.MAX_WBITS | 16, "gzip", place)


def opened(body: bytes, encoding: str, place: str) -> bytes:
    """`body` as it was before it was compressed.

    What it is made of counts, and not the header `encoding`: many recorders decompress a body and keep
    the header.  Only what begins with no mark of its own and is no text either is taken for what the header says.

    Raises:
        Broken: it is damaged, cut off, or more than 64 MB; or what would open it is not installed.
    """
    if is_gzip(body):
        return gunzipped(body, place)
    if body.startswith(_ZSTD):
        return _with_zstd(body, place)
    if _is_text(body):
        return body
    if _is_zlib(body):
        return _inflated(body, zlib.MAX_WBITS, "deflate", place)
    if encoding == "br":
        return _with_brotli(body, place)
    return _inflated(body, -zlib.MAX_WBITS, "deflate", place) if encoding == "deflate" else body


def text_of(body: bytes, place: str) -> str:
    """`body` read as UTF-8.

    Raises:
        Broken: it is none.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Broken(place, f"this is neither UTF-8 text nor compressed (byte {error.start}).") from None


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_zlib(body: bytes) -> bool:
    return len(body) > 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflated(body: bytes, bits: int, name: str, place: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while body:
        member = zlib.decompressobj(bits)
        for piece in _pieces(member, body, name, place):
            size += len(piece)
            if size > MOST:
                raise _too_much(name, place)
            pieces.append(piece)
        if not member.eof:
            raise Broken(place, f"this {name} was cut off.", _WHOLE)
        # gzip may have several members, one after another; what else follows is padding.
        body = member.unused_data if is_gzip(member.unused_data) else b""
    return b"".join(pieces)


def _pieces(member: Any, body: bytes, name: str, place: str) -> Iterator[bytes]:
    waiting = body
    while waiting and not member.eof:
        try:
            yield member.decompress(waiting, _STEP)
        except zlib.error:
            raise Broken(place, f"this begins as {name} and is none, or is damaged.", _WHOLE) from None
        waiting = member.unconsumed_tail
    yield member.flush()


def _with_brotli(body: bytes, place: str) -> bytes:
    library = _library(("brotli", "brotlicffi"), "br", "brotli", place)
    opener = library.Decompressor()
    # Old versions take no limit, and a few bytes can stand for many.
    step = getattr(opener, "process", None) or opener.decompress
    steps = (body[start : start + _SMALL_STEP] for start in range(0, len(body), _SMALL_STEP))
    whole = _limited(steps, step, library.error, "br", place)
    if not opener.is_finished():
        raise Broken(place, "this br was cut off.", _WHOLE)
    return whole


def _with_zstd(body: bytes, place: str) -> bytes:
    library = _library(("zstandard",), "zstd", "zstandard", place)
    opener = library.ZstdDecompressor().decompressobj()
    steps = (body[start : start + _SMALL_STEP] for start in range(0, len(body), _SMALL_STEP))
    whole = _limited(steps, opener.decompress, library.ZstdError, "zstd", place)
    if not getattr(opener, "eof", True):
        raise Broken(place, "this zstd was cut off.", _WHOLE)
    return whole


def _limited(
    steps: Iterator[bytes], step: Callable[[bytes], bytes], damaged: type[Exception], name: str, place: str
) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for part in steps:
        try:
            pieces.append(step(part))
        except damaged:
            raise Broken(place, f"this is said to be {name} and is none, or is damaged.", _WHOLE) from None
        size += len(pieces[-1])
        if size > MOST:
            raise _too_much(name, place)
    return b"".join(pieces)


def _library(names: tuple[str, ...], encoding: str, package: str, place: str) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ImportError:  # noqa: PERF203 - the next one is looked for
            continue
    raise Broken(
        place,
        f"this is compressed as {encoding}, and {package} is not installed.",
        f"Install it with: pip install {package}",
    )


def _too_much(name: str, place: str) -> Broken:
    return Broken(place, f"this {name} is more than {MOST // 1024**2} MB when decompressed.", _WHOLE)
