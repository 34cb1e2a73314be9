"""What cannot be run is refused in words, before anything is done."""

from __future__ import annotations

import pytest

from .helpers import command

OPTIONS = (
    "--allow-host, --cassette, --client, --dialect, --draft, --freeze, --json, --max-turns, --memtrace-key, --seed, "
    "--start, --telegram and --timeout"
)
EXPECTED = "Expected a Python program: fakememtrace run SCRIPT.py [ARGS]..."


@pytest.fixture
def folder(tmp_path):
    """A folder with a sound program, and some that are none."""
    (tmp_path / "agent.py").write_text("print('begun')\n", "utf-8")
    (tmp_path / "broken.py").write_text("def agent(:\n    pass\n", "utf-8")
    (tmp_path / "tabs.py").write_text("if 1:\n\tx = 1\n        y = 2\n", "utf-8")
    (tmp_path / "picture.py").write_bytes(b"\x89PNG\r\n\x00\x01")
    (tmp_path / "latin.py").write_bytes(b"name = '\xe4'\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "main.py").write_text("", "utf-8")
    (tmp_path / "nothing").mkdir()
    return tmp_path


WRONG = [
    (["agnt.py"], "agnt.py: there is no such program.\nDid you mean 'agent.py'?"),
    (
        ["there/agent.py"],
        "there/agent.py: there is no such program.\nIts folder there does not exist either. Check the path.",
    ),
    (["nothing/x.py"], "nothing/x.py: there is no such program.\nPython files in nothing: nothing. Check the path."),
    (["package"], "package: this is a folder.\nName one of its files: main.py."),
    (["nothing"], f"nothing: this is a folder.\n{EXPECTED}"),
    (["broken.py"], "broken.py, line 1: this is no Python: invalid syntax.\nCorrect it there: def agent(:"),
    (
        ["tabs.py"],
        (
            "tabs.py, line 3: this is no Python: inconsistent use of tabs and spaces in indentation.\n"
            "Correct it there: y = 2"
        ),
    ),
    (
        ["--cassete", "x.json", "agent.py"],
        (
            f"--cassete is no option of fakememtrace run. Did you mean '--cassette'? Known: {OPTIONS}.\n"
            "What to do: correct it; an option of the program itself stands behind --, as in "
            "fakememtrace run SCRIPT.py -- --cassete"
        ),
    ),
    (
        ["agent.py", "--cassette", "a", "--draft", "b"],
        (
            "--cassette a and --draft b are given.\n"
            "Expected one of them: a draft is a cassette that is still being written.\n"
            "What to do: leave --cassette out until no answer is missing in the draft."
        ),
    ),
    (
        ["agent.py", "--cassette", "a.json"],
        "a.json: there is no such cassette.\nJSON files in .: nothing. Check the path.",
    ),
    (
        ["agent.py", "--dialect", "documentd"],
        "unknown dialect 'documentd'. Did you mean 'documented'? Known: 0.2.0 and documented.",
    ),
    (
        ["agent.py", "--start", "noon"],
        "'noon' is no moment in time. Expected ISO 8601 with a time zone, such as \"2026-02-07T12:00:00Z\".",
    ),
    (
        ["agent.py", "--freeze", "--start", "noon"],
        "'noon' is no moment in time. Expected ISO 8601 with a time zone, such as \"2026-02-07T12:00:00Z\".",
    ),
    (
        ["agent.py", "--allow-host", "https://example.com"],
        (
            "allow_hosts has 'https://example.com', which is no host. Expected a bare host, as the program asks for "
            'it: no scheme, no port, no path. Write "example.com".'
        ),
    ),
    (
        ["agent.py", "--draft", "there/d.json"],
        (
            "--draft there/d.json: this cannot be written, its folder {folder}/there must exist and it must not be a "
            "folder itself.\nName a file in a folder that exists."
        ),
    ),
    (
        ["agent.py", "--json", "package"],
        (
            "--json package: this cannot be written, its folder {folder} must exist and it must not be a folder "
            "itself.\nName a file in a folder that exists."
        ),
    ),
]


@pytest.mark.parametrize(("words", "problem"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_cannot_be_is_refused_in_words(folder, words, problem):
    """One message, 2, no output of the program and no file."""
    before = sorted(folder.rglob("*"))
    ran = command("run", *words, cwd=folder)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"fakememtrace: {problem}\n".replace("{folder}", str(folder))
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["picture.py", "latin.py"])
def test_what_is_no_text_is_no_python(folder, name):
    """The words are Python's own there; they differ from version to version."""
    ran = command("run", name, cwd=folder)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"fakememtrace: {name}")
    assert ": this is no Python: " in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("words", [[], ["--timeout", "0", "agent.py"], ["--client", "docs", "agent.py"]])
def test_wrong_usage_is_told_by_the_command(folder, words):
    """What the command line itself can tell is a usage error of it."""
    ran = command("run", *words, cwd=folder)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")
