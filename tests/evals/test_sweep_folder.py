"""The folder of a sweep: what is there is taken, what is damaged or crashed is run anew, and the report is the same."""

from __future__ import annotations

import json
import os

import pytest

from fakememtrace.errors import UsageError
from fakememtrace.evals.sweeping import ALONE, Folder, run_unit
from fakememtrace.evals.sweeping.combined import combined
from fakememtrace.evals.sweeping.executors import Alone
from fakememtrace.evals.sweeping.folder import canonical

from .sweeps import CASES, made, ran

SMALL = CASES.replace('"synthetic"', '"synthetic/swapped", "synthetic/updates"')


class Counting:
    """Runs units here and has them written down."""

    def __init__(self, call=run_unit, stop=None):
        self.units, self._call, self._stop = [], call, stop

    def results(self, units):
        """In their order, up to where it is stopped."""
        for unit, result in Alone(self._call).results(units):
            if len(self.units) == self._stop:
                raise KeyboardInterrupt
            self.units.append(unit.name)
            yield unit, result


def test_a_run_that_was_interrupted_goes_on(tmp_path):
    """What is kept is not run again, and the report has the bytes of one that was never interrupted."""
    _, expected = ran(tmp_path, "whole")
    first, second, third = Counting(stop=10), Counting(), Counting()
    with pytest.raises(KeyboardInterrupt):
        ran(tmp_path, "resumed", first)
    swept, report = ran(tmp_path, "resumed", second)
    assert report == expected
    assert (swept.taken, swept.run, swept.damaged) == (10, 22, ())
    assert not set(first.units) & set(second.units)
    swept, report = ran(tmp_path, "resumed", third)
    assert report == expected
    assert (swept.taken, swept.run, third.units) == (32, 0, [])


def test_another_variant_is_run_and_the_others_are_taken(tmp_path):
    """A folder is of units: a sweep that has more of them runs only those."""
    ran(tmp_path, "plans")
    more, again = Counting(), Counting()
    _, report = ran(tmp_path, "plans", more, CASES.replace('"newest"', '"newest", "context"'))
    assert len(more.units) == 16
    assert all("context" in name for name in more.units)
    assert report == ran(tmp_path, "new", ALONE, CASES.replace('"newest"', '"newest", "context"'))[1]
    assert ran(tmp_path, "plans", again)[1] == ran(tmp_path, "whole")[1]
    assert again.units == []


def _cut(text):
    return text[: len(text) // 2]


def _other_value(text):
    return text.replace('"recall": 1.0', '"recall": 0.5', 1)


def _other_key(text):
    key = json.loads(text)["key"]
    return text.replace(key, "0" * 64)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut, "it is cut short, or no result"),
        (lambda _: "", "it is cut short, or no result"),
        (lambda _: "[]", "it is cut short, or no result"),
        (lambda _: "null", "it is cut short, or no result"),
        (_other_value, "it is not what was written there"),
        (_other_key, "it is not what was written there"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "it is not what was written there"),
        (lambda _: "\udcff", "it cannot be read"),
    ],
)
def test_a_damaged_file_is_computed_anew(damage, words, tmp_path):
    """It is said which one, what is wrong with it, and the report is right all the same."""
    _, expected = ran(tmp_path, "plans", ALONE, SMALL)
    (unit,) = [one for one in made(tmp_path, SMALL)[1].units if one.name == "synthetic/swapped (documented, substring)"]
    path = tmp_path / "plans" / "units" / f"{unit.key}.json"
    before = path.read_text("utf-8")
    damaged = damage(before)
    assert damaged != before
    path.write_bytes(damaged.encode("utf-8", "surrogateescape"))
    counting = Counting()
    swept, report = ran(tmp_path, "plans", counting, SMALL)
    assert counting.units == [unit.name]
    assert swept.damaged == (f"{unit.key}.json, {unit.name}: {words}, so it is computed anew.",)
    assert report == expected
    assert path.read_text("utf-8") == before


def test_what_is_left_of_a_killed_write_does_not_matter(tmp_path):
    """A scratch file beside the units is no unit."""
    _, expected = ran(tmp_path, "plans")
    (tmp_path / "plans" / "units" / ".abc.json.x1y2").write_text("{", "utf-8")
    assert ran(tmp_path, "plans")[1] == expected


def _crashes(unit):
    return run_unit(unit) if "updates" not in unit.name else {"state": "crashed", "words": "out of memory"}


def test_what_crashed_is_tried_again(tmp_path):
    """A crash may come of the machine; it is in the report with its words, and in no mean."""
    _, expected = ran(tmp_path, "whole")
    swept, _ = ran(tmp_path, "plans", Alone(_crashes))
    assert swept.report["states"] == {"scored": 28, "passed": 0, "failed": 0, "unscored": 0, "crashed": 4}
    (row,) = [
        row
        for row in swept.report["rows"]
        if row["variant"] == {"dialect": "0.2.0", "plan": "newest"} and row["category"] == ""
    ]
    assert (row["questions"], row["crashed"], row["scored"]) == (80, 1, 7)
    again = Counting()
    assert ran(tmp_path, "plans", again)[1] == expected
    assert len(again.units) == 4


def test_the_rows_are_means_over_the_questions(tmp_path):
    """As the data set's own measure says, with precision and the number returned beside recall; by category, too."""
    from fakememtrace.evals.datasets import Variant, measured
    from fakememtrace.evals.datasets.synthetic import load

    report = ran(tmp_path, "plans")[0].report
    found = measured(load(), [Variant("substring", "documented", (5,))])
    rows = [row for row in report["rows"] if row["variant"] == {"dialect": "documented", "plan": "substring"}]
    assert [row["category"] for row in rows] == ["", *dict.fromkeys(item.category for item in found.items)]
    for row in rows:
        for name in ("recall", "precision", "mrr", "ndcg"):
            of = found.mean("substring, documented", 5, lambda ranks, name=name: getattr(ranks, name), row["category"])
            assert row[name] == of.value
        assert row["returned"] > 0
    assert report["data"] == {"synthetic": found.digest}


def test_a_report_tells_every_difference(tmp_path):
    """One item that is otherwise makes other bytes: the comparison of reports can fail."""
    what, units = made(tmp_path)
    results = {unit.key: run_unit(unit) for unit in units.units}
    before = canonical(combined(what, units, lambda unit: results[unit.key]))
    assert before == ran(tmp_path, "whole")[1].decode()
    results[units.units[-1].key]["items"][0]["spent"]["tokens"] += 1
    assert canonical(combined(what, units, lambda unit: results[unit.key])) != before


def test_only_a_folder_of_a_sweep_is_resumed(tmp_path):
    """Anything else is refused, and what cannot be a folder, too."""
    with pytest.raises(UsageError) as caught:
        Folder.of_before(tmp_path / "nothing")
    assert str(caught.value) == (
        f"{tmp_path / 'nothing'}: there are no results of a sweep in this folder, so nothing can be resumed.\n"
        "Name the folder of a sweep that was begun, or begin one there with --out DIR."
    )
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        Folder(tmp_path / "file")
    assert str(caught.value) == (
        f"{tmp_path / 'file'}: this folder cannot be made: {os.strerror(20)}.\nName another one with --out DIR."
    )


def test_a_file_that_vanishes_is_a_crash_in_words(tmp_path):
    """Somebody who empties the folder meanwhile is told so."""

    class Vanishing(Counting):
        def results(self, units):
            yield from super().results(units)
            for path in (tmp_path / "plans" / "units").iterdir():
                path.unlink()

    swept, _ = ran(tmp_path, "plans", Vanishing())
    assert {unit["words"] for unit in swept.report["units"]} == {"its file is gone from the folder of the sweep"}
