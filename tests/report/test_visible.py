"""What others wrote, as it is shown."""

from __future__ import annotations

import unicodedata

import pytest

from fakememtrace.report.visible import marked, visible

# Signs above or around the letters that follow, which everybody sees.
ARABIC = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nof lines", "plain\ttext\nof lines"),
        ("a\0b\x1b[31m\x7f\x9b", r"a\x00b\x1b[31m\x7f\x9b"),
        ("x\u202ey\u2066z\u2069", r"x\u202ey\u2066z\u2069"),
        ("a lone \ud800 half", r"a lone \ud800 half"),
        ("no\u200bwidth\ufeff\u2028", r"no\u200bwidth\ufeff\u2028"),
        ("\U000e0041 hidden", r"\U000e0041 hidden"),
        ("שלום ﷽ 👩‍👩‍👧 é नि", "שלום ﷽ 👩‍👩‍👧 é नि"),
    ],
)
def test_what_nobody_sees_stands_there_in_letters(text, shown):
    """Control characters, what reorders, what has no width, and halves of pairs; scripts and emoji stay as they are."""
    assert visible(text) == shown


def test_no_control_character_is_left():
    """Of all characters that control or format, only tab, newline, the two joiners and visible signs come through."""
    every = (chr(code) for code in range(0x110000))
    controls = [char for char in every if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    left = {char for char in controls if visible(char) == char}
    assert left <= {"\t", "\n", "\u200c", "\u200d", *ARABIC}


def test_markup_is_escaped_and_escapes_look_different():
    """A character that is shown as an escape is told apart from one that somebody wrote so."""
    assert marked(r"<b>\x00</b>") == r"&lt;b&gt;\x00&lt;/b&gt;"
    assert marked("\0<") == '<span class="hidden-char">\\x00</span>&lt;'
