"""Baselines: files for review, and complaints that name file and field."""

from __future__ import annotations

import pytest

from fakememtrace.evals.gating import Baseline, BaselineError, Score, read, read_if_there, to_text

TEXT = """\
{
  "format": "fakememtrace-baseline",
  "version": 1,
  "name": "demo",
  "digest": "d1",
  "tolerance": 0.01,
  "floors": {
    "dates": 0.25,
    "names": 0.5
  },
  "seed": 1,
  "resamples": 9999,
  "items": [
    {"key": "a/1 · newest", "conversation": "a", "category": "names", "value": 0.5},
    {"key": "b/1 · newest", "conversation": "b", "category": "dates", "value": 1.0}
  ]
}
"""
BASELINE = Baseline(
    "demo",
    "d1",
    floors={"names": 0.5, "dates": 0.25},
    scores=(Score("b/1 · newest", "b", "dates", 1.0), Score("a/1 · newest", "a", "names", 0.5)),
)


def test_an_item_is_a_line():
    """Sorted by key, so that a change of one item is a change of one line."""
    assert to_text(BASELINE) == TEXT


def test_what_is_written_is_read(tmp_path):
    """The same values, and the same bytes again."""
    file = tmp_path / "demo.json"
    file.write_text(TEXT, "utf-8")
    found = read(file)
    assert found == BASELINE._replace(scores=tuple(reversed(BASELINE.scores)))
    assert to_text(found) == TEXT
    assert read_if_there(file) == found


def test_one_that_is_not_there(tmp_path):
    """Who asks whether there is one gets None; who needs it is told what writes it."""
    assert read_if_there(tmp_path / "none.json") is None
    with pytest.raises(BaselineError) as refused:
        read(tmp_path / "none.json")
    assert str(refused.value) == f"{tmp_path / 'none.json'}: there is no such file.\nWrite it with --bless."


OURS = "Expected JSON with the format 'fakememtrace-baseline'."
KNOWN = "Known here: format, version, name, digest, tolerance, floors, seed, resamples and items."
REPAIR = "Take it from version control, or write it anew with --bless."


@pytest.mark.parametrize(
    ("old", "new", "place", "problem", "advice"),
    [
        ('"b/1', '"b/1"', "line 15 column 19", "this is not JSON: Expecting ',' delimiter.", REPAIR),
        ("0.01,", "NaN,", "", "NaN is no score.", REPAIR),
        ("-baseline", "-cassette", "", "this is no baseline.", OURS),
        (": 1,\n  \"name", ": 2,\n  \"name", "version", "this is version 2 of the format, and 1 is known.",
         "Write it anew with --bless, or use the version that wrote it."),
        ('"digest": "d1",', "", "digest", "this field is missing.", REPAIR),
        ('"seed"', '"sed"', "sed", f"unknown field 'sed'. Did you mean 'seed'? {KNOWN}", REPAIR),
        ('"demo"', '""', "name", "expected a text, found ''.", REPAIR),
        ("0.01", "-1", "tolerance", "expected a number from 0 on, found -1.", REPAIR),
        ("0.01", "1e999", "tolerance", "expected a number from 0 on, found inf.", REPAIR),
        ("0.25", "true", "floors.dates", "expected a number, found True.", REPAIR),
        ("9999", "0", "resamples", "expected a whole number from 1 on, found 0.", REPAIR),
        ("9999", "1.5", "resamples", "expected a whole number from 1 on, found 1.5.", REPAIR),
        ('"value": 1.0', '"value": null', "items[1].value", "expected a number, found None.", REPAIR),
        ('"b/1', '"a/1', "items", "'a/1 · newest' is there more than once.", REPAIR),
        (', "value": 1.0', "", "items[1].value", "this field is missing.", REPAIR),
        ('{"key": "b/1', '7, {"key": "b/1', "items[1]", "expected an object, found 7.", REPAIR),
    ],
)  # fmt: skip
def test_a_broken_one_is_refused(old, new, place, problem, advice, tmp_path):
    """With the field, what is wrong with it and what to do."""
    assert old in TEXT
    file = tmp_path / "demo.json"
    file.write_text(TEXT.replace(old, new), "utf-8")
    with pytest.raises(BaselineError) as refused:
        read(file)
    where = f"{file}, {place}" if place else str(file)
    assert str(refused.value) == f"{where}: {problem}\n{advice}"


def test_one_without_items_is_none(tmp_path):
    """It would let everything pass."""
    file = tmp_path / "demo.json"
    file.write_text(to_text(BASELINE._replace(scores=())), "utf-8")
    with pytest.raises(BaselineError, match=r"items: expected a list of items, and one at least\."):
        read(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "byte 0: this is not UTF-8 text."),
        (b"[" * 200_000, "this JSON is nested too deeply to be a baseline."),
        (b"[]", "this is no baseline."),
    ],
)
def test_what_is_no_text_at_all(content, words, tmp_path):
    """No traceback for any of it."""
    file = tmp_path / "demo.json"
    file.write_bytes(content)
    with pytest.raises(BaselineError) as refused:
        read(file)
    assert words in str(refused.value)


def test_a_folder_is_none(tmp_path):
    """The system says why it cannot be read."""
    with pytest.raises(BaselineError, match="cannot be read: Is a directory"):
        read(tmp_path)
