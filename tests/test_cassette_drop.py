"""Interactions can be taken out of a cassette, and what is left is a cassette that says the same of the others."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from fakememtrace.claude.cassette import Cassette
from fakememtrace.cli import cli
from fakememtrace.errors import UsageError

from .claude.helpers import conversation, interaction, request


def drop(*arguments):
    """The result of the command."""
    return CliRunner().invoke(cli, ["cassette", "drop", *map(str, arguments)])


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A cassette: one question, a conversation of three turns that are additions to each other, another question."""
    monkeypatch.chdir(tmp_path)
    turns = [interaction(request("first"), "one"), *conversation().interactions, interaction(request("last"), "five")]
    Cassette(turns).save("cassette.json")
    return tmp_path / "cassette.json"


def test_what_is_left_says_what_it_said(file):
    """A turn that was an addition to a dropped one is whole afterwards, and the file is canonical."""
    before = Cassette.load(file).interactions
    result = drop("cassette.json", "1", "3")
    assert (result.exit_code, result.output) == (0, "cassette.json: interactions 1, 3 dropped, 3 interactions left\n")
    after = Cassette.load(file)
    assert [(one.request, one.response) for one in after.interactions] == [
        (before[number].request, before[number].response) for number in (1, 3, 4)
    ]
    assert after.is_canonical()


def test_a_range_names_several(file):
    """As the message about what nobody asked for writes them."""
    assert drop("cassette.json", "2-4", "5").output == "cassette.json: interactions 2-5 dropped, 1 interaction left\n"


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        (["0"], "cassette.json has no interactions 0. It has those from 1 to 5."),
        (["4-6"], "cassette.json has no interactions 4-6. It has those from 1 to 5."),
        (["3-2"], "cassette.json has no interactions 3-2. It has those from 1 to 5."),
        (["two"], "'two' is no number of an interaction. Expected one such as 3, or several as 3-5."),
        (["1-5"], "nothing would be left of cassette.json. Delete the file, if that is meant."),
    ],
)
def test_what_cannot_be_dropped_is_refused_and_the_file_stays(file, numbers, problem):
    """A number that is not there, nonsense, or all of them."""
    before = file.read_bytes()
    result = drop("cassette.json", *numbers)
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == problem
    assert file.read_bytes() == before
