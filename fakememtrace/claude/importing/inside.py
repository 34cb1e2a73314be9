"""The texts that a file holds in base64, compressed or not: bodies, as recorders of other tools write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .bodies import from_base64, opened, text_of
from .broken import Broken

__all__ = ["texts_inside"]

# The lines of a YAML block go on with what is nothing but base64.
_RUN = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}(?:\r?\n[ \t]+[A-Za-z0-9+/]+={0,2}(?=\r?\n|\Z))*")


def texts_inside(text: str) -> Iterator[tuple[int, str]]:
    """Each text that stands in `text` in base64, with the place where it begins; compressed ones are opened.

    What is no text when it is opened is left out: pictures, digests.  So is what cannot be opened without being told
    how (br).
    """
    for run in _RUN.finditer(text):
        told = _told(run[0])
        if told:
            yield run.start(), told


def _told(spelled: str) -> str:
    """The text that is spelled; empty where it is none."""
    try:
        return text_of(opened(from_base64(spelled, ""), "", ""), "")
    except Broken:
        return ""
