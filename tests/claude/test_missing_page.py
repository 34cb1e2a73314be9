"""docs/matching.md is true: its examples print what stands below them, and its tables are the code's."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from fakememtrace import Matching
from fakememtrace.claude.matching import rules
from fakememtrace.claude.missing import miss
from fakememtrace.scenario.scenario import load_scenario

from ..scenario.helpers import Folder

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "matching.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def rows(heading):
    """The cells of the table whose first heading it is."""
    table = re.search(rf"^\| {heading} \|.*\n\|[- |]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table, heading
    return [line.strip("| ").split(" | ") for line in table[1].splitlines()]


def named(cell):
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_example_prints_what_stands_below_it():
    """The examples run in their order; their output is the page's, but for where its lines are broken."""
    namespace = {"__name__": "page"}
    printed = []
    for language, code in BLOCKS:
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(code, "docs/matching.md", "exec"), namespace)
            printed.append(output.getvalue().split())
    told = [text.split() for language, text in BLOCKS if language == "text"]
    assert [words for words in printed if words] == told
    assert len(told) > 9


def test_there_is_an_example_of_every_kind():
    """Each kind has a section of its own, whose text begins with its name."""
    sections = dict(re.findall(r"^### (.+)\n(?:.*\n)*?```text\n(.+)", PAGE, re.MULTILINE))
    assert sorted(sections) == sorted(miss.KINDS)
    for kind, first in sections.items():
        assert first.removeprefix("the ").startswith(kind)


def test_the_kinds_are_in_their_order():
    """The table has every kind, the first one first."""
    assert tuple(named(row[0])[0] for row in rows("kind")) == miss.KINDS


def test_the_verbs_are_all_there():
    """The table has every verb."""
    assert tuple(named(row[0])[0] for row in rows("verb")) == miss.VERBS


def test_the_methods_are_all_there():
    """The table has every method by which a Matching is made of another one."""
    methods = {row[0].strip("`").partition("(")[0] for row in rows("method")}
    assert methods == {"ignore", "only", "normalise", "replace"}
    assert methods <= set(dir(Matching))


@pytest.mark.parametrize("row", rows("name"), ids=lambda row: row[0])
def test_every_name_is_one(row):
    """What the table of names says of a name can be done with it."""
    names, methods = named(row[0]), named(row[2]) or ["ignore", "only", "replace"]
    assert set(methods) <= {"ignore", "only", "replace"}
    assert set(names) <= {*rules.MATCHERS, *rules.PARAMETERS, "cache_control", "tool descriptions"}
    for name in names:
        if "ignore" in methods:
            Matching().ignore(name)
        if "only" in methods:
            Matching().only(name)
        if "replace" in methods:
            Matching().replace(**{name: lambda recorded, sent: None})


def test_every_matcher_is_in_the_table():
    """No matcher is left out."""
    assert set(rules.MATCHERS) <= {name for row in rows("name") for name in named(row[0])}


def test_a_scenario_takes_what_is_shown(tmp_path):
    """The script of the page is read as the Matching that it says."""
    (toml,) = (code for language, code in BLOCKS if language == "toml")
    folder = Folder(tmp_path)
    script = (folder.path / "script.toml").read_text("utf-8")
    matching = load_scenario(folder.write("script.toml", script + toml).path).matching
    assert matching == Matching().ignore("max_tokens").normalise(r"\d{4}-\d\d-\d\d")


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    assert [name for name in re.findall(r"\]\((.*?)\)", PAGE) if not (DOCS / name).is_file()] == []
