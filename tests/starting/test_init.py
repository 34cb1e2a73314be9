"""``fakememtrace init``: what it writes works as it is, and nothing is overwritten."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from fakememtrace import replay
from fakememtrace.commands import init
from fakememtrace.errors import FileError, UsageError
from fakememtrace.starting.start import Written, files, start

from ..scenario.helpers import command
from .author import CASSETTE, authored

PATHS = [
    ".github/workflows/memory.yml",
    "scenarios/first/cassette.json",
    "scenarios/first/expectations.toml",
    "scenarios/first/program.py",
    "scenarios/first/script.toml",
    "tests/test_memory.py",
]


def test_the_first_test_passes(pytester):
    """In an empty project the first tests pass as they were written."""
    start(pytester.path)
    pytester.runpytest_subprocess("tests").assert_outcomes(passed=2)


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_the_first_scenario_passes(tmp_path, dialect):
    """The first scenario is replayed in both dialects from one cassette."""
    start(tmp_path)
    assert replay(tmp_path / "scenarios" / "first", dialect).passed


def test_the_first_scenario_fails_when_the_memory_is_lost(tmp_path):
    """When the program stores nothing the first scenario fails, so that it is worth something."""
    start(tmp_path)
    program = tmp_path / "scenarios" / "first" / "program.py"
    text = program.read_text("utf-8")
    assert "        memtrace.remember(" in text
    program.write_text(text.replace("        memtrace.remember(", "        print("), "utf-8")
    assert not replay(tmp_path / "scenarios" / "first").passed


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_the_cassette_is_as_authored(tmp_path, dialect, capfd):
    """The cassette is what `python -m tests.starting.author` writes in either dialect, and says that it is authored."""
    assert authored(tmp_path, dialect) == CASSETTE.read_text("utf-8")
    assert '"kind": "authored"' in CASSETTE.read_text("utf-8")
    capfd.readouterr()


def test_it_says_what_it_wrote_and_what_comes_next(tmp_path):
    """Every file is named, and then what to type."""
    done = CliRunner().invoke(init.command, [str(tmp_path)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "".join(f"wrote  {path}\n" for path in PATHS) + (
        '\nNext:  pip install "fakememtrace[scenarios]" pytest\n'
        "       pytest tests/test_memory.py\n"
        "       fakememtrace replay\n"
    )
    assert list(files()) == PATHS


def test_it_never_overwrites(tmp_path):
    """What is there stays as it is, a scenario whole with all that belongs to it, and the rest is written."""
    mine = {"tests/test_memory.py": "mine", "scenarios/first/program.py": "mine as well"}
    for path, text in mine.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text, "utf-8")
    written = start(tmp_path)
    assert [one.path for one in written if one.is_new] == [".github/workflows/memory.yml"]
    assert {path: (tmp_path / path).read_text("utf-8") for path in mine} == mine
    assert sorted(entry.name for entry in (tmp_path / "scenarios" / "first").iterdir()) == ["program.py"]


def test_a_second_time_there_is_nothing_to_do(tmp_path):
    """Run again it writes nothing and says so."""
    start(tmp_path)
    done = CliRunner().invoke(init.command, [str(tmp_path)])
    assert done.stdout == "".join(f"kept   {path}\n" for path in PATHS) + (
        "\nAll of it was there, so nothing was written.\n"
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    """Nothing is made in a place that may be a slip of the pen."""
    done = command("init", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "fakememtrace: nowhere: there is no such folder. Make it first, or name another one.\n"


@pytest.mark.parametrize("folder", ["scenarios", "tests"])
def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path, folder):
    """A file that is called as a folder that is needed is no traceback, and nothing is begun."""
    (tmp_path / folder).write_text("mine", "utf-8")
    with pytest.raises(UsageError) as refused:
        start(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path / folder}: this is to be a folder, and a file is in its place. Move the file away."
    )
    assert [path.name for path in tmp_path.rglob("*")] == [folder]
    assert (tmp_path / folder).read_text("utf-8") == "mine"


def test_where_nothing_may_be_written_the_place_is_named(tmp_path, monkeypatch):
    """A folder that cannot be made is said by its name."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "mkdir", refuse)
    with pytest.raises(FileError) as refused:
        start(tmp_path)
    assert str(refused.value) == (
        f"{tmp_path / '.github/workflows'}: this folder cannot be made: Permission denied.\n"
        "Let it be made, or name another project."
    )


def test_a_link_that_leads_nowhere_is_kept(tmp_path):
    """It is somebody's, and nothing is written where it leads."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_memory.py").symlink_to(tmp_path / "elsewhere.py")
    assert Written("tests/test_memory.py", is_new=False) in start(tmp_path)
    assert not (tmp_path / "elsewhere.py").exists()


def test_what_was_left_out_is_not_said_to_be_kept(tmp_path):
    """Of a scenario that is there in part, the rest is neither written nor kept, and is not among what to do next."""
    (tmp_path / "scenarios/first").mkdir(parents=True)
    (tmp_path / "scenarios/first/script.toml").write_text("mine", "utf-8")
    done = CliRunner().invoke(init.command, [str(tmp_path)])
    assert done.exit_code == 0
    assert done.stdout == (
        "wrote  .github/workflows/memory.yml\n"
        "left   scenarios/first/cassette.json\n"
        "left   scenarios/first/expectations.toml\n"
        "left   scenarios/first/program.py\n"
        "kept   scenarios/first/script.toml\n"
        "wrote  tests/test_memory.py\n"
        "\nA part of that scenario was there, so the rest of it was left out.\n"
        'Next:  pip install "fakememtrace[scenarios]" pytest\n'
        "       pytest tests/test_memory.py\n"
    )


def test_the_program_is_a_users():
    """The program that is written knows nothing of fakememtrace but in the words about it."""
    code = compile(files()["scenarios/first/program.py"], "program.py", "exec")
    assert "fakememtrace" not in code.co_names
