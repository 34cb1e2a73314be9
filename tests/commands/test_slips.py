"""Slips on the command line: one paragraph with the next step, and never a traceback."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from fakememtrace import cli
from fakememtrace.errors import UsageError


@pytest.fixture
def typed(monkeypatch, capsys):
    """The whole command, in this process: its exit code and what it prints on standard error."""
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))}

    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["fakememtrace", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, capsys.readouterr().err

    yield typed
    for name, handler in before.items():
        signal.signal(name, handler)


USAGE = "Usage: fakememtrace{0} {1}\nTry 'fakememtrace{0} --help' for help.\n\nError: "


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["reply"],
            USAGE.format("", "[OPTIONS] COMMAND [ARGS]...")
            + "unknown command 'reply'. Did you mean 'replay'? Known: cassette, conform, dialects, diff, doctor, "
            "drift, eval, init, mcp, mutate, record, replay, run, serve and sweep.\n",
        ),
        (
            ["cassette", "shw"],
            USAGE.format(" cassette", "[OPTIONS] COMMAND [ARGS]...")
            + "unknown command 'shw'. Did you mean 'show'? Known: check, drop, format, import and show.\n",
        ),
        (
            ["cassette", "show", "tape.json"],
            "fakememtrace: tape.json: there is no such cassette.\nJSON files in .: nothing. Check the path.\n",
        ),
        (["replay", "frist"], "fakememtrace: unknown scenario 'frist'. Did you mean 'first'? Known: first.\n"),
        (
            ["replay", "--html", "nowhere/page.html"],
            (
                "fakememtrace: --html nowhere/page.html: this cannot be written, its folder {folder}/nowhere must "
                "exist and it must not be a folder itself.\nName a file in a folder that exists.\n"
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slip_is_said_in_a_paragraph(project, typed, words, said):
    """It ends with 2, and the nearest that there is is named."""
    assert typed(*words) == (2, said.replace("{folder}", str(project)))


def test_broken_toml_is_said_with_its_place(project, typed):
    """The file, the line and the column."""
    (project / "scenarios" / "first" / "script.toml").write_text("title = = 1\n", "utf-8")
    said = (
        f"fakememtrace: {project}/scenarios/first/script.toml: this is not TOML: Invalid value (at line 1, column 9).\n"
        "Correct the file there.\n"
    )
    assert typed("replay") == (2, said)


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_what_may_not_be_written_is_refused_before_any_work(project, monkeypatch, option):
    """A file or a folder without permission is said at the start, and no scenario is replayed."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    done = CliRunner().invoke(cli.cli, ["replay", option, "out.file"])
    assert isinstance(done.exception, UsageError)
    assert done.output == ""
    assert str(done.exception) == (
        f"{option} out.file: this cannot be written, you may not write there.\n"
        "Name a file that is yours, or get the permission."
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "scenarios"),
            "fakememtrace: scenarios: Permission denied.\nCheck the path, and that you may read and write there.\n",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "fakememtrace: No space left on device\n"),
    ],
)
def test_what_the_system_refuses_is_said_with_its_file(project, monkeypatch, typed, error, said):
    """A folder that may not be read is named; a full disk has no name."""

    def refuse(*_):
        raise error

    monkeypatch.setattr("fakememtrace.scenario.scenario.find_scenarios", refuse)
    assert typed("replay") == (1, said)


SHELL = f"{sys.executable} -m fakememtrace"


@pytest.mark.skipif(os.name != "posix", reason="the shell is that of POSIX")
@pytest.mark.parametrize(
    ("line", "out"),
    [
        (f"{SHELL} dialects | head -n 1 | cut -c 1-9", "attribute\n"),
        (f"{SHELL} dialects >&-; echo $?", "0\n"),
    ],
    ids=["a closed pipe", "no output at all"],
)
def test_nobody_who_listens_is_no_mistake(line, out):
    """Who closes the pipe, or wants no output, gets no complaint."""
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (out, "")


def test_ctrl_c_ends_it_as_a_shell_expects(project, monkeypatch, typed):
    """One line, and 130."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("fakememtrace.scenario.scenario.find_scenarios", interrupt)
    assert typed("replay") == (130, "fakememtrace: interrupted\n")


def test_quiet_and_json_go_together(project):
    """The document is the same, and nothing is said on standard error."""
    words = ("cassette", "check", ".", "--json")
    loud, quiet = (CliRunner().invoke(cli.cli, [*words, *more]) for more in ([], ["--quiet"]))
    assert loud.stdout == quiet.stdout
    assert quiet.stderr == ""
