"""Request and Response: the only values that cross a boundary.

A door turns what an HTTP library sends into a :class:`Request`, a fake answers with a
:class:`Response`, and neither side knows the other.  Both are plain immutable values.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, NoReturn

__all__ = [
    "JSON_TYPE",
    "PAUSE",
    "TEXT_TYPE",
    "USES",
    "Ending",
    "Headers",
    "Request",
    "Response",
    "as_json",
    "as_text",
    "json_response",
    "text_response",
]

# The header with which the documented client tells a server on this machine what it used, joined by ", ".
USES = "x-fakememtrace-uses"
# How many seconds a door lets go by before it asks again for an answer that is held.
PAUSE = 0.002
# How an answer ends: whole; after some of its body; before anything of it was sent.
Ending = Literal["", "cut", "dropped"]

JSON_TYPE = (("content-type", "application/json"),)
TEXT_TYPE = (("content-type", "text/plain; charset=utf-8"),)


# The token of a Telegram bot, which stands in the path.
_TOKEN = re.compile(r"(/bot\d+(?::|%3[Aa]))[^/?]+")


class Headers(dict[str, str]):
    """Headers by name, which many requests share, and which therefore do not change."""

    def _refused(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the headers of a Request cannot be changed; take a copy: dict(request.headers).")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refused

    def __reduce__(self) -> tuple[type[Headers], tuple[dict[str, str]]]:
        return Headers, (dict(self),)


class Request(NamedTuple):
    """One HTTP request, as it was sent.

    ``origin`` is scheme, host and port (``http://localhost:9100``); ``path`` and ``query``
    are raw: percent-escapes are not decoded.  Header names are lower-case.  ``patience`` is for how
    many seconds the client waits for an answer, as far as the door knows.
    """

    method: str
    origin: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    patience: float = math.inf

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.origin}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def shown(self) -> str:
        """The URL as it is shown to people: a Telegram bot's token, which is a secret, is not in it."""
        return _TOKEN.sub(r"\1...", self.url)


class Response(NamedTuple):
    """One HTTP answer.

    ``chunks`` are the pieces of the body in the order they are sent: an event stream has one
    per event, every other answer has one, or some that are one on the wire with ``joint`` between them:
    who keeps many lists of the same rows keeps each row once.  ``note`` and ``unexpected`` are for the journal and
    never go on the wire: which row or recording answered, and why this should not have happened.

    A fault sets ``fault``, its name, which is for the journal as well, ``ending`` and ``delay``.  ``ending``
    is for the door: when it is ``"dropped"``, the connection is closed before anything is sent,
    and the rest of the Response is what the server would have said (status 0 when it was never
    asked); when it is ``"cut"``, it is closed after ``chunks``, which are then only the start of
    what the headers promise (a ``content-length`` of the whole body is among them unless it is an
    event stream).  ``delay``
    is how many microseconds late the answer comes: a virtual clock has been moved by them (or by the
    request's ``patience``, where the client gives up before), a door whose clock is real waits.

    ``gaps`` are the microseconds that go by after each of the chunks, of a stream that was recorded with its times:
    the door moves the world's clock by them while the body is read, and a clock that is real is not moved.

    ``held`` is there while there is no answer yet: the door asks again after ``PAUSE``, with the same Request, and
    calls it when the client goes away.  What is ``silent`` is not written into the journal, as all that is held.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    chunks: tuple[bytes, ...] = (b"",)
    note: str = ""
    unexpected: str = ""
    fault: str = ""
    ending: Ending = ""
    delay: int = 0
    joint: bytes | None = None
    held: Callable[[], None] | None = None
    silent: bool = False
    gaps: tuple[int, ...] = ()

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self.chunks[0] if len(self.chunks) == 1 else (self.joint or b"").join(self.chunks)

    def whole(self) -> Response:
        """The same, its body in one piece where it has a ``joint``."""
        return self._replace(chunks=(self.body,), joint=None) if self.joint else self

    def header(self, name: str) -> str | None:
        """The first value of the header `name` (any case), or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def as_json(value: Any) -> bytes:
    """`value` as a body of compact JSON."""
    # A lone surrogate has no UTF-8 form; its backslash escape is valid JSON.
    return _to_json(value).encode("utf-8", "backslashreplace")


def as_text(text: str) -> bytes:
    """`text` as a body."""
    return text.encode("utf-8", "replace")


def json_response(status: int, value: Any, *headers: tuple[str, str]) -> Response:
    """An answer whose body is `value` as compact JSON."""
    return Response(status, JSON_TYPE + headers, (as_json(value),))


def text_response(status: int, text: str, *headers: tuple[str, str]) -> Response:
    """An answer whose body is plain text."""
    return Response(status, TEXT_TYPE + headers, (as_text(text),))
