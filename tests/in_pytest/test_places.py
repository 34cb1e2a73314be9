"""Where the cassette of a test is."""

from __future__ import annotations

import pytest

from fakememtrace.claude.cassette import Cassette

from ..claude.helpers import interaction, request

PLACES = """
from pathlib import Path

HERE = Path(__file__).parent

def test_default(claude_cassette, claude_cassette_dir, default_cassette_name):
    assert claude_cassette == HERE / "cassettes/test_it/test_default.json"
    assert (claude_cassette_dir, default_cassette_name) == (HERE / "cassettes/test_it", "test_default")

@pytest.mark.parametrize("n", ["a"])
class TestIt:
    def test_method(self, claude_cassette, default_cassette_name, n):
        assert claude_cassette == HERE / "cassettes/test_it/TestIt.test_method-a.json"

@pytest.mark.claude_cassette("greeting")
def test_name(claude_cassette, default_cassette_name):
    assert claude_cassette == HERE / "cassettes/test_it/greeting.json"
    assert default_cassette_name == "test_name"

@pytest.mark.claude_cassette("greeting.json")
def test_name_of_a_file(claude_cassette):
    assert claude_cassette == HERE / "cassettes/test_it/greeting.json"

@pytest.mark.claude_cassette("../shared/greeting.json")
def test_path(claude_cassette):
    assert claude_cassette == HERE / "../shared/greeting.json"

@pytest.mark.claude_cassette(Path("greeting.json"))
def test_path_without_a_folder(claude_cassette):
    assert claude_cassette == HERE / "greeting.json"

@pytest.mark.claude_cassette(HERE / "greeting.json")
def test_whole_path(claude_cassette):
    assert claude_cassette == HERE / "greeting.json"

@pytest.mark.memory_eval(n=2)
class TestSamples:
    @pytest.mark.claude_cassette("greeting")
    def test_name(self, claude_cassette, memory_eval_sample):
        assert claude_cassette == HERE / f"cassettes/test_it/greeting-sample-{memory_eval_sample}.json"

    @pytest.mark.claude_cassette("./greeting.json")
    def test_path(self, claude_cassette, memory_eval_sample):
        assert claude_cassette == HERE / f"greeting-sample-{memory_eval_sample}.json"

class TestFolder:
    @pytest.fixture
    def claude_cassette_dir(self, request):
        return "tapes"

    @pytest.fixture
    def default_cassette_name(self, request):
        return "all"

    def test_default(self, claude_cassette):
        assert claude_cassette == Path("tapes/all.json")

    @pytest.mark.claude_cassette("greeting")
    def test_name(self, claude_cassette):
        assert claude_cassette == Path("tapes/greeting.json")

    @pytest.mark.claude_cassette("./greeting.json")
    def test_path(self, claude_cassette):
        assert claude_cassette == HERE / "greeting.json"
"""


def test_each_way_to_say_it(run):
    """A name is one in the folder, a path goes from the test's file; and the two fixtures say the rest."""
    result = run("--claude-plan", "-v", "-p", "no:randomly", sub__test_it=PLACES)
    result.assert_outcomes(passed=14)
    assert result.stdout.str().count(" SCORED 1.0 ") == 4


def record(path, *questions):
    """Make a cassette of questions and answers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Cassette([interaction(request(question), f"to {question}") for question in questions]).save(path)


ASK = """
import httpx

def ask(text):
    body = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": text}]}
    headers = {"x-api-key": "a-key", "anthropic-version": "2023-06-01"}
    answer = httpx.post("https://api.anthropic.com/v1/messages", json=body, headers=headers)
    return answer.raise_for_status().json()["content"][0]["text"]
"""
CENTRAL = f"""{ASK}
def test_default(fakememtrace):
    assert ask("hi") == "to hi"

@pytest.mark.claude_cassette("other")
def test_name():
    assert ask("bye") == "to bye"

@pytest.mark.claude_cassette("../elsewhere.json", ignore=["messages"])
def test_path():
    assert ask("anything at all") == "to hello"
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_one_folder_for_all_cassettes(pytester, workers):
    """Below it stand those of every test file by its own path, and what no test asks for is found there, too."""
    for name, question in {"test_default": "hi", "other": "bye", "nobody": "?"}.items():
        record(pytester.path / f"central/sub/test_it/{name}.json", question)
    record(pytester.path / "central/sub/test_gone/test_gone.json", "?")
    record(pytester.path / "elsewhere.json", "hello")
    record(pytester.path / "sub/cassettes/test_it/test_default.json", "not looked at")
    (pytester.path / "sub/test_it.py").write_text(f"import pytest\n{CENTRAL}")
    # A process of its own: what it has loaded is not to be mixed with what others have.
    result = pytester.runpytest_subprocess("-o", "claude_cassette_dir=central", *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "*= recorded Claude =*",
            "central/sub/test_gone/test_gone.json: no test asks for this cassette",
            "central/sub/test_it/nobody.json: no test asks for this cassette",
            "What to do: look for why they are not asked for; pytest --claude-prune removes them.",
        ],
        consecutive=True,
    )
    assert "not_looked" not in result.stdout.str()


def test_a_cassette_that_is_named_has_to_be_there(run):
    """A test without a cassette is one without Claude; one whose marker names one is not."""
    result = run(
        test_it="""
def test_default(claude_cassette):
    assert claude_cassette is None

@pytest.mark.claude_cassette("greeting")
def test_name():
    pass
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*/cassettes/test_it/greeting.json: there is no such cassette.",
            "Its folder * does not exist either. Check the path.",
            "Or record it: pytest test_it.py::test_name --claude-record=once",
        ],
        consecutive=True,
    )


def test_a_marked_test_that_was_skipped_keeps_its_cassette(pytester):
    """The cassette that a marker names is known without running the test, so that it is not called unused."""
    record(pytester.path / "cassettes/test_it/kept.json", "hi")
    record(pytester.path / "cassettes/test_it/test_runs.json", "hi")
    (pytester.path / "test_it.py").write_text(
        f"""{ASK}
import pytest

@pytest.mark.claude_cassette("kept")
@pytest.mark.skip
def test_skipped():
    pass

def test_runs(fakememtrace):
    ask("hi")
"""
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.no_fnmatch_line("*recorded Claude*")


OVERRIDDEN = f"""{ASK}
import pytest

def test_runs(fakememtrace):
    ask("hi")

class TestSkipped:
    @pytest.fixture
    def FIXTURE(self):
        return "somewhere"

    @pytest.mark.skip
    def test_it(self, fakememtrace):
        pass
"""


@pytest.mark.parametrize("fixture", ["claude_cassette", "claude_cassette_dir", "default_cassette_name"])
def test_what_only_a_skipped_test_knows_calls_nothing_unused(pytester, fixture):
    """Where a test says by a fixture where its cassette is, and does not come to say it, no cassette is nobody's."""
    record(pytester.path / "cassettes/test_it/test_runs.json", "hi")
    record(pytester.path / "cassettes/test_it/maybe_of_the_skipped.json", "hi")
    (pytester.path / "test_it.py").write_text(OVERRIDDEN.replace("FIXTURE", fixture))
    skipped = pytester.runpytest_subprocess()
    skipped.assert_outcomes(passed=1, skipped=1)
    skipped.stdout.no_fnmatch_line("*no test asks for*")
