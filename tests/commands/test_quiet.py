"""--quiet: what is left is what is wrong, and the verdict."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.commands.serve import command as serve
from fakememtrace.doors import server

from ..evals.helpers import BODY, case_file
from ..evals.sweeps import sweep_file
from ..scenario.helpers import Folder

TAPE = "scenarios/first/cassette.json"
SWEEP = 'title = "T"\n[cases]\nevals = ["demo"]\n[where]\nevals = "cases.toml"\n[axes]\ndialect = ["0.2.0"]\n'


@pytest.fixture
def printed(project):
    """What the command prints on both streams."""
    case_file(project, BODY)
    (project / "broken.json").write_text('{"format": "fakememtrace-cassette", ', "utf-8")
    (project / "ruby.yml").write_text("http_interactions: []", "utf-8")
    sweep_file(project, SWEEP)
    return lambda *words: CliRunner().invoke(cli, words).output


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (
            ["cassette", "check", "scenarios", "broken.json"],
            [
                (
                    "broken.json, line 1 column 37: the file ends in the middle: it was cut short. "
                    "Restore it from version control."
                ),
                "2 files, 1 bad",
            ],
        ),
        (["cassette", "check", "scenarios"], ["1 file, none bad"]),
        (["cassette", "drop", TAPE, "3"], []),
        (
            ["cassette", "format", "broken.json"],
            [
                "broken.json, line 1 column 37: the file ends in the middle: it was cut short.",
                "Restore it from version control.",
            ],
        ),
        (
            ["cassette", "import", "ruby.yml", "--out", "out"],
            [
                "ruby.yml: this is a Ruby VCR cassette, which is not read.",
                "Read are vcrpy cassettes (YAML or JSON), go-vcr cassettes (YAML) and HAR files.",
                "Record the program again with one of these, or leave the file out.",
                "1 file, 0 exchanges imported into 0 cassettes, 0 left, 1 problem",
            ],
        ),
        (["init", "new"], []),
        (["mutate", "--evals", "cases.toml", "--fault", "lost_write"], ["PASSED: 2 of 2 killed (1 mutant, 1 eval)"]),
        (["record", "first", "--mode", "once", "--yes"], []),
        (
            ["replay", "--scenarios", "quick"],
            ["PASSED demo (0.2.0): 1 run, 1 request to Claude, 0 memories stored, 1 of 1 expectation held"],
        ),
        (["sweep", "plans.toml"], ["SWEPT: 1 unit: 1 passed"]),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_what_is_left(project, printed, words, left):
    """On both streams there is only what is wrong, and the verdict."""
    (project / "new").mkdir()
    Folder(project / "quick")
    assert [line for line in printed(*words, "--quiet").splitlines() if line] == left


def test_a_quiet_server_says_nothing(monkeypatch):
    """Where it is is known to who starts it, and what it listens at beyond this machine is said all the same."""
    monkeypatch.setattr(server, "run", lambda _application, listener, ready: (ready(), listener.close()))
    assert CliRunner().invoke(serve, ["--port", "0", "--quiet"]).output == ""
    open_to_all = CliRunner().invoke(serve, ["--port", "0", "--quiet", "--host", "0.0.0.0"])
    assert open_to_all.output == (
        "fakememtrace: warning: 0.0.0.0 can be reached from other machines, and so can all that is stored here.\n"
        "Leave --host out to listen on this machine only.\n"
    )
