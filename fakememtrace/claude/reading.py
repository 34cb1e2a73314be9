"""From a cassette file to interactions; every complaint names the file and the place in it."""

from __future__ import annotations

import gc
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import CassetteError, did_you_mean, listed
from .complaining import MADE_BY
from .entry import EntryReader
from .interaction import Interaction
from .shapes import kind_of
from .unread import put_back, set_aside

__all__ = ["FORMAT", "VERSION", "complaints", "read_interactions"]

FORMAT = "fakememtrace-cassette"
VERSION = 1

_KEYS = ("format", "version", "interactions")
_CUT_SHORT = "the file ends in the middle: it was cut short."
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
# The end of a text in an escape, and of a number that goes on: ``1.`` or ``1e-``.
_IN_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{0,4})?\Z")
_IN_NUMBER = re.compile(r"\.|[eE][+-]?")


def read_interactions(path: str | os.PathLike[str]) -> list[Interaction]:
    """The interactions of the file `path`; CassetteError when it is missing or broken."""
    with _without_collections():
        reader = EntryReader(Path(path), _entries(Path(path), lazily=True))
        return [reader.interaction(number) for number in reader.numbers()]


def complaints(path: str | os.PathLike[str]) -> list[CassetteError]:
    """What is wrong with the file `path`: the first thing of every interaction; nothing when it can be read."""
    try:
        reader = EntryReader(Path(path), _entries(Path(path)))
    except CassetteError as error:
        return [error]
    return [found for number in reader.numbers() if (found := reader.complaint(number))]


@contextmanager
def _without_collections() -> Iterator[None]:
    """Spare the collector of garbage what it would look at again and again: a million values, all kept."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _document(path: Path, lazily: bool) -> Any:
    """What the file holds; `lazily` with its streams as :class:`UnreadEvents` where they can be left so."""
    text = _text(path)
    short, streams = set_aside(text) if lazily else (text, [])
    try:
        document = json.loads(short)
        if not streams or (isinstance(document, dict) and put_back(document.get("interactions"), streams)):
            return document
    except (ValueError, RecursionError):
        # Told of the file as it is.
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_json(path, text, error) from None


def _entries(path: Path, lazily: bool = False) -> list[Any]:
    document = _document(path, lazily)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CassetteError(
            path,
            f"this is no fakememtrace cassette but {_foreign(document)}.",
            f'Expected a JSON object with "format": "{FORMAT}". {MADE_BY}',
        )
    if document.get("version") != VERSION:
        raise CassetteError(
            path,
            f"this cassette has version {document.get('version')!r}; this fakememtrace reads version {VERSION}.",
            "Use the fakememtrace that wrote it, or a newer one.",
        )
    unknown = next((key for key in document if key not in _KEYS), None)
    if unknown is not None:
        problem = f"unknown key {unknown!r}.{did_you_mean(unknown, _KEYS)}"
        raise CassetteError(path, problem, f"Known: {listed(_KEYS)}.")
    entries = document.get("interactions")
    if not isinstance(entries, list):
        raise CassetteError(path, f"expected a list, found {kind_of(entries)}.", MADE_BY, '"interactions"')
    return entries


def _text(path: Path) -> str:
    try:
        # Not as text: nothing here depends on how lines end, and looking for it takes its time.
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise CassetteError(path, "there is no such cassette.", _beside(path)) from None
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        if error.reason == "unexpected end of data":
            raise CassetteError(path, _CUT_SHORT, "Restore it from version control.", place) from None
        raise CassetteError(path, "this is not UTF-8 text, so no cassette.", MADE_BY, place) from None
    except OSError as error:
        raise CassetteError(path, f"cannot be read: {error.strerror}.", MADE_BY) from None


def _beside(path: Path) -> str:
    if not path.parent.is_dir():
        return f"Its folder {path.parent} does not exist either. Check the path."
    beside = sorted(entry.name for entry in path.parent.glob("*.json"))
    hint = did_you_mean(path.name, beside).strip()
    return hint or f"JSON files in {path.parent}: {listed(beside)}. Check the path."


def _not_json(path: Path, text: str, error: Exception) -> CassetteError:
    if isinstance(error, RecursionError):
        return CassetteError(path, "this JSON is nested too deeply to be a cassette.", MADE_BY)
    if not isinstance(error, json.JSONDecodeError):
        # Python reads no number of more than 4300 digits.
        return CassetteError(path, "this JSON has a number that is too long to be read.", MADE_BY)
    place = f"line {error.lineno} column {error.colno}"
    if not text.strip():
        return CassetteError(path, "the file is empty.", f"Restore it from version control. {MADE_BY}")
    if text.startswith("\ufeff"):
        return CassetteError(path, "the file begins with a byte-order mark.", "Save it as UTF-8 without one.")
    if text.lstrip()[:1] not in "{[":
        return CassetteError(
            path,
            f"this is no fakememtrace cassette but {_foreign_text(text)}.",
            f'Expected a JSON object with "format": "{FORMAT}". {MADE_BY}',
        )
    if _is_cut(text.rstrip(), error):
        return CassetteError(path, _CUT_SHORT, "Restore it from version control.", place)
    return CassetteError(path, f"this is not JSON: {error.msg}.", "Correct the file there.", place)


def _is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Whether reading stopped because there is no more, be that in a string, an escape, a word or a number."""
    rest = text[error.pos :]
    ends_in_escape = "escape" in error.msg and len(rest) < len(r"\u0000") and _IN_ESCAPE.search(text)
    ends_in_word = any(word.startswith(rest) for word in _LITERALS) or _IN_NUMBER.fullmatch(rest)
    return bool(ends_in_word or ends_in_escape) or error.msg.startswith("Unterminated string")


def _foreign(document: Any) -> str:
    if isinstance(document, dict) and "log" in document:
        return "a HAR file"
    if isinstance(document, dict) and isinstance(document.get("interactions"), list):
        return "a VCR cassette in JSON"
    return f"{kind_of(document)} of something else"


def _foreign_text(text: str) -> str:
    head = text.lstrip()[:400]
    if "interactions:" in head or head.startswith("version:"):
        return "a VCR cassette in YAML"
    return "text that is not JSON"
