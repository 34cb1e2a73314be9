"""Data-set evals: what is asked, how it is gated, and that the gate falls when memories really get lost."""

import inspect
import json
import sys
from pathlib import Path

import numpy
import pytest
from scipy import stats

from fakememtrace.errors import UsageError
from fakememtrace.evals.gating import Baseline, Score, read, to_text
from fakememtrace.evals.retrieval import ReadFailed
from fakememtrace.evals.retrieval.plans import _PLANS
from fakememtrace.evals.sets import load_sets, prepare
from fakememtrace.evals.sets.text import set_lines

from .authors import EVALS
from .sets import TABLE, conversation, ours, struck, tiny, written

BOTH = ("0.2.0", "documented")


def result(folder, table=TABLE, dialects=BOTH, **rules):
    """What becomes of the tiny eval, against the baseline that it has with these rules."""
    prepared = prepared_in(folder, table, dialects)
    if rules:
        prepared = prepared._replace(baseline=prepared.baseline._replace(**rules))
    return prepared.run()


def prepared_in(folder, table=TABLE, dialects=BOTH):
    """The tiny eval."""
    (prepared,) = prepare(load_sets(written(folder, table)), dialects, {"locomo": tiny(folder)})
    return prepared


def bless(folder, table=TABLE):
    """Write what the tiny eval is worth into its baseline."""
    found = prepared_in(folder, table).run()
    baseline = Baseline("tiny, recall@3", found.digest, scores=found.scores)
    (folder / "tiny.json").write_text(to_text(baseline), "utf-8")


def test_a_no_op_passes(tmp_path):
    """The same data and the same plans are worth the same, in both dialects, with precision and number returned."""
    bless(tmp_path)
    found = result(tmp_path)
    assert found.passed
    assert [line.text for line in set_lines(found)] == [
        (
            "ok       tiny · substring, 0.2.0: recall@3 mean 1.0000 → 1.0000, 0 items flipped; "
            "precision 1.0000, 1.0 returned"
        ),
        (
            "ok       tiny · substring, documented: recall@3 mean 1.0000 → 1.0000, 0 items flipped; "
            "precision 1.0000, 1.0 returned"
        ),
    ]
    assert list(set_lines(found, passed_too=False)) == []


def test_an_item_says_what_it_is_in_every_run(tmp_path):
    """Key and category have the variant at the end; the conversation is that of the data."""
    found = result(tmp_path).variants[0].scores[0]
    assert found == Score("conv-0/0 · substring, 0.2.0", "conv-0", "4 single-hop · substring, 0.2.0", 1.0)
    by = result(tmp_path, TABLE + 'by = "conversation"\n').variants[0].scores[0]
    assert by.category == "conv-0 · substring, 0.2.0"


def test_memories_that_get_lost_are_a_regression(tmp_path, monkeypatch):
    """Two of four turns of each conversation are not stored: every dialect is worse, and every item is told."""
    bless(tmp_path)
    struck(monkeypatch, kind="lost_write", times=2)
    found = result(tmp_path)
    assert (found.state, found.variants[0].verdict.interval) == ("regression", (-0.5, -0.5))
    assert [line.text for line in set_lines(found)][:5] == [
        (
            "FAILED   tiny · substring, 0.2.0: recall@3 mean 1.0000 → 0.5000, 8 items flipped; "
            "precision 1.0000, 0.5 returned"
        ),
        "            the mean fell by 0.5000, which is more than the tolerance of 0.0100, and the 95 %",
        "              interval of the difference, -0.5000 to -0.5000, excludes zero",
        "  flipped   conv-0/0 · substring, 0.2.0: 1.0000 → 0.0000",
        "  flipped   conv-0/1 · substring, 0.2.0: 1.0000 → 0.0000",
    ]
    advice = "".join(line.text for line in set_lines(found)).partition("What to do: ")[2]
    assert " ".join(advice.split()) == (
        f"correct it; or where this is as it should be, --bless writes {tmp_path / 'tiny.json'} anew."
    )


def test_a_plan_that_got_worse_is_a_regression(tmp_path, monkeypatch):
    """The same name and another way to ask."""
    bless(tmp_path)
    monkeypatch.setitem(_PLANS, "substring", lambda *_: ())
    assert result(tmp_path).state == "regression"


def test_another_plan_cannot_be_compared(tmp_path):
    """What is asked now is not in the baseline, and what is in there is not asked any more: both are told."""
    bless(tmp_path)
    found = result(tmp_path, TABLE.replace("substring", "newest"), ["0.2.0"])
    assert [(one.variant, one.verdict.words) for one in found.variants] == [
        ("newest, 0.2.0", (NEW.format("newest, 0.2.0"),)),
        ("substring, 0.2.0", ("there are no items", MISSING.format("substring, 0.2.0"))),
        ("substring, documented", ("there are no items", MISSING.format("substring, documented"))),
    ]
    assert found.state == "ungated"


NEW = "16 items are not in the baseline: conv-0/0 · {0}, conv-0/1 · {0}, conv-0/2 · {0} and 13 more"
MISSING = "16 items of the baseline are missing: conv-0/0 · {0}, conv-0/1 · {0}, conv-0/2 · {0} and 13 more"


@pytest.mark.parametrize("change", ['metric = "mrr"', "k = 2"])
def test_another_measure_cannot_be_compared(change, tmp_path):
    """A baseline is of one metric at one number of results."""
    bless(tmp_path)
    name = change.partition(" ")[0]
    line = next(line for line in TABLE.splitlines() if line.startswith(f"{name} ="))
    found = result(tmp_path, TABLE.replace(line, change))
    assert found.state == "ungated"
    assert found.variants[0].verdict.words == ("the baseline is that of 'tiny, recall@3'",)


def test_other_data_cannot_be_compared(tmp_path):
    """Three conversations are not four, whatever they are worth."""
    bless(tmp_path)
    (one,) = load_sets(tmp_path / "sets.toml")
    (prepared,) = prepare([one], BOTH, {"locomo": tiny(tmp_path, 3)})
    verdict = prepared.run().variants[0].verdict
    assert (verdict.state, verdict.words[0].partition(":")[0]) == ("ungated", "the data is other data")


def test_one_dialect_is_compared_with_its_own_part(tmp_path):
    """What the baseline has of the other dialect is not missing."""
    bless(tmp_path)
    found = result(tmp_path, dialects=["documented"])
    assert [(one.variant, one.verdict.state) for one in found.variants] == [("substring, documented", "passed")]


def test_a_floor_is_that_of_a_category_in_one_variant(tmp_path):
    """It says nothing of the other one, and a floor of a variant that is not there cannot be watched."""
    bless(tmp_path)
    found = result(tmp_path, floors={"4 single-hop · substring, documented": 1.5})
    assert [one.verdict.state for one in found.variants] == ["passed", "regression"]
    found = result(tmp_path, floors={"4 single-hop · substring, dokumented": 0.5})
    assert [(one.variant, one.verdict.state) for one in found.variants][2:] == [("substring, dokumented", "ungated")]


@pytest.mark.parametrize(
    ("error", "words"),
    [(ReadFailed("a list was answered 500"), "a list was answered 500"), (KeyError("x"), "KeyError: 'x'")],
)
def test_what_cannot_go_on_has_crashed(error, words, tmp_path, monkeypatch):
    """A read that fails is no zero, and no other reason to be worse."""
    bless(tmp_path)

    def fail(*_):
        raise error

    monkeypatch.setitem(_PLANS, "substring", fail)
    found = result(tmp_path)
    assert (found.state, found.variants) == ("crashed", ())
    assert [line.text for line in set_lines(found)] == ["CRASHED  tiny", f"            {words}"]


def test_steps_are_told(tmp_path):
    """One for each conversation."""
    prepared, told = prepared_in(tmp_path), []
    prepared.run(told=lambda: told.append(1))
    assert len(told) == prepared.steps == 4


def test_an_interval_can_be_computed_from_the_files_alone(tmp_path, monkeypatch):
    """The baseline and the JSON of the run have all that it takes."""
    bless(tmp_path)
    struck(monkeypatch, kind="lost_write", after=1, times=1)
    thing = ("kayak", "violin")
    (one,) = load_sets(tmp_path / "sets.toml")
    value = [conversation(0), conversation(1, thing), conversation(2), conversation(3, thing)]
    (tmp_path / "locomo10.json").write_text(json.dumps(value), "utf-8")
    (prepared,) = prepare([one], ["0.2.0"], {"locomo": tmp_path})
    whole = [score._replace(value=1.0) for score in prepared.run().scores]
    (tmp_path / "tiny.json").write_text(
        to_text(Baseline("tiny, recall@3", prepared.opened.digest, scores=tuple(whole))), "utf-8"
    )
    (prepared,) = prepare([one], ["0.2.0"], {"locomo": tmp_path})
    run = json.loads(json.dumps(prepared.run().to_json()))
    before = {score.key: score.value for score in read(run["baseline"]).scores}
    groups = {}
    for item in run["variants"][0]["items"]:
        groups.setdefault(item["conversation"], []).append(item["value"] - before[item["key"]])
    rules, names = run["rules"], sorted(groups)
    name = "rng" if "rng" in inspect.signature(stats.bootstrap).parameters else "random_state"
    found = stats.bootstrap(
        ([sum(groups[name]) for name in names], [len(groups[name]) for name in names]),
        lambda sums, sizes: sum(sums) / sum(sizes),
        paired=True,
        vectorized=False,
        n_resamples=rules["resamples"],
        confidence_level=rules["confidence"],
        method="percentile",
        **{name: numpy.random.default_rng(rules["seed"])},
    )
    low, high = found.confidence_interval
    assert run["variants"][0]["verdict"]["interval"] == pytest.approx([low, high], abs=1e-9)
    assert (low, high) == pytest.approx((-0.5, -0.25))


class TestOurs:
    """The set that is shipped, and its committed baselines."""

    @pytest.fixture
    def run(self, tmp_path):
        """Runs all evals over it; the results."""
        sets = [one for one in load_sets(ours(tmp_path)) if one.set == "synthetic"]
        return lambda: [prepared.run() for prepared in prepare(sets, BOTH, {})]

    def test_it_is_as_good_as_its_baseline(self, run):
        """Nothing flipped."""
        found = run()
        assert [one.state for one in found] == ["passed", "passed"]
        assert not any(gated.verdict.flipped for one in found for gated in one.variants)

    def test_a_loss_in_one_family_is_noticed_by_its_floor(self, run, monkeypatch):
        """Only needles stand so far behind, and draws without them show no fall: the mean alone would not tell."""
        struck(monkeypatch, kind="truncated", bytes=180)
        verdict = run()[0].variants[0].verdict
        assert (verdict.state, verdict.interval[1]) == ("regression", 0.0)
        assert verdict.words[1:] == ("category 'offsets · substring, 0.2.0' is at 0.8571, below its floor of 0.9500",)

    def test_a_loss_in_every_family_is_noticed_by_the_mean(self, run, monkeypatch):
        """Every way to ask is worse."""
        struck(monkeypatch, kind="lost_write", after=5, times=5)
        for one in run():
            for gated in one.variants:
                assert gated.verdict.state == "regression"
                assert gated.verdict.interval[1] < 0

    def test_an_order_that_is_wrong_is_told_and_no_fall(self, run, monkeypatch):
        """Some items are better and some are worse: the mean stays, and every one of them is listed."""
        struck(monkeypatch, kind="wrong_order")
        found = run()[0]
        assert found.passed
        assert [len(gated.verdict.flipped) for gated in found.variants] == [4, 4]

    def test_its_baselines_are_written_as_they_are_read(self):
        """Byte for byte, so that a blessing without a change is no change."""
        for path in sorted((EVALS / "baselines").glob("synthetic*.json")):
            assert to_text(read(path)) == path.read_text("utf-8")


def test_without_the_library_of_a_plan_nothing_is_run(tmp_path, monkeypatch):
    """It is said before, and not after some minutes."""
    monkeypatch.setitem(sys.modules, "rank_bm25", None)
    with pytest.raises(UsageError, match="BM25 needs rank-bm25"):
        prepared_in(tmp_path, TABLE.replace("substring", "bm25"))


def test_a_set_without_k_has_its_own_measure(tmp_path):
    """PrecisionMemBench's probes pass or do not; neither precision nor a number returned goes with that."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "precisionmembench"
    if not folder.is_dir():
        pytest.skip("there is no copy of PrecisionMemBench beside the project")
    sets = [one for one in load_sets(ours(tmp_path)) if one.name == "precisionmembench"]
    (prepared,) = prepare(sets, ["0.2.0"], {"precisionmembench": folder})
    found = prepared.run()
    assert prepared.steps == 1
    assert len({score.key for score in found.scores}) == 89
    assert next(set_lines(found)).text == (
        "ungated  precisionmembench · substring, 0.2.0: passed mean none → 0.3034, 0 items flipped"
    )
