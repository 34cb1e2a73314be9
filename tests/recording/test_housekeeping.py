"""The end of a run: recordings that nobody asks for are listed, and taken away where that is wanted and sure."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.cassette import Cassette

from ..claude.helpers import interaction, request

XDIST = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "xdist"])
PASSES = "def test_it(fakememtrace):\n    ask('hi')\n"
ADVICE = "What to do: look for why they are not asked for; pytest --claude-prune removes them."
TITLE = "*= recorded Claude =*"


@pytest.fixture
def project(pytester, run):
    """A project whose test plays one of three answers, and which has a cassette that no test asks for."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi", "unplayed", "unplayed, too")
    record(pytester.path / "cassettes/test_gone/test_gone.json", "hi")
    return lambda *options, **files: run(*options, **{"test_it": PASSES, **files})


def record(path, *questions):
    """Make a cassette of questions and answers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Cassette([interaction(request(question), f"to {question}") for question in questions]).save(path)


def said(path):
    """What the interactions of a cassette ask; None where there is no file."""
    return [one.messages[-1]["content"] for one in Cassette.load(path).interactions] if path.exists() else None


def state(pytester):
    """Every file of the project below its folders of cassettes, with what is in it."""
    return {
        str(path.relative_to(pytester.path)): path.read_bytes()
        for path in sorted(pytester.path.rglob("*"))
        if path.is_file() and "cassettes" in path.parts
    }


def told(result):
    """The lines of the section, without its title."""
    lines = iter(result.outlines)
    for line in lines:
        if " recorded Claude ===" in line:
            break
    else:
        return []
    found = []
    for line in lines:
        if not line or line.startswith("==="):
            break
        found.append(line)
    return found


UNPLAYED = "cassettes/test_it/test_it.json: 2 of 3 answers never asked for: interactions 2-3"
UNUSED = "cassettes/test_gone/test_gone.json: no test asks for this cassette"


@XDIST
def test_what_nobody_asks_for_is_listed(project, pytester, workers):
    """What a test does not play fails it as ever, and is listed; so is the cassette of no test. Nothing is removed."""
    before = state(pytester)
    result = project(*workers)
    result.assert_outcomes(passed=1, errors=1)
    assert told(result) == [UNPLAYED, UNUSED, ADVICE]
    assert state(pytester) == before


def test_where_all_is_asked_for_nothing_is_said(run, pytester):
    """A tidy project has no section."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi")
    result = run(test_it=PASSES)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line(TITLE)


def test_a_test_that_failed_says_nothing_of_what_is_left(project):
    """What a test did not come to is not listed as unplayed."""
    result = project(test_it=f"{PASSES}    assert False\n")
    result.assert_outcomes(failed=1)
    assert told(result) == [UNUSED, ADVICE]


def test_what_one_of_several_tests_plays_is_played(run, pytester):
    """Of a cassette that several tests share, only what none of them asks for is listed."""
    record(pytester.path / "shared.json", "hi", "bye", "unplayed")
    shared = "@pytest.fixture\ndef claude_cassette(request):\n    return request.path.parent / 'shared.json'\n"
    result = run(test_it=f"{shared}{PASSES}\ndef test_bye(fakememtrace):\n    ask('bye')\n")
    result.assert_outcomes(passed=2, errors=2)
    assert told(result) == ["shared.json: 1 of 3 answers never asked for: interaction 3", ADVICE]


# What makes a run one of a part of the tests: options, and files.
PARTS: dict[str, tuple[list[str], dict[str, str]]] = {
    "k": (["-k", "it"], {}),
    "m": (["-m", "not slow"], {}),
    "lf": (["--lf"], {}),
    "sw": (["--sw"], {}),
    "deselect": (["--deselect", "test_other.py"], {}),
    "ignore": (["--ignore", "test_other.py"], {}),
    "ignore-glob": (["--ignore-glob", "*other.py"], {}),
    "file": (["test_it.py"], {}),
    "test": (["test_it.py::test_it"], {}),
    "x": (["-x"], {"test_a": "def test_a():\n    assert False\n"}),
    "broken": ([], {"test_broken": "raise ValueError"}),
    "skipped": ([], {"test_skipped": "pytest.skip('all of it', allow_module_level=True)"}),
    "plugin": (
        [],
        {
            "conftest": "def pytest_collection_modifyitems(config, items):\n    "
            "config.hook.pytest_deselected(items=[items.pop()])\n"
        },
    ),
}
# With workers they take seconds each.
QUICK = ("k", "broken", "plugin")


@pytest.mark.parametrize(
    ("options", "files", "workers"),
    [
        pytest.param(
            *part, workers, id=f"{how}-{what}", marks=[pytest.mark.slow] if workers and what not in QUICK else []
        )
        for how, workers in (("one process", []), ("xdist", ["-n", "2"]))
        for what, part in PARTS.items()
    ],
)
def test_after_a_part_of_the_tests_nobody_knows_what_is_unused(project, pytester, options, files, workers):
    """A run that is not whole lists no cassette as unused, and removes nothing."""
    if "-x" in options:
        # Another worker may be through before the first one stops.
        workers = []
    before = state(pytester)
    others = {"test_other": "def test_other():\n    pass\n", **files}
    for prune in ([], ["--claude-prune"]):
        result = project(*options, *prune, *workers, **others)
        assert not any("no test asks for" in line for line in told(result))
        assert state(pytester) == before


TAKEN_OUT = """
def pytest_collection_modifyitems(items):
    items[:] = [one for one in items if "gone" not in one.name]
"""
LEFT_OUT = """
def pytest_ignore_collect(collection_path):
    return True if collection_path.name == "test_gone.py" else None
"""


@pytest.mark.parametrize(
    ("conftest", "why"),
    [
        (TAKEN_OUT, "a plugin took tests out"),
        (LEFT_OUT, "test_gone.py was left out"),
        ("collect_ignore = ['test_gone.py']", "test_gone.py was left out"),
    ],
    ids=["items", "hook", "file"],
)
@XDIST
def test_tests_that_are_taken_out_without_a_word(project, pytester, conftest, why, workers):
    """Where a conftest takes tests out of the run, as plugins do that share them out, nothing of theirs is removed."""
    before = state(pytester)
    gone = "def test_gone(fakememtrace):\n    ask('hi')\n"
    result = project("--claude-prune", *workers, conftest=conftest, test_gone=gone)
    assert told(result) == [UNPLAYED, f"nothing was removed, since this was not the whole run: {why}"]
    assert state(pytester) == before


@XDIST
def test_prune_removes_what_nobody_asks_for(project, pytester, workers):
    """After a whole run that passed the unplayed answers and the unused file are gone, and that is said."""
    result = project("--claude-prune", *workers)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    assert told(result) == [
        "cassettes/test_it/test_it.json: removed interactions 2-3",
        "cassettes/test_gone/test_gone.json: removed",
    ]
    assert said(pytester.path / "cassettes/test_it/test_it.json") == ["hi"]
    assert list(state(pytester)) == ["cassettes/test_it/test_it.json"]
    result = project("--claude-prune", *workers)
    assert told(result) == ["nothing to remove: every answer and every cassette was asked for"]
    project(*workers).stdout.no_fnmatch_line(TITLE)


@XDIST
def test_prune_removes_nothing_after_a_failure(project, pytester, workers):
    """Where a test failed nothing is removed, and what would be is listed."""
    before = state(pytester)
    result = project("--claude-prune", *workers, test_other="def test_other():\n    assert False\n")
    result.assert_outcomes(passed=1, failed=1)
    assert told(result) == [UNPLAYED, UNUSED, "nothing was removed, since not every test passed"]
    assert state(pytester) == before


@XDIST
def test_prune_removes_nothing_after_a_part(project, pytester, workers):
    """A run that is not whole removes nothing; then what was not asked for fails it after all."""
    before = state(pytester)
    result = project("--claude-prune", "-k", "it", *workers)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert told(result) == [UNPLAYED, "nothing was removed, since this was not the whole run: -k was given"]
    assert state(pytester) == before


def test_nothing_foreign_is_touched(project, pytester):
    """What is no cassette of ours stays: other JSON, VCR's cassettes, broken files, files of other kinds, scenarios."""
    folder = pytester.path / "cassettes"
    (folder / "other.json").write_text('{"interactions": []}')
    (folder / "list.json").write_text('["fakememtrace-cassette"]')
    (folder / "broken.json").write_text('{"format": "fakememtrace-cassette", ')
    (folder / "vcr.yaml").write_text("interactions: []\nversion: 1\n")
    record(folder / "ours.txt", "hi")
    record(folder / "scenario/cassette.json", "hi")
    (folder / "scenario/script.toml").write_text("")
    before = state(pytester)
    result = project("--claude-prune")
    gone = {"cassettes/test_gone/test_gone.json"}
    assert {*before} - {*state(pytester)} == gone
    changed = {name for name, text in state(pytester).items() if before[name] != text}
    assert changed == {"cassettes/test_it/test_it.json"}
    result.assert_outcomes(passed=1)


def test_folders_of_loaded_cassettes_are_looked_at(run, pytester):
    """Beside a cassette that a test names itself stand others, of which those that are loaded by any means are used."""
    for name in ("own", "loaded", "unused"):
        record(pytester.path / f"tapes/{name}.json", "hi")
    record(pytester.path / "tapes/below/not_looked_at.json", "hi")
    tests = f"""
from fakememtrace import Cassette, World

@pytest.fixture
def claude_cassette(request):
    return request.path.parent / "tapes/own.json"

{PASSES}
def test_load(request):
    with World(cassette=Cassette.load(request.path.parent / "tapes/loaded.json")):
        ask("hi")
"""
    result = run(test_it=tests)
    result.assert_outcomes(passed=2)
    assert told(result) == ["tapes/unused.json: no test asks for this cassette", ADVICE]


def test_what_others_read_too_is_not_cut(run, pytester):
    """Where something else than the tests with a world reads a cassette, nobody knows what it needs of it."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi", "bye")
    tests = f"""
from fakememtrace import World

{PASSES}
def test_other(request):
    with World(cassette=request.path.parent / "cassettes/test_it/test_it.json"):
        ask("bye")
"""
    result = run("--claude-prune", test_it=tests)
    result.assert_outcomes(passed=2)
    assert told(result) == [
        "cassettes/test_it/test_it.json: interaction 2 left, since not only these tests read this cassette"
    ]
    assert said(pytester.path / "cassettes/test_it/test_it.json") == ["hi", "bye"]


SKIPPED = """
{}
@pytest.mark.skip
def test_skipped(fakememtrace):
    ask("hi")
"""


@XDIST
def test_the_cassette_of_a_skipped_test_is_not_unused(project, pytester, workers):
    """A test that is skipped here may run elsewhere: its cassette stays."""
    record(pytester.path / "cassettes/test_more/test_skipped.json", "hi")
    result = project("--claude-prune", *workers, test_more=SKIPPED.format(""))
    result.assert_outcomes(passed=1, skipped=1)
    assert list(state(pytester)) == ["cassettes/test_it/test_it.json", "cassettes/test_more/test_skipped.json"]


@XDIST
def test_a_skipped_test_may_have_any_cassette(project, pytester, workers):
    """Where a test that does not run says itself where its cassette is, no file is known to be unused."""
    before = state(pytester)
    own = "@pytest.fixture\ndef claude_cassette():\n    return 'cassettes/test_gone/test_gone.json'\n"
    result = project("--claude-prune", *workers, test_more=SKIPPED.format(own))
    result.assert_outcomes(passed=1, skipped=1)
    why = "1 test did not run, whose cassettes nobody else knows: test_more.py::test_skipped"
    assert told(result) == [UNPLAYED, f"nothing was removed, since this was not the whole run: {why}"]
    assert state(pytester) == before


@pytest.mark.parametrize("given", [["."], ["tests"], ["tests/test_it.py", "tests"], ["../{}/tests"]])
def test_paths_that_are_all_there_is(run, pytester, given):
    """Who names the folder of all tests, where the project says that it is, runs all of them."""
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    record(pytester.path / "tests/cassettes/test_it/test_it.json", "hi")
    record(pytester.path / "tests/cassettes/unused.json", "hi")
    result = run(*(path.format(pytester.path.name) for path in given), tests__test_it=PASSES)
    result.assert_outcomes(passed=1)
    assert told(result) == ["tests/cassettes/unused.json: no test asks for this cassette", ADVICE]


def test_what_was_just_left_is_not_unused(api, project, pytester):
    """The recordings of a test that failed are not called unused in the same breath."""
    test = f"{PASSES}    assert False\n"
    (pytester.path / "cassettes/test_gone/test_gone.json").unlink()
    result = project("--claude-record=all", test_it=test)
    result.assert_outcomes(failed=1)
    assert not any("no test asks for" in line for line in told(result))
    assert "cassettes/test_it/test_it.unfinished.json" in state(pytester)


@XDIST
def test_what_a_killed_run_left_is_named_and_never_pruned(project, pytester, workers):
    """Recordings that wait beside their file are called what they are, and --claude-prune keeps them."""
    record(pytester.path / "cassettes/test_it/test_it.unfinished.json", "hi", "paid for")
    named = (
        "cassettes/test_it/test_it.unfinished.json: recordings for cassettes/test_it/test_it.json of a run that did "
        "not come to its end\n"
        "What to do: record again, which replaces them; or, where they are good as they are, give that file the name "
        "of the other; or delete it. pytest --claude-prune leaves it alone."
    ).splitlines()
    assert told(project(*workers)) == [*named, UNPLAYED, UNUSED, ADVICE]
    removed = [
        "cassettes/test_it/test_it.json: removed interactions 2-3",
        "cassettes/test_gone/test_gone.json: removed",
    ]
    assert told(project("--claude-prune", *workers)) == [*named, *removed]
    nothing = "nothing to remove: every answer and every cassette was asked for"
    assert told(project("--claude-prune", *workers)) == [*named, nothing]
    assert said(pytester.path / "cassettes/test_it/test_it.unfinished.json") == ["hi", "paid for"]


def test_what_to_do_with_the_recordings_of_a_killed_run_works(project, pytester):
    """Given the name of the other the file is replayed, and nothing more is to be said."""
    left = pytester.path / "cassettes/test_it/test_it.unfinished.json"
    record(left, "hi")
    (pytester.path / "cassettes/test_gone/test_gone.json").unlink()
    left.replace(pytester.path / "cassettes/test_it/test_it.json")
    result = project()
    result.assert_outcomes(passed=1)
    assert told(result) == []


def test_recording_again_takes_the_place_of_what_a_killed_run_left(api, project, pytester):
    """So there is one file again, and nothing more to be said of the other."""
    record(pytester.path / "cassettes/test_it/test_it.unfinished.json", "hi")
    (pytester.path / "cassettes/test_gone/test_gone.json").unlink()
    result = project("--claude-record=all")
    result.assert_outcomes(passed=1)
    assert told(result) == ["cassettes/test_it/test_it.json: 1 answer recorded by test_it.py::test_it"]
    assert list(state(pytester)) == ["cassettes/test_it/test_it.json"]


def test_a_part_is_plain_json():
    """What a worker hands over survives being written and read."""
    from fakememtrace.claude.housekeeping import Part, Use

    use = Use("test_it.py::test_it", "/a.json", True, 3, [2], 1, ["note"], "left", {"cassette": "a"})
    part = Part([use], {"test_it.py::test_it": "/a.json"}, {"/a.json": 2}, ["/cassettes"], ["-k was given"])
    assert Part.from_json(json.loads(json.dumps(part.as_json()))) == part
