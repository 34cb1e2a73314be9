"""``fakememtrace sweep``: tables, a folder, a report, exit codes."""

from __future__ import annotations

import io
import json
import sys

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.commands.progress import progress
from fakememtrace.errors import UsageError
from fakememtrace.evals.sweeping import sweeping
from fakememtrace.evals.sweeping.executors import Alone

from .helpers import BODY, case_file
from .sweeps import sweep_file
from .test_sweep_units import TALKS

UPDATES = """\
title = "Updates"
k = [2, 5]
[cases]
data = ["synthetic/updates"]
[axes]
plan = ["substring", "since 2h"]
window = ["default", "2h"]
"""


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """The command with a sweep and these arguments, in a folder of its own, without a process."""
    monkeypatch.chdir(tmp_path)

    def run(text, *arguments):
        sweep_file(tmp_path, text)
        return CliRunner().invoke(cli, ["sweep", "plans.toml", *arguments])

    return run


def test_what_is_printed(swept, tmp_path):
    """A row for each variant and number of results, never recall without precision; progress is not in the way."""
    done = swept(UPDATES, "--json", "report.json")
    assert done.exit_code == 0
    head, first, second, *_ = done.stdout.splitlines()[2:]
    assert " ".join(head.split()) == (
        "data sets dialect plan window k recall precision returned mrr ndcg calls tokens questions"
    )
    assert " ".join(first.split()) == "synthetic 0.2.0 substring default 2 100.0 50.0 2.0 100.0 100.0 3.0 214 8"
    assert second.startswith("synthetic  0.2.0       substring  default  5   100.0  ")
    assert done.stdout.endswith("SWEPT: 6 units: 6 scored\n")
    assert done.stderr.startswith("6 units: 6 variants of 1 case, kept in plans.sweep\nsweep: 1 of 6\n")
    assert done.stderr.endswith("sweep: 6 of 6\n")
    assert (tmp_path / "report.json").read_bytes() == (tmp_path / "plans.sweep" / "report.json").read_bytes()
    again = swept(UPDATES)
    assert again.stdout == done.stdout
    assert again.stderr.endswith("6 of 6 were in the folder, 0 were run.\n")


def test_evals_and_what_is_not_recorded(swept):
    """What nobody recorded is told once for all variants of a case, and is no failure."""
    done = swept(TALKS)
    assert done.exit_code == 0
    _, _, head, *rows = done.stdout.splitlines()[:7]
    assert " ".join(head.split()) == "evals dialect prompt tools came back returned tokens passed unscored"
    assert [" ".join(row.split()) for row in rows] == [
        "0.2.0 as written as written 1 of 1 2 442 1",
        "0.2.0 as written plain 1",
        "0.2.0 short as written 1",
        "0.2.0 short plain 1",
    ]
    # It is in the last column, and there is no zero in the others.
    assert len(rows[1]) == len(head)
    assert done.stdout.splitlines()[8:10] == [
        "unscored: abstains (0.2.0, as written, plain) and 2 more variants",
        "            the tool surface differs: no recorded answer for this request to Claude:",
    ]
    assert done.stdout.endswith("SWEPT: 4 units: 1 passed, 3 unscored\n")


def test_a_failure_ends_with_1(swept, tmp_path):
    """An eval that is not as expected is told in its words."""
    (tmp_path / "evals").mkdir()
    case_file(tmp_path / "evals", BODY.replace("1.0", "0.5"))
    done = swept('title = "x"\n[cases]\nevals = ["all"]\n')
    assert done.exit_code == 1
    assert done.stdout == (
        "x\n"
        "\n"
        "evals  dialect     came back  returned  tokens  failed\n"
        "       0.2.0          1 of 1         1       5       1\n"
        "       documented     1 of 1         1       5       1\n"
        "\n"
        "failed: demo (0.2.0) and 1 more variant\n"
        "            list: expected 0.5, found 1.0\n"
        "FAILED: 2 units: 2 failed\n"
    )


def _crashes(_):
    return {"state": "crashed", "words": "one\ntwo\nthree\nfour\nfive"}


def test_a_crash_ends_with_1(swept, monkeypatch):
    """A variant in which all crashed has no figures, and the report has the rest of its words."""
    monkeypatch.setattr("fakememtrace.evals.sweeping.executors.alone.ALONE", Alone(_crashes))
    done = swept('title = "x"\n[cases]\ndata = ["synthetic/updates"]\n[axes]\nplan = ["newest"]\n')
    assert done.exit_code == 1
    assert done.stdout == (
        "x\n"
        "\n"
        "data sets  dialect     plan    crashed\n"
        "synthetic  0.2.0       newest        1\n"
        "synthetic  documented  newest        1\n"
        "\n"
        "crashed: synthetic/updates (0.2.0, newest) and 1 more variant\n"
        "            one\n"
        "            two\n"
        "            three\n"
        "            ... and 2 lines more, in the report\n"
        "FAILED: 2 units: 2 crashed\n"
    )


def test_a_damaged_file_is_told(swept, tmp_path):
    """On standard error, so that what is printed is the same."""
    first = swept(UPDATES)
    path = min((tmp_path / "plans.sweep" / "units").iterdir())
    path.write_text("{", "utf-8")
    again = swept(UPDATES, "--resume", "plans.sweep")
    assert again.stdout == first.stdout
    assert f"\ndamaged: {path.name}, synthetic/updates (" in again.stderr
    assert again.stderr.endswith("5 of 6 were in the folder, 1 were run.\n")


def test_ctrl_c(swept, monkeypatch):
    """The folder is kept, and it is said how to go on with it."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeping, "combined", interrupted)
    done = swept(UPDATES, "--out", "here")
    assert done.exit_code == 130
    assert done.stdout == ""
    assert done.stderr.endswith(
        "\nfakememtrace: stopped. What is done is kept. Go on with: fakememtrace sweep plans.toml --resume here\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--workers", "2", "--scheduler", "tcp://127.0.0.1:1"),
            "--workers and --scheduler say two different things.\nUse one of them.",
        ),
        (("--out", "a", "--resume", "b"), "--out and --resume say two different things.\nUse one of them."),
        (
            ("--resume", "nowhere"),
            (
                "nowhere: there are no results of a sweep in this folder, so nothing can be resumed.\n"
                "Name the folder of a sweep that was begun, or begin one there with --out DIR."
            ),
        ),
        (
            ("--scheduler", "here"),
            (
                "--scheduler here: this is no address of a scheduler.\n"
                "Expected one as dask scheduler prints it, such as tcp://10.0.0.7:8786."
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(arguments, words, swept, tmp_path):
    """Nothing is run, and no folder is made."""
    done = swept(UPDATES, *arguments)
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == words
    assert done.exception.exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plans.toml"]


def test_a_bar_on_a_terminal(monkeypatch):
    """A line for each tenth where nobody looks; a bar where somebody does, which is gone afterwards."""
    plain, terminal = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", plain)
    with progress("sweep") as told:
        for done in range(41):
            told(done, 40)
    assert plain.getvalue().splitlines() == [f"sweep: {done} of 40" for done in range(4, 41, 4)]
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("CI", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with progress("sweep") as told:
        told(3, 4)
    assert "3/4" in terminal.getvalue()


def test_a_report_is_plain(swept, tmp_path):
    """What is in it, by name."""
    swept(UPDATES)
    report = json.loads((tmp_path / "plans.sweep" / "report.json").read_text("utf-8"))
    assert sorted(report) == [
        "axes", "data", "edits", "format", "k", "made_by", "rows", "states", "title", "units", "version",
    ]  # fmt: skip
    assert report["made_by"] == {"fakememtrace": "0.1.0"}
    assert len(report["rows"]) == 24
    assert {unit["state"] for unit in report["units"]} == {"scored"}
