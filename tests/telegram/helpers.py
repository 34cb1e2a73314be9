"""Scripts of updates, a plain client of the Bot API, and the smallest pictures."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable
from typing import Any

import httpx

from fakememtrace import World

__all__ = ["API", "Client", "echo", "jpeg", "png", "script", "traffic", "update"]

API = "https://api.telegram.org"


def update(bot: str = "Juan", user: str = "Nacho", text: str = "hi", **more: Any) -> dict[str, Any]:
    """One update."""
    return {"bot": bot, "user": user, **({} if "photo" in more else {"text": text}), **more}


def script(*updates: dict[str, Any]) -> dict[str, Any]:
    """A script with two bots and two customers."""
    return {
        "bot": [
            {"name": "Juan", "token": "1001:juan", "username": "juan_bot"},
            {"name": "Martin", "token": "1002:martin", "username": "martin_bot"},
        ],
        "user": [{"name": "Nacho", "id": 501}, {"name": "Maria", "id": 502, "username": "maria"}],
        "update": list(updates or [update()]),
    }


class Client:
    """Asks the Bot API as any program can, in forms."""

    def __init__(self, token: str = "1001:juan") -> None:
        self.url = f"{API}/bot{token}"
        self.offset = 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The whole answer."""
        answer: dict[str, Any] = httpx.post(f"{self.url}/{method}", data=parameters).json()
        return answer

    def poll(self, timeout: int = 30, **parameters: Any) -> list[dict[str, Any]]:
        """What has come; it is confirmed with the next poll."""
        updates: list[dict[str, Any]] = self.ask(
            "getUpdates", timeout=timeout, **{"offset": self.offset, **parameters}
        )["result"]
        self.offset = max([self.offset, *(one["update_id"] + 1 for one in updates)])
        return updates

    def say(self, message: dict[str, Any], text: str) -> dict[str, Any]:
        """Answer a message."""
        return self.ask("sendMessage", chat_id=message["chat"]["id"], text=text)


def echo(world: World, *tokens: str, then: Callable[[str], None] = lambda text: None) -> None:
    """Answer everything with the same words, one thread for each bot, until the script is at its end."""
    over = threading.Event()
    world.telegram.when_finished = over.set

    def serve(client: Client) -> None:
        while not over.is_set():
            for one in client.poll(timeout=1):
                client.say(one["message"], one["message"].get("text", "a photo"))
                then(one["message"].get("text", "a photo"))

    threads = [threading.Thread(target=serve, args=(Client(token),)) for token in tokens or ("1001:juan",)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def traffic(world: World) -> list[tuple[str, bytes, bytes]]:
    """The journal as plain values."""
    return [(str(one), one.request.body, one.response.body if one.response else b"") for one in world.journal]


def png(width: int = 2, height: int = 1) -> bytes:
    """A black picture."""
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def jpeg(width: int, height: int) -> bytes:
    """The beginning of a JPEG, which is all that says how large it is."""
    comment = b"\xff\xfe\x00\x04hi"
    return b"\xff\xd8" + comment + b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
