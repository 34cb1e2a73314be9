"""docs/evals.md is true: its case runs, its Python runs, and its tables and names are the code's."""

import re

import pytest

from fakememtrace.evals.case import DIALECTS
from fakememtrace.evals.engine import run
from fakememtrace.evals.fields import CASE, MEASURES, READS, VERBS
from fakememtrace.evals.reading import load
from fakememtrace.evals.tracing import STAGES

from .authors import EVALS

PAGE = (EVALS.parent / "docs" / "evals.md").read_text("utf-8")


def block(language):
    """The first fenced block in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_its_case_passes(dialect, tmp_path):
    """The example can be copied into a file, and passes."""
    (tmp_path / "mine.toml").write_text(block("toml"), "utf-8")
    (case,) = load(tmp_path)
    assert run(case, dialect).state == "passed"


def test_its_python_runs(monkeypatch):
    """The example runs in the folder of a clone."""
    monkeypatch.chdir(EVALS.parent)
    names = {}
    exec(block("python"), names)
    assert names["result"].passed


def test_its_tables_are_the_code():
    """Every measure with its words, and every stage after the first."""
    for name, words in MEASURES.items():
        assert f"| {name} | {words} |" in PAGE
    for words in list(STAGES.values())[1:]:
        assert f"| {words} | " in PAGE


@pytest.mark.parametrize("name", [*VERBS, *READS, *(field for field in CASE if field not in ("name", "title", "why"))])
def test_it_tells_every_step_and_read(name):
    """Whatever may stand in a file is named on the page."""
    assert f"`{name}`" in PAGE or f"{{ {name} = " in PAGE
