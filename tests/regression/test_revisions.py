"""A program beside its recordings as they were at a commit."""

from __future__ import annotations

import json
import re

import pytest

from .helpers import Agent, Repository, diff

WITHOUT = "What to do: leave the revision out, and the files are compared as they are."


@pytest.fixture
def place(tmp_path):
    """A repository with one scenario, which is committed."""
    place = tmp_path / "place"
    place.mkdir()
    return place


@pytest.fixture
def agent(place):
    """The scenario."""
    return Agent(place / "scenarios")


@pytest.fixture
def repository(place, agent):
    """The repository."""
    repository = Repository(place)
    repository.commit()
    return repository


def test_what_is_not_committed_is_compared(place, agent, repository):
    """The program is taken as it is, and everything else as it was committed."""
    assert diff(place, "HEAD", "-q").stdout == "UNCHANGED demo (0.2.0): 2 conversations\n"
    agent.change("Be brief.", "Be very brief.")
    ended = diff(place, "HEAD", "-q")
    assert ended.stdout == (
        "CHANGED demo (0.2.0): 2 of 2 conversations changed, to record again: 4 calls, 603 tokens in and 74 out "
        "(estimated)\n"
    )
    assert ended.returncode == 1


def test_what_was_recorded_again_has_changed_since(place, agent, repository):
    """With the files as they are it is unchanged; beside a commit it is told what the commit had."""
    commit = repository.git("rev-parse", "main")
    agent.change("Be brief.", "Be very brief.")
    agent.write(
        "cassette.json", (agent.path / "cassette.json").read_text("utf-8").replace("Be brief.", "Be very brief.")
    )
    repository.git("checkout", "-q", "-b", "work")
    repository.commit()
    assert diff(place, "-q").returncode == 0
    assert diff(place, "work", "-q").returncode == 0
    ended = diff(place, "main")
    assert ended.returncode == 1
    assert f"\nagainst main ({commit[:7]})\n" in ended.stdout
    assert "      Nearest in main:scenarios/demo/cassette.json (0 of 4 played): interaction 1." in ended.stdout
    assert "          - Be brief.\n          + Be {+very+} brief.\n" in ended.stdout
    named = diff(place, commit[:10])
    assert f"\nagainst {commit[:10]}\n" in named.stdout


def test_the_script_and_the_expectations_are_those_of_the_commit(place, agent, repository):
    """A script that says something else by now, and expectations that are broken, are not looked at."""
    agent.change("I like tea.", "I like beer.", "script.toml").write("expectations.toml", '[[memory]]\ncontent = "x"\n')
    assert diff(place, "-q").returncode == 1
    ended = diff(place, "HEAD", "-q")
    assert (ended.stdout, ended.returncode) == ("UNCHANGED demo (0.2.0): 2 conversations\n", 0)


def test_the_tools_are_those_that_were_pinned_then(place, agent, repository):
    """Tools that were pinned anew have changed beside the commit."""
    diff(place, "--update-tools")
    repository.commit()
    agent.change('"Store a memory"', '"Store a fact"')
    diff(place, "--update-tools")
    assert "  tools: 1 tool, as pinned\n" in diff(place).stdout
    assert "  tools: 1 tool, not as pinned\n    remember.description:\n" in diff(place, "HEAD").stdout


def test_modules_beside_the_program_are_those_of_now(place, agent, repository):
    """What the program imports belongs to it."""
    agent.write("prompts.py", 'SYSTEM = "You are a helpful assistant.\\nBe brief."\n')
    agent.change('SYSTEM = "You are a helpful assistant.\\nBe brief."', "from prompts import SYSTEM")
    assert diff(place, "HEAD", "-q").returncode == 0


def test_scenarios_that_came_and_went(place, agent, repository):
    """Of what only one side has it is said that it has, and it is a change."""
    Agent(place / "scenarios", "late")
    (place / "scenarios" / "demo").rename(place / "moved")
    ended = diff(place, "HEAD")
    commit = repository.git("rev-parse", "HEAD")[:7]
    assert (ended.stdout, ended.returncode) == (
        (
            "late · 0.2.0 · Remembers what one drinks\n"
            f"against HEAD ({commit})\n"
            "\n"
            f"  new: at HEAD ({commit}) there is no such scenario, so there is nothing to compare it with\n"
            "\n"
            "NEW late (0.2.0)\n"
            "\n"
            "demo · 0.2.0\n"
            f"against HEAD ({commit})\n"
            "\n"
            f"  gone: there was such a scenario at HEAD ({commit}), and there is none now\n"
            "\n"
            "GONE demo (0.2.0)\n"
            "\n"
            "2 scenarios, 2 changed\n"
        ),
        1,
    )
    assert diff(place, "HEAD", "--only", "late", "-q").stdout == "NEW late (0.2.0)\n"


def test_nothing_is_written(place, agent, repository):
    """Neither the files nor the repository are touched."""

    def state():
        return {
            str(path): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
            for path in sorted(place.rglob("*"))
            if "__pycache__" not in path.parts
        }

    agent.change("Be brief.", "Be very brief.")
    before = state()
    assert diff(place, "HEAD", "--github").returncode == 1
    assert state() == before


def test_a_hook_does_not_mislead_it(place, agent, repository, tmp_path):
    """Variables that git sets for a hook of another repository are not followed."""
    assert diff(place, "HEAD", "-q", GIT_DIR=str(tmp_path / "other"), GIT_INDEX_FILE="index").returncode == 0


def test_json_names_the_commit(place, agent, repository):
    """In JSON the commit has its whole hash."""
    diff(place, "main", "--json", "out.json")
    whole = json.loads((place / "out.json").read_text("utf-8"))
    commit = repository.git("rev-parse", "HEAD")
    assert (whole["against"], whole["revision"]) == (f"main ({commit[:7]})", {"name": "main", "commit": commit})


@pytest.mark.parametrize(
    ("name", "meant"),
    [("mian", " Did you mean 'main'?"), ("v1", " Did you mean 'v1.0'?"), ("xyzzy", ""), ("--", "")],
)
def test_an_unknown_commit(place, repository, name, meant):
    """The nearest branch or tag is named, and what there is."""
    repository.git("tag", "v1.0")
    ended = diff(place, "--", name)
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert ended.stderr == (
        f"fakememtrace: there is no commit {name!r} here.{meant}\n"
        "Expected a branch, a tag or a commit; there are main and v1.0.\n"
        "What to do: name one of them, or fetch it first; without a revision the files are compared as they are.\n"
    )


def test_a_scenario_in_place_of_a_commit(place, repository):
    """Who names a scenario is told how."""
    ended = diff(place, "demo")
    assert ended.stderr.partition("\n")[0] == (
        "fakememtrace: there is no commit 'demo' here. It is a scenario: say --only demo."
    )
    assert ended.returncode == 2


def test_a_shallow_clone(place, repository, tmp_path):
    """In a clone without its history the way out is another one."""
    shallow = tmp_path / "shallow"
    repository.commit()
    repository.git("clone", "-q", "--depth", "1", place.as_uri(), str(shallow))
    ended = diff(shallow, "v1.0")
    assert ended.stderr == (
        "fakememtrace: there is no commit 'v1.0' here.\n"
        "Expected a branch, a tag or a commit; there are main, origin/HEAD and origin/main.\n"
        "What to do: fetch it: this clone is shallow and has not all commits; with actions/checkout that is "
        "fetch-depth: 0.\n"
    )


def test_without_a_repository(place, agent):
    """Without a revision none is needed; with one it is missed."""
    assert diff(place, "-q").returncode == 0
    ended = diff(place, "HEAD", GIT_CEILING_DIRECTORIES=str(place.parent))
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert ended.stderr == (
        "fakememtrace: the folder scenarios is in no git repository that can be read: fatal: not a git repository "
        "(or any of the parent directories): .git.\n"
        f"Expected one, since a revision of it is asked for.\n{WITHOUT}\n"
    )


def test_without_git(place, agent):
    """Where there is no git, that is said."""
    ended = diff(place, "HEAD", PATH=str(place))
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert ended.stderr == (
        "fakememtrace: git cannot be run: No such file or directory.\n"
        f"Expected it to be installed, since a revision is asked for.\n{WITHOUT}\n"
    )


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("script.toml", "title = 1\n", r": there is no \[\[run\]\]\.\n.*"),
        ("cassette.json", "{", r", line 1 column 2: the file ends in the middle: it was cut short\.\n.*"),
        ("tools.json", "[]", r': expected "format": "fakememtrace-tools" and "version": 1\.\n.*'),
    ],
)
def test_what_is_broken_at_the_commit(place, agent, repository, file, text, problem):
    """A file that cannot be read is named as it was at the commit, and nothing is run."""
    before = (agent.path / file).read_text("utf-8") if (agent.path / file).exists() else None
    agent.write(file, text)
    repository.commit()
    agent.write(file, before) if before else (agent.path / file).unlink()
    ended = diff(place, "HEAD")
    assert (ended.stdout, ended.returncode) == ("", 2)
    assert re.fullmatch(f"fakememtrace: HEAD:scenarios/demo/{file}{problem}\n", ended.stderr, re.DOTALL), ended.stderr
