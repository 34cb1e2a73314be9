"""What a request to the Bot API asks with: a query, a form, JSON, or parts, as the API takes all four."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from ..wire import Request

__all__ = ["Parameters"]


class Parameters(dict[str, str]):
    """The parameters by name, each as the text that it has in a form."""

    @classmethod
    def of(cls, request: Request) -> Parameters:
        """Those of `request`; what is in the body comes before what is in the query."""
        kind = request.headers.get("content-type", "")
        read = next((reader for start, reader in _READERS.items() if kind.startswith(start)), None)
        body = read(request.body, kind) if read and request.body else {}
        return cls({**_form(request.query.encode(), ""), **body})

    def number(self, name: str, default: int = 0) -> int:
        """A whole number; `default` where it is none, as the real API has it."""
        try:
            return int(self.get(name, ""))
        except ValueError:
            return default

    def value(self, name: str) -> Any:
        """A value that is written as JSON; None when it is absent or broken."""
        try:
            return json.loads(self.get(name, ""))
        except ValueError:
            return None


def _form(body: bytes, _: str) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _json(body: bytes, _: str) -> dict[str, str]:
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    given = values if isinstance(values, dict) else {}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


def _parts(body: bytes, kind: str) -> dict[str, str]:
    whole = message_from_bytes(b"content-type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + body)
    parts = whole.get_payload() if whole.is_multipart() else []
    return dict(_part(part) for part in parts if isinstance(part, Message) and not part.get_filename())


def _part(part: Message) -> tuple[str, str]:
    content = part.get_payload(decode=True)
    name = part.get_param("name", "", "content-disposition")
    return str(name), content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


_READERS = {
    "application/json": _json,
    "application/x-www-form-urlencoded": _form,
    "multipart/form-data": _parts,
}
