"""Which files are imported, and where the cassette of each is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fakememtrace import UsageError
from fakememtrace.claude.importing import import_recordings

from . import made
from .made import vcrpy, vcrpy_text

TEXT = vcrpy_text(vcrpy())


def write(folder: Path, *names: str, text: str = TEXT) -> None:
    """Files with a recording."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def said(outcomes):
    """All problems, whole."""
    return [str(problem) for outcome in outcomes for problem in outcome.problems]


def test_a_folder_is_imported_with_all_below_it(tmp_path):
    """Every file that is named as recordings are, sorted, each to the same place in the other folder."""
    source, out = tmp_path / "cassettes", tmp_path / "out"
    write(source, "b.yaml", "a/z.yml", "a/y.HAR", "a/b/c[1-2].yaml", "v1.2.yaml", "list.json")
    write(source, "README.md", "x.py", ".hidden.yaml", ".git/x.yaml", text="not looked at")
    (source / "a" / "y.HAR").write_text(made.har_text(made.har()), "utf-8")
    (source / "list.json").write_text("[]", "utf-8")
    outcomes = import_recordings([source], out)
    assert [str(outcome.source.relative_to(source)) for outcome in outcomes] == [
        "b.yaml",
        "list.json",
        "v1.2.yaml",
        "a/y.HAR",
        "a/z.yml",
        "a/b/c[1-2].yaml",
    ]
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()) == [
        "a/b/c[1-2].json",
        "a/y.json",
        "a/z.json",
        "b.json",
        "v1.2.json",
    ]


def test_a_file_that_is_named_is_imported_whatever_its_name(tmp_path):
    """Only in folders do names decide; one that ends otherwise gets .json after it."""
    write(tmp_path, "recording", "x.txt")
    outcomes = import_recordings([tmp_path / "recording", tmp_path / "x.txt"], tmp_path / "out")
    assert [outcome.cassette.name for outcome in outcomes] == ["recording.json", "x.txt.json"]


def test_a_file_that_is_named_twice_is_imported_once(tmp_path):
    """By itself and with its folder, and through a link."""
    write(tmp_path / "a", "x.yaml")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "a" / "x.yaml")
    given = [tmp_path / "a" / "x.yaml", tmp_path / "a", tmp_path / "a" / ".." / "a" / "x.yaml", tmp_path / "link.yaml"]
    (outcome,) = import_recordings(given, tmp_path / "out")
    assert outcome.cassette == tmp_path / "out" / "x.json"


def test_what_is_missing_is_named_with_what_is_near(tmp_path):
    """A path that leads nowhere does not keep the others from being imported."""
    write(tmp_path, "first.yaml")
    given = [tmp_path / "frist.yaml", tmp_path / "first.yaml", tmp_path / "qqq", tmp_path / "no" / "x.yaml"]
    outcomes = import_recordings(given, tmp_path / "out")
    assert said(outcomes) == [
        f"{tmp_path}/frist.yaml: there is no such file or folder.\nDid you mean 'first.yaml'?",
        f"{tmp_path}/qqq: there is no such file or folder.\nIn {tmp_path} is first.yaml. Check the path.",
        (
            f"{tmp_path}/no/x.yaml: there is no such file or folder.\n"
            f"Its folder {tmp_path}/no does not exist either. Check the path."
        ),
    ]
    assert outcomes[1].cassette == tmp_path / "out" / "first.json"


def test_of_a_full_folder_only_some_names_are_told(tmp_path):
    """A list that nobody reads helps nobody."""
    write(tmp_path, *(f"{letter * 3}.yaml" for letter in "abcdefghij"))
    outcomes = import_recordings([tmp_path / "0"], tmp_path / "out")
    names = ", ".join(f"{letter * 3}.yaml" for letter in "abcdefgh")
    assert said(outcomes) == [
        f"{tmp_path}/0: there is no such file or folder.\nIn {tmp_path} is {names} and 2 more. Check the path."
    ]


def test_a_folder_without_recordings_is_named(tmp_path):
    """An import of nothing is a mistake."""
    write(tmp_path / "empty", "README.md")
    assert said(import_recordings([tmp_path / "empty"], tmp_path / "out")) == [
        (
            f"{tmp_path}/empty: no file in this folder is named as recordings are.\n"
            "Expected names that end in .yaml, .yml, .har, .json or .httprr. Check the path."
        )
    ]


def test_a_link_to_nothing_is_named(tmp_path):
    """Also where it is found in a folder, and where it leads to itself."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.yaml").symlink_to(tmp_path / "gone.yaml")
    (tmp_path / "a" / "y.yaml").symlink_to(tmp_path / "a" / "y.yaml")
    problems = said(import_recordings([tmp_path / "a"], tmp_path / "out"))
    assert [problem.partition("\n")[0] for problem in problems] == [
        f"{tmp_path}/a/x.yaml: there is no such file or folder.",
        f"{tmp_path}/a/y.yaml: there is no such file or folder.",
    ]


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path, monkeypatch):
    """What may be in there is not taken for nothing."""
    write(tmp_path / "a", "closed/x.yaml", "x.yaml")
    scan = os.scandir

    def refused(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    outcomes = import_recordings([tmp_path / "a"], tmp_path / "out")
    assert said(outcomes) == [
        f"{tmp_path}/a/closed: this folder cannot be looked into: Permission denied.\nCorrect that, or leave it out."
    ]
    assert outcomes[0].cassette == tmp_path / "out" / "x.json"


def test_nothing_is_written_over_without_force(tmp_path):
    """A cassette that somebody may have worked on stays; --force replaces it."""
    write(tmp_path, "x.yaml")
    (tmp_path / "out").mkdir()
    there = tmp_path / "out" / "x.json"
    there.write_text("mine", "utf-8")
    outcomes = import_recordings([tmp_path / "x.yaml"], tmp_path / "out")
    assert said(outcomes) == [
        (
            f"{tmp_path}/x.yaml: its cassette {there} is there already, and was left as it is.\n"
            "Add --force to replace it, or name another folder with --out."
        )
    ]
    assert there.read_text("utf-8") == "mine"
    (forced,) = import_recordings([tmp_path / "x.yaml"], tmp_path / "out", force=True)
    assert (forced.problems, forced.cassette) == ([], there)
    assert there.read_text("utf-8").startswith('{\n  "format"')


def test_two_recordings_never_become_one_cassette(tmp_path):
    """Neither is written where both would be, whatever the order; the others are."""
    write(tmp_path, "a/x.yaml", "a/x.yml", "b/x.yaml", "b/y.yaml")
    outcomes = import_recordings([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    where = tmp_path / "out" / "x.json"
    names = [f"{tmp_path}/a/x.yaml", f"{tmp_path}/a/x.yml", f"{tmp_path}/b/x.yaml"]
    assert said(outcomes) == [
        f"{name}: its cassette would be {where}, and so would that of {others[0]} and {others[1]}; neither was "
        "written.\nImport them one by one, into different folders."
        for name in names
        for others in [[other for other in names if other != name]]
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["y.json"]


def test_a_recording_is_never_written_over(tmp_path):
    """A HAR file may be called .json, and its folder may be given as the one to write to."""
    text = made.har_text(made.har())
    write(tmp_path, "x.json", text=text)
    assert said(import_recordings([tmp_path], tmp_path, force=True)) == [
        (
            f"{tmp_path}/x.json: its cassette would be written over the recording {tmp_path}/x.json.\n"
            "Name another folder with --out."
        )
    ]
    assert (tmp_path / "x.json").read_text("utf-8") == text


@pytest.mark.parametrize("link", ["x.json", "a"])
def test_nothing_is_written_outside_of_the_folder(tmp_path, link):
    """No link leads out of it, be it a file or a folder."""
    write(tmp_path / "source", "x.yaml", "a/x.yaml")
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / link).symlink_to(elsewhere / link if link == "x.json" else elsewhere)
    outcomes = import_recordings([tmp_path / "source"], out, force=True)
    inside = "x.json" if link == "x.json" else "a/x.json"
    source = "x.yaml" if link == "x.json" else "a/x.yaml"
    assert said(outcomes) == [
        (
            f"{tmp_path}/source/{source}: its cassette {out}/{inside} would be written outside of {out}, "
            f"to {elsewhere}/x.json.\nTake that link away, or name another folder with --out."
        )
    ]
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_is_in_the_way_is_named(tmp_path):
    """What cannot be written is said as the system says it."""
    write(tmp_path, "source/a/x.yaml", "source/b.yaml")
    out = tmp_path / "out"
    write(out, "a", text="a file")
    (out / "b.json").mkdir()
    outcomes = import_recordings([tmp_path / "source"], out, force=True)
    assert [problem.split("\n")[0] for problem in said(outcomes)] == [
        f"{tmp_path}/source/b.yaml: its cassette {out}/b.json cannot be written: Is a directory.",
        f"{tmp_path}/source/a/x.yaml: its cassette {out}/a/x.json cannot be written: File exists.",
    ]


def test_a_file_is_no_folder_to_write_to(tmp_path):
    """That is refused before anything is read."""
    write(tmp_path, "x.yaml", "out")
    with pytest.raises(UsageError) as refused:
        import_recordings([tmp_path / "x.yaml"], tmp_path / "out")
    assert str(refused.value) == (f"{tmp_path}/out is a file. Expected a folder for the cassettes.\nName another one.")


def test_a_recording_with_nothing_of_claudes_becomes_no_cassette(tmp_path):
    """An empty cassette would be a mistake that nobody sees; that it has none is in the report."""
    write(tmp_path, "x.yaml", text=vcrpy_text(vcrpy(url="https://api.openai.com/v1/chat")))
    write(tmp_path, "y.yaml", text=vcrpy_text())
    first, second = import_recordings([tmp_path], tmp_path / "out")
    assert (first.format, first.cassette, dict(first.left)) == ("vcrpy", None, {"other host api.openai.com": 1})
    assert (second.format, second.cassette, second.problems) == ("vcrpy", None, [])
    assert not (tmp_path / "out").exists()
