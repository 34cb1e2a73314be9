"""What customers and bots said to each other, out of the exchanges with Telegram."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..journal import Exchange

__all__ = ["said"]


def said(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Who said what in `exchange`: ``customer`` or ``bot`` and the words, or ``telegram`` where it was refused."""
    response = exchange.response
    method, _, bot = response.note.partition(" ") if response else ("", "", "")
    if response is None or method == "file":
        return
    body = json.loads(response.body)
    if not body["ok"]:
        yield "telegram", f"{response.note or 'no bot'}: {response.status} {body['description']}"
    elif method == "getUpdates":
        for update in body["result"]:
            yield "customer", f"{update['message']['from']['first_name']} to {bot}: {_content(update['message'])}"
    elif method == "sendMessage":
        chat = body["result"]["chat"]
        yield "bot", f"{bot} to {chat.get('first_name') or chat['title']}: {body['result']['text']}"


def _content(message: dict[str, Any]) -> str:
    """``[photo] My bill``."""
    parts = ["[photo]" if "photo" in message else "", message.get("text", message.get("caption"))]
    return " ".join(part for part in parts if part)
