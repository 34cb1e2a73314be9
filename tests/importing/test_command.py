"""``fakememtrace cassette import``: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fakememtrace.claude.cassette import Cassette
from fakememtrace.commands.cassette_import import command

from . import made
from .made import vcrpy, vcrpy_text

ROOT = Path(__file__).parents[2]


def called(*words: str, **environment: str) -> Result:
    """What the command does."""
    return CliRunner().invoke(command, words, env=environment)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to be in, with recordings in it: two that are read, one of which is partly left, and one that is not."""
    monkeypatch.chdir(tmp_path)
    key = "-".join(["sk", "ant", "api03", "z" * 40])
    other = vcrpy(url="https://x.y/v1/chat")
    stream = vcrpy({**made.BODY, "stream": True}, made.stream_text())
    texts = {
        "tea.yaml": vcrpy_text(
            vcrpy(made.request(key)), stream, other, other, vcrpy(url="https://api.anthropic.com/v1/files")
        ),
        "deep/talk.har": made.har_text(made.har()),
        "ruby.yml": "http_interactions: []",
    }
    for name, text in texts.items():
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


PRINTED = """\
file                 format    imported        left                                          cassette
tests/ruby.yml       not read  0               -                                             -
tests/tea.yaml       vcrpy     2 (1 redacted)  files: not supported (1), other host x.y (2)  out/tea.json
tests/deep/talk.har  HAR       1               -                                             out/deep/talk.json

tests/ruby.yml: this is a Ruby VCR cassette, which is not read.
Read are vcrpy cassettes (YAML or JSON), go-vcr cassettes (YAML) and HAR files.
Record the program again with one of these, or leave the file out.

3 files, 3 exchanges imported into 2 cassettes, 3 left, 1 problem
"""


def test_where_it_is_piped_each_file_is_a_line(folder):
    """What was taken, what was left and why, then what could not be read; that ends it with 1."""
    result = called("tests", "--out", "out", COLUMNS="40")
    assert result.output == PRINTED
    assert result.exit_code == 1
    assert [interaction.stream for interaction in Cassette.load("out/tea.json").interactions] == [False, True]


def test_it_ends_with_0_when_all_was_read(folder):
    """What is left is no failure."""
    result = called("tests/tea.yaml", "tests/deep", "--out", "out")
    assert result.exit_code == 0
    assert result.output.endswith("\n\n2 files, 3 exchanges imported into 2 cassettes, 3 left, 0 problems\n")


def test_the_same_advice_is_said_once(folder):
    """Ten files of one wrong format are ten lines and one advice; another problem has its own."""
    (folder / "tests" / "ruby2.yml").write_text("http_interactions: []", "utf-8")
    result = called("tests/ruby.yml", "tests/ruby2.yml", "tests/rubi.yml", "--out", "out")
    assert result.output.split("\n\n")[1:] == [
        (
            "tests/ruby.yml: this is a Ruby VCR cassette, which is not read.\n"
            "tests/ruby2.yml: this is a Ruby VCR cassette, which is not read.\n"
            "Read are vcrpy cassettes (YAML or JSON), go-vcr cassettes (YAML) and HAR files.\n"
            "Record the program again with one of these, or leave the file out."
        ),
        "tests/rubi.yml: there is no such file or folder.\nDid you mean 'ruby.yml'?",
        "3 files, 0 exchanges imported into 0 cassettes, 0 left, 3 problems\n",
    ]


def test_where_a_person_looks_it_is_a_table_that_fits(folder):
    """No line of the table is wider than the terminal, and nothing of it is cut."""
    result = called("tests", "--out", "out", COLUMNS="70", FORCE_COLOR="1", NO_COLOR="", TERM="xterm")
    text = re.sub(r"\x1b\[[0-9;]*m", "", result.output)
    table, *_ = text.split("tests/ruby.yml: this is")
    assert "─" in table
    assert max(map(len, table.splitlines())) <= 70
    assert "…" not in table
    together = "".join(line[-14:].strip() for line in table.splitlines())
    assert "redacted" in table
    assert together.endswith("out/deep/talk.json")


def test_as_json_it_is_whole(folder):
    """Everything that is printed for people is there for programs, the problems with their full text."""
    result = called("tests", "--out", "out", "--json", "report.json")
    assert result.output == PRINTED
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert report == {
        "files": [
            {
                "source": "tests/ruby.yml",
                "format": None,
                "cassette": None,
                "imported": 0,
                "streams": 0,
                "redacted": 0,
                "left": {},
                "problems": [
                    (
                        "tests/ruby.yml: this is a Ruby VCR cassette, which is not read.\n"
                        "Read are vcrpy cassettes (YAML or JSON), go-vcr cassettes (YAML) and HAR files.\n"
                        "Record the program again with one of these, or leave the file out."
                    )
                ],
            },
            {
                "source": "tests/tea.yaml",
                "format": "vcrpy",
                "cassette": "out/tea.json",
                "imported": 2,
                "streams": 1,
                "redacted": 1,
                "left": {"files: not supported": 1, "other host x.y": 2},
                "problems": [],
            },
            {
                "source": "tests/deep/talk.har",
                "format": "HAR",
                "cassette": "out/deep/talk.json",
                "imported": 1,
                "streams": 0,
                "redacted": 0,
                "left": {},
                "problems": [],
            },
        ],
        "imported": 3,
        "left": 3,
        "problems": 1,
    }
    again = called("tests", "--out", "out", "--json", "-", "--force")
    assert (json.loads(again.stdout), again.exit_code) == (report, 1)


def test_what_was_not_written_was_not_imported(folder):
    """Where a cassette is there already, the report counts none, in words and in JSON."""
    called("tests/deep", "--out", "out")
    result = called("tests/deep", "--out", "out", "--json", "report.json")
    assert result.exit_code == 1
    assert result.output.split("\n")[1].split() == ["tests/deep/talk.har", "HAR", "0", "-", "-"]
    report = json.loads((folder / "report.json").read_text("utf-8"))
    assert (report["imported"], report["problems"]) == (0, 1)


def test_what_is_named_is_redacted_and_allowed(folder):
    """Both options may be given several times."""
    made_up = "_".join(["ghp", "c3D4" * 10])
    body = made.request(f"tell mum: blue elephant and green tea, {made_up}")
    (folder / "x.yaml").write_text(vcrpy_text(vcrpy(body)), "utf-8")
    words = ["--redact", "blue elephant", "--redact", "green tea", "--allow", made_up, "--allow", "nothing"]
    assert called("x.yaml", "--out", "out", *words).exit_code == 0
    (interaction,) = Cassette.load("out/x.json").interactions
    assert interaction.messages[0]["content"] == f"tell mum: <redacted> and <redacted>, {made_up}"


def test_a_name_does_not_steer_the_terminal(folder):
    """Control characters of a file's name, or of what is in it, are shown as escapes."""
    name = "a\x1b[31m.yaml"
    (folder / name).write_text(vcrpy_text(vcrpy(url="https://api.anthropic.com/v1/\x1b[31m")), "utf-8")
    (folder / "b\n.yaml").write_text(json.dumps({"\x1b]0;x": 1}), "utf-8")
    result = called(name, "b\n.yaml", "--out", "out")
    assert "\x1b" not in result.output
    assert "a\\x1b[31m.yaml" in result.output
    assert "POST /v1/\\x1b[31m: not supported" in result.output


def test_a_mistake_in_the_call_ends_it_with_2(folder):
    """Nothing is done then."""
    ended = [
        subprocess.run([sys.executable, "-m", "fakememtrace", "cassette", *words], capture_output=True, text=True)
        for words in (
            ("import", "--out", "out"),
            ("import", "tests"),
            ("import", "tests", "--out", "tests/tea.yaml"),
            ("import", "tests", "--out", "out", "--json", "no/such.json"),
            ("import", "tests", "--out", "out", "--redact", "abc"),
            ("imprt", "tests"),
        )
    ]
    assert [run.returncode for run in ended] == [2] * 6
    assert [run.stdout for run in ended] == [""] * 6
    assert "Missing argument 'SRC...'" in ended[0].stderr
    assert "Missing option '--out'" in ended[1].stderr
    assert ended[2].stderr == (
        "fakememtrace: tests/tea.yaml is a file. Expected a folder for the cassettes.\nName another one.\n"
    )
    assert ended[5].stderr.endswith(
        "Error: unknown command 'imprt'. Did you mean 'import'? Known: check, drop, format, import and show.\n"
    )
    assert not (folder / "out").exists()


def test_the_heavy_part_is_imported_late():
    """Neither the group nor the command's help need YAML, and no import needs an SDK."""
    code = (
        "import sys; from fakememtrace.commands.cassette import command; import fakememtrace.commands.cassette_import; "
        "print(sorted({'yaml', 'anthropic', 'httpx'} & sys.modules.keys())); "
        "import fakememtrace.claude.importing; print(sorted({'yaml', 'anthropic', 'httpx'} & sys.modules.keys()))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n[]\n"


def test_the_page_explains_every_option():
    """docs/real-traffic.md names each option that there is, and makes up none."""
    page = (ROOT / "docs" / "real-traffic.md").read_text("utf-8")
    known = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert set(re.findall(r"--[a-z]+", re.sub(r"(?m)^\|.*$", "", page))) == known
