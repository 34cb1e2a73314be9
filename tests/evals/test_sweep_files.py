"""A sweep's file: what it means, and the words for what cannot be."""

from __future__ import annotations

import pytest

from fakememtrace.errors import FakememtraceError, ScenarioError, UnknownName
from fakememtrace.evals.sweeping import crossed, read_sweep
from fakememtrace.evals.sweeping.sweep import Edit

from .authors import EVALS
from .sweeps import CASES, made, sweep_file

EVERY = """\
title = "All of it"
k = [10, 5, 10]
[cases]
data = ["synthetic/updates"]
evals = ["abstains"]
scenarios = ["single_agent"]
[where]
evals = "elsewhere"
locomo = "/data/locomo"
[axes]
dialect = ["documented"]
plan = ["since 7d", "newest"]
window = ["default", "24h", "2026-01-01"]
prompt = ["as written", "short"]
tools = ["plain"]
[[prompt]]
name = "short"
replace = "Store what will matter later."
by = "Store it."
[[tools]]
name = "plain"
tool = "memtrace_remember"
description = "Write it down"
"""


def refused(folder, text):
    """The words with which a file is refused, without its path."""
    path = sweep_file(folder, text)
    with pytest.raises(FakememtraceError) as caught:
        crossed(read_sweep(path))
    assert caught.value.exit_code == 2
    return str(caught.value).replace(str(path), "plans.toml").replace(str(folder), "")


def test_all_that_can_stand_in_it(tmp_path):
    """Paths are below the folder of the file, numbers are sorted, and edits are called by axis and name."""
    found = read_sweep(sweep_file(tmp_path, EVERY))
    assert found.title == "All of it"
    assert found.ks == (5, 10)
    assert found.cases == {"data": ("synthetic/updates",), "evals": ("abstains",), "scenarios": ("single_agent",)}
    assert list(found.axes) == ["dialect", "plan", "window", "prompt", "tools"]
    assert found.edits == (
        Edit("prompt", "short", "Store what will matter later.", "Store it."),
        Edit("tools", "plain", "memtrace_remember", "Write it down"),
    )
    assert str(found.where["locomo"]) == "/data/locomo"
    assert found.where["evals"] == tmp_path / "elsewhere"
    assert found.where["scenarios"] == tmp_path / "scenarios"


def test_the_least_of_it(tmp_path):
    """Both dialects, and 5 and 10 results."""
    found = read_sweep(sweep_file(tmp_path, CASES.replace("k = [5]\n", "")))
    assert found.axes["dialect"] == ("0.2.0", "documented")
    assert found.ks == (5, 10)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'title = "x"\n[cases]\n',
            (
                "plans.toml, line 2, [cases]: there are no cases, so there is nothing to sweep.\n"
                'Add one: data = ["synthetic"], evals = ["all"] or scenarios = ["all"].'
            ),
        ),
        (
            'title = "x"\n[cases]\ndata = ["synthetic"]\n',
            (
                "plans.toml, [axes]: 'plan' is missing: data sets are read by plans.\n"
                'Add it, such as plan = ["substring"].'
            ),
        ),
        (
            CASES.replace("newest", "newst"),
            (
                "plans.toml, line 6, [axes], \"plan\": unknown retrieval plan 'newst'. Did you mean 'newest'?\n"
                "Known: bm25, context, newest, since 24h and substring."
            ),
        ),
        (
            CASES.replace("newest", "since ever"),
            (
                "plans.toml, line 6, [axes], \"plan\": Memtrace can read no window in 'ever'.\n"
                "Write one such as 24h or 7d, a date, or 'default' for what the reads have by themselves."
            ),
        ),
        (
            CASES + 'window = ["9y"]\n',
            (
                "plans.toml, line 7, [axes], \"window\": Memtrace can read no window in '9y'.\n"
                "Write one such as 24h or 7d, a date, or 'default' for what the reads have by themselves."
            ),
        ),
        (
            CASES + 'dialect = ["0.3.0"]\n',
            (
                "plans.toml, line 7, [axes], \"dialect\": unknown dialect '0.3.0'. Did you mean '0.2.0'?\n"
                "Known: 0.2.0 and documented."
            ),
        ),
        (
            CASES + 'prompt = ["as written"]\n',
            (
                'plans.toml, line 7, [axes], "prompt": this changes nothing in data, which is all that there is.\n'
                "It changes evals and scenarios: name some of those, or leave the axis out."
            ),
        ),
        (
            CASES + "window = []\n",
            'plans.toml, line 7, [axes], "window": there is no value.\nName one, or leave the axis out.',
        ),
        (
            EVERY.replace('prompt = ["as written", "short"]', 'prompt = ["sort"]'),
            (
                "plans.toml, line 14, [axes], \"prompt\": there is no [[prompt]] with the name 'sort'. "
                "Did you mean 'short'?\nKnown here: as written and short."
            ),
        ),
        (
            EVERY.replace('name = "short"', 'name = "as written"'),
            "plans.toml, line 17, [[prompt]] 1, \"name\": 'as written' is what is not changed.\nGive it another name.",
        ),
        (
            EVERY.replace('replace = "Store what will matter later."', 'replace = ""'),
            (
                'plans.toml, line 18, [[prompt]] 1, "replace": this is empty, so nothing would be changed.\n'
                "Say what is to be changed."
            ),
        ),
        (
            CASES.replace("[5]", "[5, 0]"),
            'plans.toml, line 2, "k": expected whole numbers above 0, found [5, 0].\nWrite a list such as [5, 10].',
        ),
        (
            CASES.replace('data = ["synthetic"]', 'data = ["synthetic"]\nevals = ["all", "abstains"]'),
            "plans.toml, line 5, [cases], \"evals\": 'all' has the others, too.\nWrite it alone, or write the names.",
        ),
        (
            CASES.replace("synthetic", "locomo"),
            'plans.toml, [where]: nobody says where locomo is.\nAdd a table [where] with locomo = "PATH".',
        ),
        (
            CASES.replace("synthetic", "synthetik"),
            (
                "unknown data set 'synthetik'. Did you mean 'synthetic'? "
                "Known: locomo, longmemeval, longmemeval sessions, synthetic and synthetic 7."
            ),
        ),
        (
            CASES.replace("synthetic", "synthetic/update"),
            (
                "unknown history of synthetic 'update'. Did you mean 'updates'? Known: distractors-0, distractors-10, "
                "distractors-100, long-session, offsets, scripts, swapped and updates."
            ),
        ),
        (
            CASES.replace("data", "dta"),
            (
                "plans.toml, line 4, [cases]: unknown key 'dta'. Did you mean 'data'?\n"
                "Known here: data, evals and scenarios."
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(text, words, tmp_path):
    """Every complaint says where, what, what is known and what to do; nothing is run."""
    assert refused(tmp_path, text) == words


def test_evals_and_scenarios_have_to_be_there(tmp_path):
    """A name that there is not is refused with the nearest one, a broken file by its own words."""
    text = f'title = "x"\n[cases]\nevals = ["abstain"]\n[where]\nevals = "{EVALS}"\n'
    with pytest.raises(UnknownName, match=r"unknown eval 'abstain'\. Did you mean 'abstains'\?"):
        made(tmp_path, text)
    text = 'title = "x"\n[cases]\nscenarios = ["all"]\n'
    with pytest.raises(ScenarioError, match="there is no such folder"):
        made(tmp_path, text)
