"""Recording in pytest: where cassettes are, what a failure leaves, what is announced, and the plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.recording.places import cassette_of

from ..claude.helpers import interaction, request
from .api import broken


def kept(pytester):
    """The cassettes below the project, by their path."""
    return {str(path.relative_to(pytester.path)): path for path in sorted(pytester.path.rglob("*.json"))}


def said(path):
    """The last question of each interaction."""
    return [one.messages[-1]["content"] for one in Cassette.load(path).interactions]


def record(path, *questions):
    """Make a cassette of questions and answers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Cassette([interaction(request(question), f"to {question}") for question in questions]).save(path)


def test_a_test_is_recorded_beside_its_file_and_replayed(api, run, pytester):
    """A test without a cassette of its own has one by its name; then it passes without a key and without the API."""
    tests = """
def test_it(fakememtrace):
    assert ask("hi") == "Hello!"

class TestCase:
    @pytest.mark.parametrize("said", ["a", "B/c"])
    def test_one(self, fakememtrace, said):
        assert ask(said) == "Hello!"

def test_without_claude(fakememtrace):
    pass
"""
    run("--claude-record=once", tests__test_it=tests).assert_outcomes(passed=4)
    folder = "tests/cassettes/test_it"
    odd = cassette_of(Path("test_it.py"), ["TestCase", "test_one[B/c]"]).name
    assert list(kept(pytester)) == sorted(
        [
            f"{folder}/{odd}",
            f"{folder}/TestCase.test_one-a.json",
            f"{folder}/test_it.json",
        ]
    )
    assert api.calls == 3
    run().assert_outcomes(passed=4)
    assert api.calls == 3


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["test_it"], "test_it"),
        (["TestCase", "test_it"], "TestCase.test_it"),
        (["test_it[a-1.5_b]"], "test_it-a-1.5_b"),
        (["test_it[]"], "test_it-"),
        (["test_it[Ada]"], "test_it-Ada-4dc46dfc"),
        (["test_it[a/b]"], "test_it-a-b-306b0382"),
    ],
)
def test_the_name_of_a_cassette(names, expected):
    """What a file can be called is its name, the rest is told apart by a digest."""
    assert cassette_of(Path("a/test_x.py"), names) == Path("a/cassettes/test_x", f"{expected}.json")


def test_no_two_tests_have_one_file():
    """However alike the parameters are, the names are not, whatever the file system folds; and none is too long."""
    parameters = ["a/b", "a:b", "a b", "a-b", "A-b", "ä", "ö", "x" * 300, "x" * 301, "../../etc", "a\nb", "\udc80"]
    paths = [cassette_of(Path("test_x.py"), [f"test_it[{text}]"]) for text in parameters]
    assert len({str(path).lower() for path in paths}) == len(parameters)
    assert {str(path.parent) for path in paths} == {"cassettes/test_x"}
    assert max(len(path.name.encode()) for path in paths) < 150


def test_a_miss_says_how_to_record(run, pytester):
    """A test that has no cassette learns the command, as the shell takes it from here."""
    result = run(
        tests__test_it="@pytest.mark.parametrize('n', ['a b'])\ndef test_it(fakememtrace, n):\n    ask('hi')\n"
    )
    result.assert_outcomes(failed=1)
    line = "To record it: pytest 'tests/test_it.py::test_it[[]a b]' --claude-record=once"
    result.stdout.fnmatch_lines(["no cassette: Claude was asked without one: *", line])


@pytest.mark.parametrize(("asked", "mode"), [("bye", "changed"), ("hi", "new")])
def test_a_miss_in_a_cassette_says_how_to_record_it(run, pytester, asked, mode):
    """What differs can be recorded again, and what is asked more often than it is recorded can be added."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi")
    result = run(test_it=f"def test_it(fakememtrace):\n    ask('hi')\n    ask('{asked}')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"To record it: pytest test_it.py::test_it --claude-record={mode}"])


def test_a_cassette_of_ones_own_is_recorded(api, run, pytester):
    """A test that says where its cassette is, is recorded there."""
    result = run(
        "--claude-record=once",
        test_it="""
@pytest.fixture
def claude_cassette(request):
    return request.path.parent / "own.json"

def test_it(fakememtrace):
    ask("hi")
""",
    )
    result.assert_outcomes(passed=1)
    assert list(kept(pytester)) == ["own.json"]
    result.stdout.fnmatch_lines(["*= recorded Claude =*", "own.json: 1 answer recorded by test_it.py::test_it"])


@pytest.mark.parametrize("mode", ["new", "changed", "all"])
def test_without_a_key_nothing_is_run(run, mode):
    """A mode that calls for sure is refused before any test is collected."""
    result = run(f"--claude-record={mode}", test_it="raise ValueError('collected')")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            f"ERROR: --claude-record={mode} asks the real Claude, and there is no key for it.",
            "Expected ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) in the environment.",
            "What to do: set it, or leave the recording out: what is recorded is replayed without a key.",
        ]
    )
    assert "collected" not in result.stdout.str()


def test_once_needs_no_key_for_what_is_there(run, pytester):
    """Mode ``once`` runs without a key where everything is recorded, or nobody asks."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi")
    tests = "def test_it(fakememtrace):\n    ask('hi')\n\ndef test_other(fakememtrace):\n    pass\n"
    run("--claude-record=once", test_it=tests).assert_outcomes(passed=2)


def test_redact_is_an_option_and_a_fixture(api, run, pytester):
    """What is named on the command line is replaced, and what the fixture names, where a test overrides it."""
    option = "def test_it(fakememtrace):\n    ask('I am Ada Lovelace')\n"
    fixture = "@pytest.fixture\ndef claude_redact():\n    return ['Lovelace']\n\n" + option
    run("--claude-record=once", "--claude-redact=Ada Lovelace", "--claude-redact=am I", test_a=option, test_b=fixture)
    assert [said(path) for path in kept(pytester).values()] == [["I am <redacted>"], ["I am Ada <redacted>"]]
    run("--claude-redact=Ada Lovelace").assert_outcomes(passed=2)


def test_a_secret_fails_the_test_though_the_agent_goes_on(api, run, pytester):
    """Where something looks like a secret nothing is written, and the test fails; a fixture can allow the text."""
    test = """
def test_it(fakememtrace):
    try:
        ask("gh" + "p_" + "Ab1" * 12)
    except httpx.HTTPStatusError:
        pass
"""
    result = run("--claude-record=once", test_it=test)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["cassettes/test_it/test_it.json, interaction 1: 1 text looks like a secret, so nothing was written."]
    )
    assert (kept(pytester), api.calls) == ({}, 0)
    allow = "\n@pytest.fixture\ndef claude_allow():\n    return ['gh' + 'p_' + 'Ab1' * 12]\n"
    run("--claude-record=once", test_it=test + allow).assert_outcomes(passed=1)


ENDS = ["assert False", "pytest.skip('no')", "pytest.xfail('no')", "ask('x')\n    raise KeyboardInterrupt"]


@pytest.mark.parametrize("mode", ["changed", "all"])
@pytest.mark.parametrize("end", ENDS)
def test_a_test_that_does_not_pass_leaves_the_old_file(api, run, pytester, mode, end):
    """What was recorded by a test that did not pass is beside the old file, which stays, and that is said."""
    record(pytester.path / "cassettes/test_it/test_it.json", "old")
    result = run(f"--claude-record={mode}", test_it=f"def test_it(fakememtrace):\n    ask('hi')\n    {end}\n")
    assert [said(path)[0] for path in kept(pytester).values()] == ["old", "hi"]
    name = "cassettes/test_it/test_it"
    stays = f"{name}.json stays as it was, since not all went well; what was recorded is in {name}.unfinished.json."
    result.stdout.fnmatch_lines([stays, "What to do: correct what failed and record again; or, *"])


def test_a_test_that_passes_replaces_the_file(api, run, pytester):
    """With the end of a test that passed its new recordings are in place."""
    record(pytester.path / "cassettes/test_it/test_it.json", "old")
    run("--claude-record=all", test_it="def test_it(fakememtrace):\n    ask('hi')\n").assert_outcomes(passed=1)
    assert [said(path) for path in kept(pytester).values()] == [["hi"]]


TWO = """
@pytest.fixture
def claude_cassette(request):
    return request.path.parent / "shared.json"

def test_one(fakememtrace):
    ask("one")

def test_two(fakememtrace):
    ask("two")
"""


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
@pytest.mark.parametrize("mode", ["once", "new", "all"])
def test_two_tests_that_write_one_file_are_refused(api, run, pytester, options, mode):
    """Whichever comes second fails, and both are named; the file has the answers of the first one, whole."""
    result = run(f"--claude-record={mode}", *options, test_it=TWO)
    result.assert_outcomes(passed=1, failed=1)
    output = result.stdout.str()
    names = ("test_it.py::test_one", "test_it.py::test_two")
    assert any(
        f"{one} would record into shared.json, which {two} has recorded into: one of them would lose" in output
        for one, two in (names, names[::-1])
    )
    assert len(said(pytester.path / "shared.json")) == 1


def test_what_two_tests_that_write_one_file_are_told_helps(api, run, pytester):
    """Without the fixture, or with the test's name in what it returns, each test is recorded, and replayed."""
    left_out = "def test_one" + TWO.partition("def test_one")[2]
    named = TWO.replace('"shared.json"', 'f"{request.node.name}.json"')
    run("--claude-record=once", test_it=left_out, test_named=named).assert_outcomes(passed=4)
    own = ["cassettes/test_it/test_one.json", "cassettes/test_it/test_two.json", "test_one.json", "test_two.json"]
    assert list(kept(pytester)) == own
    run().assert_outcomes(passed=4)


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_tests_may_share_what_they_replay(api, run, pytester, options):
    """Two tests that read one file pass, while others record theirs at the same time."""
    record(pytester.path / "shared.json", "hi")
    shared = TWO.replace('ask("one")', 'ask("hi")').replace('ask("two")', 'ask("hi")')
    others = "".join(f"def test_{n}(fakememtrace):\n    ask('{n}')\n" for n in range(4))
    run("--claude-record=new", *options, test_it=shared, test_others=others).assert_outcomes(passed=6)
    assert [said(path) for path in kept(pytester).values()] == [["0"], ["1"], ["2"], ["3"], ["hi"]]


TALK = """
def test_it(fakememtrace):
    assert ask("hi", system="Be rude.")
    assert ask("bye")
"""


@pytest.mark.parametrize("options", [[], ["-n", "1"]], ids=["one process", "xdist"])
def test_what_changed_is_announced_and_summed_up(api, run, pytester, options):
    """The conversation, the reason and the calls are said at the first call, and again at the end."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi", "bye")
    result = run("--claude-record=changed", *options, test_it=TALK)
    result.assert_outcomes(passed=1)
    change = (
        "conversation 1: 1 call in place of interaction 1 (system prompt), "
        'first claude-x, 1 message, the last from user: "hi"'
    )
    name = "cassettes/test_it/test_it.json"
    result.stderr.fnmatch_lines([f"fakememtrace: recording into {name}: {change}"])
    result.stdout.fnmatch_lines(
        [
            "*= recorded Claude =*",
            f"{name}: 1 answer recorded by test_it.py::test_it",
            f"{name}: 1 call",
            f"  {change}",
        ]
    )
    assert api.calls == 1


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_a_plan_calls_nobody_and_writes_nothing(run, pytester, options):
    """The plan says of each cassette what would be recorded, without a key, a call, or a new file."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi", "bye")
    record(pytester.path / "cassettes/test_other/test_same.json", "hi")
    before = {name: path.read_bytes() for name, path in kept(pytester).items()}
    other = "def test_same(fakememtrace):\n    ask('hi')\n\ndef test_new(fakememtrace):\n    assert ask('new') == 'x'\n"
    result = run("--claude-plan", *options, test_it=TALK, test_other=other)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*= recorded Claude =*",
            "cassettes/test_it/test_it.json: 1 call",
            "  conversation 1: 1 call in place of interaction 1 (system prompt), first *",
            "cassettes/test_other/test_new.json: at least 1 call",
            "  a new conversation: 1 call (nothing is recorded yet), first *",
            "  test_other.py::test_new did not pass, so it may be more",
            "cassettes/test_other/test_same.json: nothing to record",
            "in all at least 2 calls",
        ]
    )
    assert {name: path.read_bytes() for name, path in kept(pytester).items()} == before


def test_a_plan_of_another_mode(run, pytester):
    """The plan is that of the mode that is asked for."""
    record(pytester.path / "cassettes/test_it/test_it.json", "hi", "bye")
    result = run("--claude-plan", "--claude-record=all", test_it=TALK)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["cassettes/test_it/test_it.json: 2 calls"])
    result.stdout.no_fnmatch_line("in all *")


def test_plans_that_are_sure_are_added_up(run, pytester):
    """The sum of the calls of all tests is there, and says "at least" only where it may be more."""
    for name in ("test_it", "test_more"):
        record(pytester.path / f"cassettes/{name}/test_it.json", "hi", "bye")
    result = run("--claude-plan", "--claude-record=all", test_it=TALK, test_more=TALK)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["in all 4 calls"])


def test_what_is_not_recorded_is_said_at_the_end(api, run, pytester):
    """An answer that could not be kept fails the test, though it passes, and is told in the summary, once."""
    api.will(broken())
    test = "def test_it(fakememtrace):\n    with pytest.raises(httpx.RemoteProtocolError):\n        ask('hi')\n"
    result = run("--claude-record=once", test_it=test)
    result.assert_outcomes(passed=1, errors=1)
    lacks = [
        "cassettes/test_it/test_it.json lacks 1 answer of what the real Claude was asked:",
        "  not recorded, since the call failed (RemoteProtocolError: *): claude-x, 1 message, the last from user: *",
        'What to do: record again in the mode "new", which asks for what is not in the file: *',
    ]
    result.stdout.fnmatch_lines(["1 problem in this world's traffic:", "", *lacks, "*= recorded Claude =*", *lacks])
    assert result.stdout.str().count("not recorded, since") == 2


def test_a_cassette_in_memory_is_replayed_in_every_mode(api, run):
    """What has no file is not recorded, and needs none."""
    test = """
from fakememtrace.claude.author import Author

@pytest.fixture
def claude_cassette():
    return lambda request: "Hello!"

def test_it(fakememtrace):
    assert ask("hi") == "Hello!"
"""
    run("--claude-record=all", test_it=test).assert_outcomes(passed=1)
    assert api.calls == 0


def test_the_cassettes_are_reviewable(api, run, pytester):
    """What is written is a cassette as every other: canonical, and with its provenance."""
    run("--claude-record=once", test_it="def test_it(fakememtrace):\n    ask('hi')\n").assert_outcomes(passed=1)
    (path,) = kept(pytester).values()
    assert Cassette.load(path).is_canonical()
    assert json.loads(path.read_text())["interactions"][0]["provenance"]["kind"] == "recorded"
