"""docs/gate.md is true: its table, its baseline and its Python work, and its names are the code's."""

import inspect
import re
from importlib import import_module

import pytest
from scipy.stats import bootstrap

from fakememtrace.evals.evaluation import EXIT_CODES
from fakememtrace.evals.fields import DATASET
from fakememtrace.evals.gating import Baseline, read, to_text
from fakememtrace.evals.gating.verdict import EXIT_CODES as OF_VERDICTS
from fakememtrace.evals.sets import load_sets, prepare
from fakememtrace.evals.sets.sources import SOURCES

from .authors import EVALS
from .sets import evaluated, ours, struck

PAGE = (EVALS.parent / "docs" / "gate.md").read_text("utf-8")


def block(language):
    """The first fenced block in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]


def test_its_eval_can_be_run(tmp_path):
    """The table can be copied into a file; its first plan is asked, and what it lacks is a baseline."""
    (tmp_path / "mine.toml").write_text(block("toml"), "utf-8")
    (prepared,) = prepare(load_sets(tmp_path), ["0.2.0"], {})
    assert prepared.run().state == "ungated"


def test_its_baseline_is_one(tmp_path):
    """It is read, and is written as it stands there."""
    file = tmp_path / "updates.json"
    file.write_text(block("json"), "utf-8")
    assert to_text(read(file)) == block("json")


def test_its_python_comes_to_the_same(tmp_path, monkeypatch, capsys):
    """The interval that it computes from the files alone is the one that the gate found."""
    monkeypatch.chdir(ours(tmp_path))
    struck(monkeypatch, kind="lost_write", after=5, times=5)
    assert evaluated("--evals", ".", "synthetic", "--json", "evals.json").exit_code == 1
    code = block("python")
    if "rng" not in inspect.signature(bootstrap).parameters:
        code = code.replace("rng=", "random_state=")
    exec(code, {})
    ends = [float(end) for end in re.findall(r"-?\d+\.\d+", capsys.readouterr().out)]
    assert len(ends) == 4
    assert ends[:2] == pytest.approx(ends[2:], abs=1e-9)
    assert ends[1] < 0


def test_what_it_shows_is_printed(tmp_path):
    """The first line of our own eval."""
    done = evaluated("--evals", ours(tmp_path), "synthetic", "--dialect", "0.2.0")
    assert done.stdout.startswith(block("text"))


def test_every_exit_code_is_in_its_table():
    """And no other."""
    codes = {int(code) for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)}
    assert codes == {*EXIT_CODES.values(), *OF_VERDICTS.values(), 2}


def test_every_option_is_explained_and_none_is_made_up():
    """An option that the page leaves out is one that nobody finds."""
    command = import_module("fakememtrace.commands.eval").command
    known = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert set(re.findall(r"(--[a-z]+)", PAGE)) <= known
    assert {option for option in known - {"--evals", "--dialect", "--quiet"} if option not in PAGE} == set()


@pytest.mark.parametrize("name", [*DATASET, *Baseline._fields[2:-1], *SOURCES, *SOURCES["synthetic"].metrics])
def test_it_tells_every_field(name):
    """Whatever may stand in a table or a baseline, every data set and every metric."""
    assert f"`{name}`" in PAGE or f"\n{name} = " in PAGE
