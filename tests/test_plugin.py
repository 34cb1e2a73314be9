"""The pytest plugin, in pytest runs of a project of its own."""

from __future__ import annotations

import json

import pytest

from .claude.helpers import conversation

STRANGER = """
def test_agent_remembers(fakememtrace):
    from memtrace import Memtrace
    client = Memtrace(fakememtrace.url, fakememtrace.api_key)
    client.remember("agent_1", "User prefers dark mode")
    fakememtrace.clock.advance("23h")
    assert client.recall("agent_1").count == 1
"""

CLAUDE = """
import json
import anthropic
import pytest

@pytest.fixture
def claude_cassette(request):
    return request.path.parent / "cassette.json"

def ask(number, **changes):
    recorded = json.loads(REQUESTS)[number]
    return anthropic.Anthropic().messages.create(**{**recorded, **changes})
"""


@pytest.fixture
def project(pytester):
    """A project with a cassette of three turns and the means to ask for them."""
    conversation().save(pytester.path / "cassette.json")
    requests = json.dumps([one.request for one in conversation().interactions])

    def make(tests):
        pytester.makepyfile(test_it=CLAUDE.replace("REQUESTS", repr(requests)) + tests)
        return pytester.runpytest_subprocess("-p", "no:randomly")

    return make


def test_the_example_of_the_readme_passes(pytester):
    """The first test that anybody writes passes in a stranger's project."""
    pytester.makepyfile(STRANGER)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_every_test_has_a_world_of_its_own(pytester):
    """What one test stored, the next does not see; in parallel too."""
    pytester.makepyfile(*[STRANGER], **{f"test_{n}": STRANGER for n in range(4)})
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=5)


MOCK = """
import httpx
import pytest

@pytest.fixture
def httpx_mock(monkeypatch):
    def handle_request(self, request):
        return httpx.Response(200, text="mocked")
    async def handle_async_request(self, request):
        return httpx.Response(200, text="mocked")
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)
"""


@pytest.mark.parametrize("order", ["fakememtrace, httpx_mock", "httpx_mock, fakememtrace"])
def test_it_goes_together_with_pytest_httpx(pytester, order):
    """The fakes are served, and httpx_mock answers the rest, in whatever order a test asks for the two."""
    pytester.makepyfile(
        pytest_httpx=MOCK,
        test_both=f"""
        import asyncio
        import httpx
        from pytest_httpx import httpx_mock

        async def asked():
            async with httpx.AsyncClient() as client:
                return await client.get("https://example.com")

        def test_both({order}):
            assert httpx.get(fakememtrace.url + "/health").json()["service"] == "memtrace"
            assert httpx.get("https://example.com").text == asyncio.run(asked()).text == "mocked"
            assert httpx.get("http://localhost:1").text == "mocked"
        """,
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)


def test_a_cassette_is_given_by_a_fixture(project):
    """A test that overrides claude_cassette is answered from it, and passes when all of it is played."""
    project(
        """
def test_it(fakememtrace):
    assert [ask(n).stop_reason for n in range(3)] == ["tool_use", "end_turn", "end_turn"]
"""
    ).assert_outcomes(passed=1)


def test_what_does_not_have_to_match_is_a_fixture(project):
    """A test that overrides claude_matching is answered although the request differs in what it leaves out."""
    project(
        """
from fakememtrace import Matching

@pytest.fixture
def claude_matching():
    return Matching().ignore("system")

def test_it(fakememtrace):
    for n in range(3):
        ask(n, system="You are rude.")
"""
    ).assert_outcomes(passed=1)


def test_a_swallowed_miss_fails_the_test(project):
    """A request that is not recorded fails the test although the agent caught the error; without a traceback."""
    result = project(
        """
def test_it(fakememtrace):
    for n in range(3):
        ask(n)
    try:
        ask(0, system="You are rude.")
    except anthropic.APIError:
        pass
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_it*",
            "1 problem in this world's traffic:",
            "*#4 2026-02-07T12:00:01.5Z claude POST https://api.anthropic.com/v1/messages -> 400",
            "the system prompt differs: no recorded answer for this request to Claude: *",
            "Nearest in cassette.json (all 3 are played): interaction 1. It differs in: system prompt.",
            "    - You are ?-helpful-?.",
            "    + You are {+rude+}.",
            "What to do: *",
        ]
    )
    assert "plugin.py" not in result.stdout.str()


def test_an_answer_that_nobody_asked_for_fails_the_test(project):
    """An agent that stops asking fails the test."""
    result = project("def test_it(fakememtrace):\n    ask(0)\n")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["2 of 3 recorded answers in * were never asked for: interactions 2-3."])


def test_a_failure_shows_the_miss_that_caused_it(project):
    """A test that fails shows the unexpected traffic beside its own failure, once."""
    result = project('def test_it(fakememtrace):\n    ask(0, system="You are rude.")\n')
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*anthropic.BadRequestError*",
            "*- fakememtrace: unexpected traffic -*",
            "#1 * -> 400",
            "    + You are {+rude+}.",
        ]
    )


def test_the_world_is_chosen_by_fixtures(pytester):
    """Dialect and start are fixtures that a project overrides."""
    pytester.makepyfile(
        """
import pytest

@pytest.fixture
def fakememtrace_dialect():
    return "documented"

@pytest.fixture
def fakememtrace_start():
    return "2030-01-01T00:00:00Z"

def test_it(fakememtrace):
    assert fakememtrace.memory.dialect.name == "documented"
    assert fakememtrace.clock.now().year == 2030
"""
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_wrong_choice_is_said_in_words(pytester):
    """A dialect that does not exist, or a cassette that is not there, is an error in one paragraph."""
    pytester.makepyfile(
        """
import pytest

@pytest.fixture
def fakememtrace_dialect():
    return "documentd"

def test_it(fakememtrace):
    pass
"""
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["unknown dialect 'documentd'. Did you mean 'documented'? Known: 0.2.0 and documented."]
    )
    assert "plugin.py" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()


def test_a_leaked_world_is_cleaned_up_after_a_failure(pytester):
    """After a failing test the libraries are as before."""
    pytester.makepyfile(
        """
import httpx

BEFORE = httpx.HTTPTransport.handle_request

def test_one(fakememtrace):
    assert httpx.HTTPTransport.handle_request is not BEFORE
    assert False

def test_two():
    assert httpx.HTTPTransport.handle_request is BEFORE
"""
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(failed=1, passed=1)


def test_a_skipped_test_need_not_play_everything(project):
    """A test that skips, or fails as it is expected to, is not told off for what it did not ask."""
    project(
        """
def test_skipped(fakememtrace):
    pytest.skip("not here")

@pytest.mark.xfail
def test_xfailed(fakememtrace):
    assert False
"""
    ).assert_outcomes(skipped=1, xfailed=1)


def test_a_broken_set_up_is_one_error(project):
    """When another fixture fails, there is that error and no other."""
    result = project(
        """
@pytest.fixture
def broken(fakememtrace):
    raise ValueError("broken")

def test_it(broken):
    pass
"""
    )
    result.assert_outcomes(errors=1)


def test_a_test_that_is_run_again_is_settled_again(pytester):
    """A second try of a test is looked at like the first one."""
    pytester.makeconftest(
        """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
    )
    pytester.makepyfile(
        """
tries = []

def test_it(fakememtrace):
    import httpx
    try:
        httpx.get("https://elsewhere.example")
    except httpx.ConnectError:
        pass
    tries.append(1)
    assert len(tries) == 2
"""
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1, errors=1)


HEAVY = ["anthropic", "httpx", "httpx2", "hypothesis", "memtrace", "pydantic", "respx", "rich", "syrupy"]
OWN = ["in_pytest", "in_pytest.fixtures", "in_pytest.options", "plugin"]


def test_the_plugin_costs_next_to_nothing(pytester, monkeypatch):
    """Installed and unused, the plugin imports no library and of our own package only its fixtures and options."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(
        """
import sys

def pytest_unconfigure():
    ours = sorted(name for name in sys.modules if name.startswith("fakememtrace"))
    print("LOADED", sorted(set(sys.modules) & set(HEAVY)), ours)
""".replace("HEAVY", repr(HEAVY))
    )
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess("-p", "fakememtrace.plugin", "-s")
    result.assert_outcomes(passed=1)
    own = ["fakememtrace", *(f"fakememtrace.{name}" for name in OWN)]
    result.stdout.fnmatch_lines([f"LOADED [[]] [[]{str(own)[1:]}"])


def test_the_fixtures_read_like_documentation(pytester):
    """`pytest --fixtures` has a sentence for each of them."""
    output = pytester.runpytest_subprocess("--fixtures").stdout
    for name, words in {
        "fakememtrace": "A fresh World around the test; afterwards the test fails if anything unexpected was asked.",
        "fakememtrace_dialect": 'Which Memtrace the world is: "0.2.0" (the released server) or "documented".',
        "fakememtrace_start": "The time at which the world's clock starts: ISO 8601 with a time zone, or an aware *",
        "fakememtrace_allow_hosts": "The hosts beyond this machine that a test may reach all the same, *",
        "claude_cassette": "The recorded Claude responses: a path, a Cassette, or None for a test without Claude.",
        "claude_redact": "What is replaced in recordings, beside keys and the like: texts and compiled patterns.",
        "claude_allow": "The texts in recordings that only look like secrets.",
    }.items():
        output.fnmatch_lines([f"{name} -- *in_pytest/fixtures.py:*", f"    {words}"])
