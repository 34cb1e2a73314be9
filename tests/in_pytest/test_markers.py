"""The markers fakememtrace and claude_cassette: what they say of a test, and what is refused at the collection."""

from __future__ import annotations

import re

import pytest

WORLD = (
    'Allowed, and each may be left out: dialect="documented", start="2026-02-07T12:00:00Z", seed="seed.json", '
    'allow_hosts=["api.example.com"], telegram="updates.toml".'
)
CASSETTE = (
    'Allowed, and each may be left out: a name or a path, which comes first, ignore=["model"], only=["messages"], '
    'normalise=[r"\\d+ ms"], matching=Matching(), record="none", redact=["Ada Lovelace"], allow=["sk-example"].'
)
MISUSED = {
    'fakememtrace(dialct="documented")': f"it has no 'dialct'. Did you mean 'dialect'?\n{WORLD}",
    'fakememtrace(cassette="a.json")': f"it has no 'cassette'. That is said by @pytest.mark.claude_cassette.\n{WORLD}",
    'fakememtrace(ignore="model")': f"it has no 'ignore'. That is said by @pytest.mark.claude_cassette.\n{WORLD}",
    'fakememtrace("documented")': f"'documented' has no name.\nGive it one, dialect='documented'. {WORLD}",
    'fakememtrace("2026-02-07T12:00:00Z")': (
        f"'2026-02-07T12:00:00Z' has no name.\nGive it one, start='2026-02-07T12:00:00Z'. {WORLD}"
    ),
    'fakememtrace(["a.example"])': f"['a.example'] has no name.\nGive it one, allow_hosts=['a.example']. {WORLD}",
    "fakememtrace(7, 8)": f"7 has no name.\n{WORLD}",
    'fakememtrace(dialect="documentd")': (
        "unknown dialect 'documentd'. Did you mean 'documented'? Known: 0.2.0, both and documented.\n" + WORLD
    ),
    "fakememtrace(dialect=2)": f"expected a text or a Dialect as dialect, found 2.\n{WORLD}",
    'fakememtrace(dialect="")': f"expected a text or a Dialect as dialect, found ''.\n{WORLD}",
    "fakememtrace(start=2026)": f"expected a text or a datetime as start, found 2026.\n{WORLD}",
    "fakememtrace(seed=[])": f"expected a file or a dict as seed, found [].\n{WORLD}",
    'fakememtrace(allow_hosts="a.example")': f"expected a list of texts as allow_hosts, found 'a.example'.\n{WORLD}",
    'fakememtrace(allow_hosts=["https://a.example/x"])': (
        "allow_hosts has 'https://a.example/x', which is no host. Expected a bare host, as the program asks for it: no "
        f'scheme, no port, no path. Write "a.example".\n{WORLD}'
    ),
    "fakememtrace(telegram=1)": f"expected a file or a dict as telegram, found 1.\n{WORLD}",
    'fakememtrace(dialect="0.2.0")\n@pytest.mark.fakememtrace(dialect="documented")': (
        "two of them say dialect: 'documented' and '0.2.0'.\nKeep one of them."
    ),
    'claude_cassette("a", "b")': f"'b' has no name.\n{CASSETTE}",
    "claude_cassette(7)": f"expected the name or the path of a cassette, found 7.\n{CASSETTE}",
    'claude_cassette(name="a")': f"it has no 'name'.\n{CASSETTE}",
    'claude_cassette("a", name="b")': f"it has no 'name'.\n{CASSETTE}",
    'claude_cassette(cassette="a")': f"it has no 'cassette'.\n{CASSETTE}",
    'claude_cassette("a", dialect="0.2.0")': (
        f"it has no 'dialect'. That is said by @pytest.mark.fakememtrace.\n{CASSETTE}"
    ),
    'claude_cassette("a", ignroe=["model"])': f"it has no 'ignroe'. Did you mean 'ignore'?\n{CASSETTE}",
    "claude_cassette(ignore=1)": f"expected a text or a list of texts as ignore, found 1.\n{CASSETTE}",
    'claude_cassette(record="nwe")': (
        "unknown recording mode 'nwe'. Did you mean 'new'? Known: all, changed, new, none and once.\n" + CASSETTE
    ),
    'claude_cassette(redact="Ada")': (
        f"expected a list of texts and compiled patterns as redact, found 'Ada'.\n{CASSETTE}"
    ),
    'claude_cassette(allow=[""])': f"expected a list of texts as allow, found [''].\n{CASSETTE}",
    'claude_cassette(matching="model")': f"expected a Matching as matching, found 'model'.\n{CASSETTE}",
    "claude_cassette(normalise=1)": (
        "expected a pattern, a list of them, or a dict of patterns and what replaces them as normalise, found 1.\n"
        + CASSETTE
    ),
    'claude_cassette(normalise="(")': (
        "normalise('(', '…') cannot be used: missing ), unterminated subpattern at position 0. Expected a regular "
        f"expression for texts and a replacement as re.sub takes it.\n{CASSETTE}"
    ),
    'claude_cassette(ignore="model", matching=Matching())': (
        "ignore and matching both say when a request is the recorded one.\n"
        "Keep one of them, such as matching=Matching().ignore(...)."
    ),
    'claude_cassette("a")\n@pytest.mark.claude_cassette("b")': (
        "two of them say which cassette: 'b' and 'a'.\nKeep one of them."
    ),
}


def test_a_misused_marker_is_refused(run):
    """The test is not run; the whole text says what is wrong with its marker, and what is allowed."""
    tests = {
        f"test_{number}": f"from fakememtrace import Matching\n@pytest.mark.{given}\ndef test_it():\n    assert False\n"
        for number, given in enumerate(MISUSED)
    }
    result = run(**tests)
    result.assert_outcomes(errors=len(MISUSED))
    shown = result.stdout.str()
    for number, (given, words) in enumerate(MISUSED.items()):
        name = given.partition("(")[0]
        assert f"\n@pytest.mark.{name} of test_{number}.py::test_it: {words}\n" in shown
    assert "Traceback" not in shown


LATE = """
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.{})
"""


@pytest.mark.parametrize(
    ("marker", "asked"),
    [('fakememtrace(dialct="x")', "fakememtrace_dialect"), ('claude_cassette(ignroe="x")', "claude_matching")],
)
def test_a_marker_that_comes_late_is_refused(run, marker, asked):
    """Misused by a conftest.py, it fails the test that has a world in words."""
    result = run(conftest=LATE.format(marker), test_it=f"def test_it({asked}):\n    pass\n")
    result.assert_outcomes(errors=1)
    wrong = re.search(r"\((\w+)=", marker)[1]
    result.stdout.fnmatch_lines(
        [
            f"@pytest.mark.{marker.partition('(')[0]} of test_it.py::test_it: it has no '{wrong}'. Did you mean *",
            "Allowed, *",
        ],
        consecutive=True,
    )
    assert "saying.py" not in result.stdout.str()


NEARER = """
from datetime import datetime, timezone

pytestmark = pytest.mark.fakememtrace(dialect="documented", start="2026-01-01T00:00:00Z")
LATER = datetime(2027, 1, 1, tzinfo=timezone.utc)

class Base:
    pytestmark = [pytest.mark.fakememtrace(start="2026-02-01T00:00:00Z"), pytest.mark.claude_cassette(ignore="model")]

    def test_base(self, fakememtrace, claude_matching):
        assert (fakememtrace.memory.dialect.name, fakememtrace.clock.now().month) == ("documented", 2)
        assert repr(claude_matching) == "Matching().ignore('model')"

class TestBase(Base):
    pass

@pytest.mark.fakememtrace(start="2026-03-01T00:00:00Z")
class TestDerived(Base):
    test_base = None

    def test_derived(self, fakememtrace):
        assert (fakememtrace.memory.dialect.name, fakememtrace.clock.now().month) == ("documented", 3)

    @pytest.mark.fakememtrace(dialect="0.2.0")
    @pytest.mark.fakememtrace(start="2026-04-01T00:00:00Z")
    @pytest.mark.parametrize(
        "month", [4, pytest.param(1, marks=pytest.mark.fakememtrace(start=LATER))], ids=["function", "parameter"]
    )
    def test_method(self, fakememtrace, month):
        assert (fakememtrace.memory.dialect.name, fakememtrace.clock.now().month) == ("0.2.0", month)

    @pytest.mark.claude_cassette(only=("system", "messages"), normalise={r"[0-9]+": "N"})
    def test_matching_is_one_decision(self, claude_matching):
        assert repr(claude_matching) == "Matching().only('system', 'messages').normalise('[0-9]+', 'N')"

    @pytest.mark.claude_cassette(redact=["Ada Lovelace"], allow=["sk-x"])
    def test_the_rest_of_a_class_stays(self, claude_matching, claude_redact, claude_allow):
        assert repr(claude_matching) == "Matching().ignore('model')"
        assert (claude_redact, claude_allow) == (["Ada Lovelace"], ["sk-x"])
"""


def test_what_stands_nearer_counts(run):
    """A parameter comes before its function, that before its class, this before its base, and the module last."""
    run("-p", "no:randomly", test_it=NEARER).assert_outcomes(passed=6)


OPENS = """
import os
import unittest

import httpx

def is_served():
    return httpx.get(os.environ["MEMTRACE_URL"] + "/health").json()["service"] == "memtrace"

@pytest.mark.fakememtrace
def test_world():
    assert is_served()

@pytest.mark.claude_cassette
@pytest.mark.parametrize("n", [1, 2])
def test_cassette(n):
    assert is_served()

@pytest.mark.fakememtrace(start="2026-03-01T00:00:00Z")
class TestIt(unittest.TestCase):
    def test_it(self):
        assert is_served()

def test_unmarked():
    assert "MEMTRACE_URL" not in os.environ
"""


def test_a_marked_test_has_a_world(run):
    """It need not ask for one, also as a method of unittest; a test that is not marked has none."""
    run(test_it=OPENS).assert_outcomes(passed=5)


def test_a_marked_test_is_settled(run):
    """What the world of a marked test saw fails it, although it did not ask for the world."""
    result = run(
        test_it="""
import httpx

@pytest.mark.fakememtrace
def test_it():
    try:
        httpx.get("https://elsewhere.example")
    except httpx.ConnectError:
        pass
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["1 problem in this world's traffic:"])


def test_pytest_documents_the_markers(run):
    """`pytest --markers` says of each what it takes, and whose it is."""
    shown = run("--markers").stdout.str()
    for name, words in {
        "fakememtrace": list(re.findall(r"(\w+)=", WORLD)),
        "claude_cassette": list(re.findall(r"(\w+)=", CASSETTE)),
    }.items():
        (line,) = re.findall(rf"^@pytest\.mark\.{name}\((.*?)\): .*\(fakememtrace\)$", shown, re.MULTILINE)
        assert re.findall(r"(\w+)=\.\.\.", line) == words
