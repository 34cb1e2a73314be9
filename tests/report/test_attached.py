"""Tests that fail, in a project of its own: each leaves a report of its world."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from .pages import Parsed

TESTS = """
import httpx
import pytest

def remember(world, content):
    memory = {"agent_id": "ada", "content": content}
    httpx.post(world.url + "/api/v1/memories", json=memory, headers={"x-api-key": world.api_key})

def test_that_fails(fakememtrace):
    remember(fakememtrace, "likes <b>green</b> tea")
    assert 1 == 2

def test_that_passes(fakememtrace):
    remember(fakememtrace, "likes tea")

@pytest.mark.parametrize("name", ["a/b", "a:b"])
def test_that_asks_for_what_is_not_recorded(fakememtrace, name):
    httpx.post("https://api.anthropic.com/v1/messages", json={"messages": []}, headers={"anthropic-version": "x"})

def test_without_a_world():
    assert 1 == 2
"""


@pytest.fixture
def project(pytester):
    """Runs those tests with options."""
    pytester.makepyfile(test_it=TESTS)

    def run(*arguments):
        return pytester.runpytest_inprocess("-p", "no:randomly", *arguments)

    return run


def test_a_failed_test_leaves_a_report(project, pytester):
    """Of every test that fails and has a world, in its call or afterwards; the failure and JUnit say where it is."""
    printed = project("--fakememtrace-report-dir=told", "--junitxml=junit.xml")
    printed.assert_outcomes(passed=3, failed=2, errors=2)
    names = sorted(path.name for path in (pytester.path / "told").iterdir())
    assert names[0].startswith("test_it.py-test_that_asks_for_what_is_not_recorded[a-b]-")
    assert len(names) == len({*names}) == 3
    assert names[2] == "test_it.py-test_that_fails.html"
    page = Parsed((pytester.path / "told" / "test_it.py-test_that_fails.html").read_text("utf-8"))
    assert "assert 1 == 2" in page.text
    assert "likes <b>green</b> tea" in page.text
    assert "failed in its call" in page.text
    printed.stdout.fnmatch_lines(["*- fakememtrace: report -*", "told/test_it.py-test_that_fails.html"])
    properties = {
        case.get("name"): [(one.get("name"), one.get("value")) for one in case.iter("property")]
        for case in ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    }
    assert properties["test_that_fails"] == [("fakememtrace_report", "told/test_it.py-test_that_fails.html")]
    (told,) = properties["test_that_asks_for_what_is_not_recorded[a/b]"]
    assert told == ("fakememtrace_report", f"told/{told[1].rpartition('/')[2]}")
    assert properties["test_that_passes"] == properties["test_without_a_world"] == []


def test_what_was_unexpected_is_in_the_report(project, pytester):
    """A test that fails only because its world is not clean has the explanation, and the turn."""
    project("--fakememtrace-report-dir=told", "-k", "recorded and a/b")
    (path,) = (pytester.path / "told").iterdir()
    page = Parsed(path.read_text("utf-8"))
    assert "failed in its teardown" in page.text
    problems = page.text[page.text.index("What went wrong", page.text.index("failed in its teardown")) :]
    assert problems[: problems.index("Timeline")].count("no cassette: ") == 1, (
        "the failure says the same, and is left out"
    )
    assert "a1-t1" in page.values("id")
    assert "#a1-t1" in page.values("href")


def test_a_report_lies_in_a_temporary_folder_where_none_is_named(project, pytester):
    """Nothing of it is in the project; a run in which nothing fails makes no folder at all."""
    printed = project("--basetemp=scratch", "-k", "fails")
    (path,) = pytester.path.rglob("*.html")
    assert path == pytester.path / "scratch" / "fakememtrace" / "test_it.py-test_that_fails.html"
    printed.stdout.fnmatch_lines(["*- fakememtrace: report -*", "scratch/fakememtrace/test_it.py-test_that_fails.html"])
    project("--basetemp=other", "-k", "passes").assert_outcomes(passed=1)
    assert not (pytester.path / "other").exists()


@pytest.mark.parametrize(
    "options", [["--fakememtrace-report-dir=none"], ["-p", "no:tmpdir"], ["--memory-fault=lost_write"]]
)
def test_no_report_where_nobody_wants_one(project, pytester, options):
    """Where it is said so, where there are no temporary folders, and where tests are to fail, nothing is written."""
    printed = project(*options, "-k", "fails")
    printed.assert_outcomes(failed=1)
    assert "fakememtrace: report" not in printed.stdout.str()
    assert not list(pytester.path.rglob("*.html"))


def test_the_setting_is_enough(project, pytester):
    """Its folder goes from the project's root, wherever pytest is called."""
    pytester.makeini("[pytest]\nfakememtrace_report_dir = build/told")
    project("-k", "fails").assert_outcomes(failed=1)
    assert (pytester.path / "build/told/test_it.py-test_that_fails.html").is_file()


def test_a_folder_that_cannot_be_is_said_beside_the_failure(project, pytester):
    """The test fails as it would, and what is wrong with the folder is told there."""
    (pytester.path / "told").write_text("", "utf-8")
    printed = project("--fakememtrace-report-dir=told/more", "-k", "fails")
    printed.assert_outcomes(failed=1)
    printed.stdout.fnmatch_lines(["*- fakememtrace: report -*", "cannot be written into *more: *"])
