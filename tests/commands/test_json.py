"""--json: one document on standard output and nothing else, as the reference describes it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.commands.serve import command as serve
from fakememtrace.doors import server
from fakememtrace.errors import UsageError

from ..evals.helpers import BODY, case_file
from ..evals.sweeps import sweep_file
from ..scenario.helpers import Folder
from .test_options import WITHOUT_JSON, WITHOUT_QUIET
from .tree import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "commands.md").read_text("utf-8")
TAPE = "scenarios/first/cassette.json"
SWEEP = 'title = "T"\n[cases]\nevals = ["demo"]\n[where]\nevals = "case.toml"\n[axes]\ndialect = ["0.2.0"]\n'
CALLS = [
    ("cassette check", [".", "--secrets"]),
    ("cassette drop", [TAPE, "3"]),
    ("cassette format", ["."]),
    ("cassette import", [".", "--out", "out"]),
    ("cassette show", [TAPE]),
    ("dialects", []),
    ("diff", ["--scenarios", "quick"]),
    ("drift", ["--scenarios", "quick"]),
    ("eval", ["--evals", "case.toml"]),
    ("init", []),
    ("mutate", ["--evals", "case.toml", "--fault", "lost_write", "--dialect", "0.2.0"]),
    ("record", ["first", "--mode", "once", "--yes"]),
    ("replay", ["--scenarios", "quick"]),
    ("sweep", ["plans.toml"]),
]


def documented(name: str) -> set[str]:
    """The keys at the top of the command's document, as its row in the reference names them."""
    (row,) = re.findall(rf"^\| `{name}` \| (.*) \|$", PAGE, re.MULTILINE)
    # What is told of a key in turn is not at the top.
    return set(re.findall(r"`(\w+)`", re.sub(r"(?<=`): [^;]*?(?=; `|, `\w+`: |, `\w+`$|$)", "", row)))


@pytest.mark.parametrize(("name", "words"), CALLS, ids=[name for name, _ in CALLS])
def test_one_document_and_nothing_else(project, name, words):
    """Standard output is one JSON document, also with --quiet and in a file, with the keys that the reference names."""
    case_file(project, BODY).rename("case.toml")
    Folder(project / "quick")
    sweep_file(project, SWEEP)
    typed = [*name.split(), *words]
    result = CliRunner().invoke(cli, [*typed, "--json", *([] if name in WITHOUT_QUIET else ["--quiet"])])
    document = json.loads(result.stdout)
    assert result.stdout.startswith("{\n")
    assert result.stdout.endswith("\n}\n")
    assert set(document) == documented(name)


def test_the_reference_has_a_row_for_each_command():
    """Nothing that has --json is left out, and nothing is made up."""
    rows = re.findall(r"^\| `([a-z ]+)` \|", PAGE, re.MULTILINE)
    assert rows == sorted(set(COMMANDS) - set(WITHOUT_JSON))


def test_beside_the_lines_it_goes_into_a_file(project):
    """--json FILE prints what is printed without it, and FILE holds what --json alone prints."""
    plain, beside, alone = (
        CliRunner().invoke(cli, ["cassette", "show", TAPE, *more]).stdout
        for more in ([], ["--json", "show.json"], ["--json"])
    )
    assert beside == plain
    assert (project / "show.json").read_text("utf-8") == alone


def test_json_is_utf_8_whatever_the_terminal_speaks(project):
    """No letter is made into an escape that is no JSON."""
    text = (project / TAPE).read_text("utf-8").replace("peanuts", "Erdnüsse 🥜")
    (project / TAPE).write_text(text, "utf-8")
    shown = CliRunner(charset="ascii").invoke(cli, ["cassette", "show", TAPE, "--json"])
    assert "Erdnüsse 🥜" in json.dumps(json.loads(shown.stdout_bytes.decode("utf-8")), ensure_ascii=False)


def test_a_program_prints_aside(project):
    """With run --json what the program prints goes to standard error, and the document stands alone."""
    (project / "agent.py").write_text("print('hello')", "utf-8")
    typed = [sys.executable, "-m", "fakememtrace", "run", "agent.py", "--json"]
    ran = subprocess.run(typed, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert set(json.loads(ran.stdout)) == documented("run")
    assert ran.stderr.startswith("hello\n")


def test_a_server_says_in_one_line_where_it_is(monkeypatch):
    """With serve --json there is one line when it listens; --control adds where that is."""
    monkeypatch.setattr(server, "run", lambda _application, listener, ready: (ready(), listener.close()))
    result = CliRunner().invoke(serve, ["--port", "0", "--json", "--control", "--dialect", "documented"])
    assert result.stdout.count("\n") == 1
    told = json.loads(result.stdout)
    assert set(told) == documented("serve")
    assert (told["dialect"], told["clock"]) == ("documented", "2026-02-07T12:00:00Z")
    assert (told["ui"], told["control"]) == (f"{told['url']}/ui", f"{told['url']}/_fakememtrace")


def refused(*typed: str) -> str:
    """In which words the command refuses to run."""
    error = CliRunner().invoke(cli, typed).exception
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    return str(error)


def test_a_name_behind_json_is_not_taken_for_a_file(project):
    """Who types replay --json first means the scenario."""
    assert refused("replay", "--json", "first") == (
        "--json first: this looks like no file. Expected one such as first.json, or nothing, for standard output.\n"
        "Put --json at the end, or say --json=- first."
    )


@pytest.mark.parametrize("file", [TAPE, "scenarios/first/program.py"])
def test_json_is_never_written_over_something_else(project, file):
    """What is there and is no report stays as it is."""
    before = (project / file).read_bytes()
    assert refused("cassette", "check", "--json", file, ".") == (
        f"--json {file}: there is a file already, and it is no report. Expected a new file, or a report that is "
        "written anew.\n"
        f"Put --json at the end, or say --json=- {file}, if {file} is not the file to be written."
    )
    assert (project / file).read_bytes() == before


@pytest.mark.parametrize("file", ["tapes/one.json", "two.yaml"])
def test_a_report_is_never_written_over_a_recording(project, file):
    """In cassette import --json one.json two.json the first is a recording, too."""
    (project / "tapes").mkdir()
    (project / file).write_text("{}", "utf-8")
    assert refused("cassette", "import", "--json", file, "tapes", "--out", "out") in (
        f"--json {file}: this is a recording that is there already. Expected a file for the report, or nothing, for "
        f"standard output.\nPut --json at the end, or say --json=- {file}."
    )
    assert (project / file).read_text("utf-8") == "{}"


def test_one_thing_is_printed(project):
    """Markdown and JSON cannot both stand on standard output."""
    assert refused("diff", "--github", "--json") == (
        "--github and --json were both given, and only one thing can be printed.\n"
        "Give one of them, or name a file: --json diff.json."
    )


def test_nobody_is_asked_about_what_is_not_shown(project):
    """As record --quiet does not show the plan that it asks about, it wants a yes beforehand."""
    assert refused("record", "first", "--quiet") == (
        "--quiet does not show the plan that you are asked about.\n"
        "Expected a yes beforehand.\n"
        "What to do: say --yes, too, or leave --quiet out."
    )
