"""Pytest-recording has a fixture ``default_cassette_name``, too."""

from __future__ import annotations

import pytest

NAMES = """
class TestA:
    class TestB:
        @pytest.mark.parametrize("n", ["a"])
        def test_it(self, claude_cassette, default_cassette_name, n):
            assert claude_cassette.name == "TestA.TestB.test_it-a.json"
            assert default_cassette_name == "TestB.test_it[a]"

@pytest.mark.default_cassette("told.yaml")
def test_marked(claude_cassette, default_cassette_name):
    assert (claude_cassette.name, default_cassette_name) == ("test_marked.json", "told.yaml")

class TestOverridden:
    @pytest.fixture
    def default_cassette_name(self, default_cassette_name):
        return f"all-{default_cassette_name}"

    def test_it(self, claude_cassette, default_cassette_name):
        assert claude_cassette.stem == default_cassette_name == "all-TestOverridden.test_it"

@pytest.mark.parametrize("default_cassette_name", ["parameter"])
def test_parameter(claude_cassette, default_cassette_name):
    assert claude_cassette.stem == default_cassette_name == "parameter"

def test_asked_late(request):
    assert request.getfixturevalue("claude_cassette").name == "test_asked_late.json"
"""
SKIPPED = """
def test_it(fakememtrace):
    pass

@pytest.mark.skip
def test_skipped(fakememtrace):
    pass
"""
ORDERS = ["fakememtrace.plugin,pytest_recording.plugin", "pytest_recording.plugin,fakememtrace.plugin"]


@pytest.mark.parametrize("plugins", ORDERS)
def test_each_plugin_keeps_its_names(run, monkeypatch, plugins):
    """Whichever comes first: recordings of each are called as without the other, and by a fixture of the project's."""
    monkeypatch.setenv("PYTEST_PLUGINS", plugins)
    run("--claude-plan", test_it=NAMES).assert_outcomes(passed=5)


@pytest.mark.parametrize("plugins", ORDERS)
def test_what_nobody_asks_for_is_still_found(run, pytester, monkeypatch, plugins):
    """That another plugin has a fixture of that name does not hide where the cassettes of skipped tests are."""
    monkeypatch.setenv("PYTEST_PLUGINS", plugins)
    path = pytester.path / "cassettes/test_it/test_gone.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"format": "fakememtrace-cassette", "version": 1, "interactions": []}', "utf-8")
    result = run(test_it=SKIPPED)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*no test asks for*"])
