"""The words of errors."""

from __future__ import annotations

import pytest

from fakememtrace.errors import CassetteError, ScenarioError, UnknownName, listed


def test_an_unknown_name_shows_the_nearest():
    """A slip of the finger is answered with what was meant."""
    assert str(UnknownName("dialect", "documentd", ["documented", "0.2.0"])) == (
        "unknown dialect 'documentd'. Did you mean 'documented'? Known: 0.2.0 and documented."
    )


def test_a_name_like_no_other_has_no_nearest():
    """Nothing is suggested where nothing is alike."""
    assert str(UnknownName("dialect", "xyz", ["0.2.0"])) == "unknown dialect 'xyz'. Known: 0.2.0."


@pytest.mark.parametrize("kind", [CassetteError, ScenarioError])
def test_a_file_error_begins_with_file_and_place(kind):
    """File and place come first, then what is wrong, then what to do."""
    assert str(kind("a/b.json", "it is broken.", "Mend it.", "line 3")) == "a/b.json, line 3: it is broken.\nMend it."
    assert str(kind("a/b.json", "it is broken.", "Mend it.")) == "a/b.json: it is broken.\nMend it."
    assert kind("x", "y", "z").exit_code == 2


@pytest.mark.parametrize(
    ("names", "text"), [([], "nothing"), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_read_like_sentences(names, text):
    """Names are joined as in a sentence."""
    assert listed(names) == text
