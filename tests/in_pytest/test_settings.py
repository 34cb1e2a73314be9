"""Fixtures, markers, options and settings of the same names: which of them counts, and what is refused."""

from __future__ import annotations

import json

import pytest

from fakememtrace import World
from fakememtrace.in_pytest import fixtures
from fakememtrace.in_pytest.options import SETTINGS

INI = """
[pytest]
fakememtrace_dialect = documented
fakememtrace_start = 2030-01-01T00:00:00Z
fakememtrace_seed = seeds/ini.json
fakememtrace_allow_hosts =
    a.example
    b.example
claude_record = once
claude_cassette_dir = central
claude_redact = Ada Lovelace
claude_allow = sk-not-a-secret
"""
SAYS = """
def said(request, *names):
    return [request.getfixturevalue(name) for name in names]

NAMES = ("fakememtrace_dialect", "fakememtrace_start", "fakememtrace_allow_hosts", "claude_record_mode")
"""
BY_INI = f"""{SAYS}
def test_ini(request, fakememtrace, claude_redact, claude_allow, fakememtrace_seed, claude_cassette_dir):
    assert said(request, *NAMES) == ["documented", "2030-01-01T00:00:00Z", ["a.example", "b.example"], "once"]
    assert (fakememtrace.memory.dialect.name, fakememtrace.clock.now().year) == ("documented", 2030)
    assert fakememtrace.memory.memories()[0].content == "of the ini"
    assert (claude_redact, claude_allow) == (["Ada Lovelace"], ["sk-not-a-secret"])
    assert claude_cassette_dir == request.config.rootpath / "central" / "sub" / "test_it"
"""
BY_OPTIONS = f"""{SAYS}
def test_options(request, fakememtrace, claude_redact, claude_allow, claude_cassette_dir):
    assert said(request, *NAMES) == ["0.2.0", "2031-01-01T00:00:00Z", ["c.example", "d.example"], "none"]
    assert fakememtrace.memory.memories()[0].content == "of the option"
    assert (claude_redact, claude_allow) == (["Grace Hopper", "Ada Lovelace"], ["sk-other"])
    assert claude_cassette_dir == request.config.rootpath / "sub" / "tapes" / "sub" / "test_it"

@pytest.mark.fakememtrace(
    dialect="documented", start="2032-01-01T00:00:00Z", allow_hosts=["e.example"], seed="../seeds/ini.json"
)
@pytest.mark.claude_cassette(record="once", redact=["Alan Turing"], allow=["sk-marker"])
def test_marker(request, fakememtrace_seed, claude_redact, claude_allow):
    assert said(request, *NAMES) == ["documented", "2032-01-01T00:00:00Z", ["e.example"], "once"]
    assert fakememtrace_seed == request.path.parent / "../seeds/ini.json"
    assert (claude_redact, claude_allow) == (["Alan Turing", "Grace Hopper", "Ada Lovelace"], ["sk-marker"])

class TestFixtures:
    @pytest.fixture
    def fakememtrace_dialect(self):
        return "0.2.0"

    @pytest.fixture
    def fakememtrace_start(self):
        return "2033-01-01T00:00:00Z"

    @pytest.fixture
    def fakememtrace_allow_hosts(self):
        return ["f.example"]

    @pytest.fixture
    def fakememtrace_seed(self):
        return {{"memories": [{{"agent_id": "a", "content": "of the fixture"}}]}}

    @pytest.fixture
    def claude_record_mode(self):
        return "none"

    @pytest.mark.fakememtrace(
        dialect="documented", start="2032-01-01T00:00:00Z", allow_hosts=["e.example"], seed="../seeds/ini.json"
    )
    @pytest.mark.claude_cassette(record="once")
    def test_fixture(self, request, fakememtrace):
        assert said(request, *NAMES) == ["0.2.0", "2033-01-01T00:00:00Z", ["f.example"], "none"]
        assert (fakememtrace.memory.dialect.name, fakememtrace.clock.now().year) == ("0.2.0", 2033)
        assert fakememtrace.memory.memories()[0].content == "of the fixture"
"""


@pytest.fixture
def project(run, pytester):
    """A project whose pytest.ini says all that can be said, and which has seeds to begin with."""

    def project(*options, ini=INI, **files):
        pytester.path.joinpath("pytest.ini").write_text(ini, "utf-8")
        for name in ("ini", "option"):
            seed = {"memories": [{"agent_id": "a", "content": f"of the {name}"}]}
            path = pytester.path / "seeds" / f"{name}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(seed), "utf-8")
        return run(*options, **files)

    return project


def test_settings_of_pytest_ini_count(project):
    """What pytest.ini says is what a world is like; a path in it goes from pytest's root folder."""
    project(sub__test_it=BY_INI).assert_outcomes(passed=1)


def test_options_come_before_settings_markers_before_options_and_fixtures_first(project, pytester, monkeypatch):
    """Of four places the first that says anything counts; only what is redacted adds up.

    A path of an option goes from where pytest was called, one in a marker from where the test's file is.
    """
    pytester.mkdir("sub")
    monkeypatch.chdir(pytester.path / "sub")
    project(
        *("--fakememtrace-dialect=0.2.0", "--fakememtrace-start=2031-01-01T00:00:00Z", "--claude-record=none"),
        *("--fakememtrace-seed=../seeds/option.json", "--claude-cassette-dir=tapes", "--claude-redact=Grace Hopper"),
        *("--fakememtrace-allow-hosts=c.example", "--fakememtrace-allow-hosts=d.example", "--claude-allow=sk-other"),
        sub__test_it=BY_OPTIONS,
    ).assert_outcomes(passed=3)


def test_where_nobody_says_anything(run):
    """Without anything said a world is the released server, of that day, with nothing in it, and calls nobody."""
    run(
        test_it=f"""{SAYS}
def test_it(request, fakememtrace, fakememtrace_seed, fakememtrace_telegram, claude_cassette, claude_matching):
    assert said(request, *NAMES) == [None, "2026-02-07T12:00:00Z", [], "none"]
    assert fakememtrace.memory.dialect.name == "0.2.0"
    assert (fakememtrace_seed, fakememtrace_telegram, claude_cassette, claude_matching) == (None, None, None, None)
"""
    ).assert_outcomes(passed=1)


def test_the_dialect_of_a_seed_counts_where_nobody_says_another(run, pytester):
    """A world that was saved as documented begins as documented, unless a marker says otherwise."""
    World("documented").save(pytester.path / "seed.json")
    run(
        test_it="""
pytestmark = pytest.mark.fakememtrace(seed="seed.json")

def test_seed(fakememtrace):
    assert fakememtrace.memory.dialect.name == "documented"

@pytest.mark.fakememtrace(dialect="0.2.0")
def test_marker(fakememtrace):
    assert fakememtrace.memory.dialect.name == "0.2.0"
"""
    ).assert_outcomes(passed=2)


def test_a_script_of_telegram_is_said_by_a_marker(run):
    """A world can have customers who write to a bot, and what was never delivered fails the test."""
    result = run(
        test_it="""
SCRIPT = {
    "bot": [{"name": "Maria", "env": "MARIA"}],
    "user": [{"name": "Nacho"}],
    "update": [{"bot": "Maria", "user": "Nacho", "text": "Hello?"}],
}

@pytest.mark.fakememtrace(telegram=SCRIPT)
def test_it(fakememtrace, fakememtrace_telegram):
    assert fakememtrace_telegram == SCRIPT
    assert fakememtrace.telegram.sent == []
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["the updates: 1 update was never delivered:"])


WRONG = {
    "--fakememtrace-dialect=documentd": (
        "--fakememtrace-dialect: unknown dialect 'documentd'. Did you mean 'documented'? Known: 0.2.0, both and "
        "documented."
    ),
    "fakememtrace_dialect=both please": (
        "the setting fakememtrace_dialect: unknown dialect 'both please'. Did you mean 'both'? Known: 0.2.0, both and "
        "documented."
    ),
    "--fakememtrace-start=today": (
        "--fakememtrace-start: 'today' is no moment in time. Expected ISO 8601 with a time zone, such as "
        '"2026-02-07T12:00:00Z".'
    ),
    "--fakememtrace-seed=nowhere.json": "--fakememtrace-seed: *nowhere.json: there is no such file.",
    "--fakememtrace-allow-hosts=https://a.example": "--fakememtrace-allow-hosts: *https://a.example*",
    "--fakememtrace-report-dir=test_it.py": (
        "--fakememtrace-report-dir: *test_it.py: a folder is expected here, and this is a file. Name another one."
    ),
    "claude_cassette_dir=test_it.py": (
        "the setting claude_cassette_dir: *test_it.py: a folder is expected here, and this is a file. Name another one."
    ),
    "claude_record=sometimes": (
        "the setting claude_record: unknown recording mode 'sometimes'. Known: all, changed, new, none and once."
    ),
    "claude_record=new": "the setting claude_record = new asks the real Claude, and there is no key for it.",
    "--claude-record=new": "--claude-record=new asks the real Claude, and there is no key for it.",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_is_refused_before_anything_runs(run, wrong):
    """An option or a setting that is wrong ends the run at once, and says which one it is."""
    options = [wrong] if wrong.startswith("--") else ["-o", wrong]
    result = run(*options, test_it="def test_it():\n    pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {WRONG[wrong]}"])
    assert "Traceback" not in result.stderr.str()


def test_each_has_one_name(run):
    """What can be set has an option of the same name, and a fixture, but for where reports go: that is of the run."""
    shown = run("--help").stdout.str()
    # The option was there before its fixture.
    named = {"claude_record": "claude_record_mode"}
    assert {named.get(name, name) for name in SETTINGS} - set(fixtures.__all__) == {"fakememtrace_report_dir"}
    for name in SETTINGS:
        assert f"--{name.replace('_', '-')}=" in shown
        assert f"\n  {name} (" in shown


def test_the_fixtures_read_like_documentation(run):
    """`pytest --fixtures` lists each of ours in the order of the module, with a sentence that is one line."""
    shown = run("--fixtures").stdout.str().partition("fixtures defined from fakememtrace.in_pytest.fixtures")[2]
    lines = iter(shown.splitlines())
    listed = {line.partition(" -- ")[0]: next(lines) for line in lines if " -- " in line and "fixtures.py:" in line}
    order = [name for name in vars(fixtures) if name in fixtures.__all__]
    assert list(listed) == order
    assert order[0] == "fakememtrace"
    assert all(line.startswith("    ") and len(line) <= 120 and line[-1] in ".;" for line in listed.values())
