"""The photos that customers send: their bytes, and how large the picture is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..hashing import sha256

__all__ = ["Photo", "Size", "size_of"]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# The markers of a JPEG with which a frame begins, and which say its size.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# The longer side of the small size that Telegram makes of every photo.
_SMALL = 90


class Size(NamedTuple):
    """One of the sizes in which a photo can be downloaded: its letter, as in file names, and its measures."""

    letter: str
    width: int
    height: int


class Photo(NamedTuple):
    """A photo of the script: which of them it is, from 0, the name of its file, the bytes, and the measures."""

    number: int
    name: str
    content: bytes
    width: int
    height: int

    def sizes(self) -> list[Size]:
        """The sizes, the smallest first as in the real API; the bytes of both are those of the file."""
        scale = min(1.0, _SMALL / max(self.width, self.height))
        small = Size("s", max(1, round(self.width * scale)), max(1, round(self.height * scale)))
        return [small, Size("x", self.width, self.height)]

    def path(self, size: Size) -> str:
        """Where a size is downloaded from, below the bot's own address: ``photos/file_0x.png``."""
        return f"photos/file_{self.number}{size.letter}{Path(self.name).suffix.lower()}"

    def file_id(self, bot: int, size: Size) -> str:
        """The id with which one bot asks for a size; another bot has another."""
        return "AgACAgQAAxkBAA" + sha256(f"{bot} {self.number} {size.letter}".encode() + self.content).hexdigest()[:48]

    def unique_id(self, size: Size) -> str:
        """The id of a size that is the same for every bot."""
        return "AQAD" + sha256(f"{self.number} {size.letter}".encode() + self.content).hexdigest()[:12]


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or a JPEG; None when it is neither."""
    if content.startswith(_PNG) and len(content) >= 24:
        return _number(content[16:20]), _number(content[20:24])
    if content.startswith(_JPEG):
        return next(_frames(content), None)
    return None


def _frames(content: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _FRAMES:
            yield _number(content[at + 7 : at + 9]), _number(content[at + 5 : at + 7])
        at += 2 + _number(content[at + 2 : at + 4])


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
