"""Text of others as it is safe to show: what nobody sees, and what turns text around, stands there in letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["marked", "visible"]

# Control characters but for tab and newline, what reorders text, what has no width (but for the joiners, which
# scripts and emoji need), and halves of surrogate pairs, which no file can hold.
_HIDDEN = re.compile(
    "([\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+)"
)


def visible(text: str) -> str:
    r"""`text`, such characters as escapes: ``\x00``, ``\u202e``."""
    return _HIDDEN.sub(lambda found: _escaped(found[1]), text)


def marked(text: str) -> Markup:
    """The same as HTML, in which an escape looks different from one that somebody wrote."""
    from markupsafe import Markup, escape

    if not _HIDDEN.search(text):
        return escape(text)
    parts = _HIDDEN.split(text)
    for place in range(1, len(parts), 2):
        parts[place] = Markup('<span class="hidden-char">{}</span>').format(_escaped(parts[place]))
    return Markup("").join(map(escape, parts))


def _escaped(text: str) -> str:
    return text.encode("unicode_escape", "surrogatepass").decode("ascii")
