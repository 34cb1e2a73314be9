"""``fakememtrace eval`` as a gate: every exit code, brought about by really breaking something."""

import json

import pytest

from fakememtrace.errors import FakememtraceError, UsageError
from fakememtrace.evals.retrieval import ReadFailed
from fakememtrace.evals.retrieval.plans import _PLANS

from .authors import EVALS
from .helpers import BODY, case_file
from .sets import TABLE, evaluated, ours, struck, tiny, written

BLESSED = "blessed  tiny: 32 items, mean {} → {}; {} is {}\n"


@pytest.fixture
def folder(tmp_path):
    """Where the tiny eval and its data are, its baseline blessed."""
    written(tiny(tmp_path))
    assert run(tmp_path, "--bless").exit_code == 0
    return tmp_path


def run(folder, *arguments):
    """The evals in `folder`, with its copy of LoCoMo."""
    return evaluated("--evals", folder, "--data", f"locomo={folder}", *arguments)


def refusal(done):
    """What the command ends with when it refuses: the words, and 2."""
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert done.stdout == ""
    return str(done.exception)


def test_0_as_good_as_before(folder):
    """What is printed of a data-set eval that did not change, and that there were no cases."""
    done = run(folder)
    assert done.exit_code == 0
    assert done.stdout == (
        "ok       tiny · substring, 0.2.0: recall@3 mean 1.0000 → 1.0000, 0 items flipped; "
        "precision 1.0000, 1.0 returned\n"
        "ok       tiny · substring, documented: recall@3 mean 1.0000 → 1.0000, 0 items flipped; "
        "precision 1.0000, 1.0 returned\n"
        "PASSED: 2 of 2 as good as before (1 data-set eval)\n"
    )


def test_1_when_memories_get_lost(folder, monkeypatch):
    """The mean falls in every conversation."""
    struck(monkeypatch, kind="lost_write", times=2)
    done = run(folder, "--quiet")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == "FAILED: 0 of 2 as good as before (1 data-set eval), 2 worse"


def test_1_when_it_crashes(folder, monkeypatch):
    """That is no score."""

    def fail(*_):
        raise ReadFailed("a list was answered 500")

    monkeypatch.setitem(_PLANS, "substring", fail)
    done = run(folder)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == "FAILED: 0 of 0 as good as before (1 data-set eval), 1 crashed"


def test_3_without_a_baseline(folder):
    """It is said what writes one."""
    (folder / "tiny.json").unlink()
    done = run(folder)
    assert done.exit_code == 3
    assert done.stdout.splitlines()[1] == "            there is no baseline"
    assert done.stdout.splitlines()[-1] == ("UNGATED: 0 of 2 as good as before (1 data-set eval), 2 cannot be gated")
    words = " ".join(done.stdout.partition("What to do: ")[2].split())
    assert words.startswith(f"--bless writes {folder / 'tiny.json'} from a run that is as it should be. UNGATED")


def test_3_with_other_data(folder):
    """One conversation more."""
    tiny(folder, 5)
    done = run(folder)
    assert done.exit_code == 3
    assert "the data is other data: its digest is " in done.stdout
    words = " ".join(done.stdout.partition("What to do: ")[2].split())
    assert words.startswith(f"compare with a baseline of the same; or --bless writes {folder / 'tiny.json'} anew. ")


def test_3_when_a_case_is_unscored(tmp_path):
    """Nobody recorded Claude for the case: that is no failure, and nobody can say that all is well."""
    body = """\
says = { tea = "Ada likes green tea" }
history = [{ open = "monday" }, { store = "tea" }, { talk = "Hi", reads = { read = "list" } }]
probes = [{ read = "request", measure = "recall", both = 1.0 }]
claude = "nobody"
"""
    done = evaluated("--evals", case_file(tmp_path, body))
    assert done.exit_code == 3
    assert done.stdout.splitlines()[2] == "unscored demo (0.2.0): no fact traced; 0 calls, 0 tokens"
    words = " ".join("".join(done.stdout.splitlines()[3:5]).split()).replace("- ", "-")
    assert words.startswith("nobody recorded Claude for it: there is no")
    assert done.stdout.splitlines()[-1] == "UNGATED: 0 of 2 passed (1 eval), 2 unscored"


def test_1_wins_over_3(folder):
    """What is known to be worse is not made better by what is not known."""
    (folder / "tiny.json").unlink()
    case_file(folder, BODY.replace("1.0", "0.5"))
    done = run(folder, "--quiet")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == (
        "FAILED: 0 of 2 passed (1 eval); 0 of 2 as good as before (1 data-set eval), 2 cannot be gated"
    )


class TestUsage:
    """2: nothing was run."""

    def test_a_named_set_without_its_data(self, tmp_path):
        """It is said what copy is needed, and how to name it."""
        done = evaluated("--evals", written(tmp_path), "tiny")
        assert refusal(done) == (
            "tiny needs a copy of locomo that is yours, locomo10.json; none is shipped.\n"
            "Say where it is: --data locomo=PATH. docs/datasets.md says where to get it."
        )

    def test_nothing_is_left(self, tmp_path):
        """A run of nothing does not pass."""
        assert refusal(evaluated("--evals", written(tmp_path))) == (
            "there is nothing to run: tiny: --data locomo=PATH says where your copy is.\n"
            "Name other evals, or say where the data is."
        )

    def test_no_copy_where_it_is_said_to_be(self, tmp_path):
        """The data set says what it expects."""
        done = evaluated("--evals", written(tmp_path), "--data", f"locomo={tmp_path}")
        assert "there is no such file.\nExpected locomo10.json" in refusal(done)

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (["locomo"], "--data locomo: expected NAME=PATH, NAME being locomo, longmemeval and precisionmembench."),
            (
                ["locom=x"],
                (
                    "unknown data set that needs a copy 'locom'. Did you mean 'locomo'? "
                    "Known: locomo, longmemeval and precisionmembench."
                ),
            ),
            (["locomo=x", "locomo=y"], "--data locomo is given twice.\nSay once where your copy is."),
        ],
    )
    def test_data_that_is_no_data(self, given, words, tmp_path):
        """What is wrong with it, and what there is."""
        options = [word for one in given for word in ("--data", one)]
        assert refusal(evaluated("--evals", written(tmp_path), *options)) == words

    def test_a_dialect_that_a_named_set_is_not_about(self, tmp_path):
        """It is left out of a whole run, and refused by name."""
        table = TABLE + 'dialects = ["documented"]\n'
        written(tiny(tmp_path), table)
        assert refusal(run(tmp_path, "tiny", "--dialect", "0.2.0")) == (
            "tiny cannot be run: it is about documented only.\nAsk for --dialect both."
        )
        case_file(tmp_path)
        done = run(tmp_path, "--dialect", "0.2.0")
        assert done.stdout.splitlines()[-2:] == [
            "left out tiny: it is about documented only",
            "PASSED: 1 of 1 passed (1 eval)",
        ]

    def test_one_baseline_for_several(self, tmp_path):
        """It is said which they are."""
        tables = TABLE + TABLE.replace("tiny", "other")
        written(tiny(tmp_path), tables)
        assert refusal(run(tmp_path, "--baseline", "x.json")) == (
            "--baseline x.json is for one data-set eval, and 2 are run: tiny and other.\nName the one that it is for."
        )
        done = evaluated("--evals", case_file(tmp_path), "--baseline", "x.json")
        assert refusal(done) == (
            "--baseline x.json is for one data-set eval, and none is run.\nName the one that it is for."
        )

    def test_a_broken_baseline(self, folder):
        """It is said where."""
        (folder / "tiny.json").write_text("{", "utf-8")
        assert refusal(run(folder)).startswith(f"{folder / 'tiny.json'}, line 1 column 2: this is not JSON:")

    def test_a_blessing_of_cases(self, tmp_path):
        """What they expect stands in them."""
        assert refusal(evaluated("--evals", case_file(tmp_path), "--bless")) == (
            "--bless is for data-set evals, and none is run.\nName one: fakememtrace eval synthetic --bless"
        )

    def test_a_blessing_of_one_dialect(self, folder):
        """It would leave the other one out."""
        assert refusal(run(folder, "--bless", "--dialect", "documented")) == (
            "--bless with --dialect documented would leave the other dialect out of the baseline.\n"
            "Leave out one of the two options."
        )


class TestBlessing:
    """A baseline is moved when somebody asks for it, and never else."""

    def test_it_shows_what_moves_and_then_moves_it(self, folder, monkeypatch):
        """Before, the run fails; the blessing tells the same and ends with 0; afterwards the run passes."""
        before = (folder / "tiny.json").read_bytes()
        struck(monkeypatch, kind="lost_write", times=2)
        failed = run(folder)
        assert failed.exit_code == 1
        assert (folder / "tiny.json").read_bytes() == before
        done = run(folder, "--bless")
        assert done.exit_code == 0
        assert done.stdout == failed.stdout + BLESSED.format("1.0000", "0.5000", folder / "tiny.json", "written")
        assert run(folder).exit_code == 0
        monkeypatch.undo()
        better = run(folder)
        assert better.exit_code == 0
        assert "0.5000 → 1.0000, 8 items flipped" in better.stdout

    def test_without_a_change_the_file_is_the_same(self, folder):
        """Byte for byte."""
        before = (folder / "tiny.json").read_bytes()
        done = run(folder, "--bless")
        assert done.stdout.endswith(BLESSED.format("1.0000", "1.0000", folder / "tiny.json", "as before"))
        assert (folder / "tiny.json").read_bytes() == before

    def test_another_file(self, folder):
        """It is made with its folder, and is what the next run is compared with."""
        other = folder / "mine" / "other.json"
        assert run(folder, "--baseline", other).exit_code == 3
        assert run(folder, "--baseline", other, "--bless").exit_code == 0
        assert run(folder, "--baseline", other).exit_code == 0
        assert other.read_bytes() == (folder / "tiny.json").read_bytes()

    def test_nothing_is_blessed_when_something_crashed(self, folder, monkeypatch):
        """Nor when a case fails beside it."""
        before = (folder / "tiny.json").read_bytes()
        case_file(folder, BODY.replace("1.0", "0.5"))
        done = run(folder, "--bless")
        assert (done.exception.exit_code, str(done.exception)) == (
            2,
            (
                "nothing is blessed, since not all went well: demo (0.2.0) failed and demo (documented) failed.\n"
                "What to do: correct that, or name the data-set evals that are to be blessed."
            ),
        )
        monkeypatch.setitem(_PLANS, "substring", lambda *_: 1 / 0)
        done = run(folder, "tiny", "--bless")
        assert "tiny crashed" in str(done.exception)
        assert (folder / "tiny.json").read_bytes() == before

    def test_what_is_below_its_floor_is_not_blessed(self, folder, monkeypatch):
        """The floor is lowered by hand, or not at all."""
        path = folder / "tiny.json"
        value = json.loads(path.read_text("utf-8"))
        value["floors"] = {"4 single-hop · substring, 0.2.0": 0.9}
        path.write_text(json.dumps(value), "utf-8")
        struck(monkeypatch, kind="lost_write", times=2)
        done = run(folder, "--bless")
        assert done.exception.exit_code == 2
        assert "category '4 single-hop · substring, 0.2.0' is at 0.5000, below its floor of 0.9000" in str(
            done.exception
        )
        assert json.loads(path.read_text("utf-8")) == value

    def test_a_place_that_cannot_be_written(self, folder):
        """It is said why."""
        done = run(folder, "--baseline", folder / "tiny.json" / "x.json", "--bless")
        assert isinstance(done.exception, FakememtraceError)
        assert str(done.exception).startswith(f"{folder / 'tiny.json' / 'x.json'}")


def test_what_needs_a_copy_is_left_out_unless_it_is_named(tmp_path):
    """A whole run says what it leaves out, and how to have it."""
    done = evaluated("--evals", ours(tmp_path))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-4:] == [
        "left out locomo: --data locomo=PATH says where your copy is",
        "left out longmemeval: --data longmemeval=PATH says where your copy is",
        "left out precisionmembench: --data precisionmembench=PATH says where your copy is",
        "PASSED: 4 of 4 as good as before (2 data-set evals)",
    ]


def test_workers_change_nothing_but_the_time(folder):
    """Two processes print and write the same."""
    case_file(folder)
    alone, shared = (
        (run(folder, "--workers", workers, "--json", folder / f"{workers}.json").stdout) for workers in (1, 2)
    )
    assert alone == shared
    assert (folder / "1.json").read_bytes() == (folder / "2.json").read_bytes()


def test_progress_is_plain_where_nobody_looks(folder):
    """A line now and then on standard error; none when only what did not pass is asked for."""
    assert run(folder).stderr == "evals: 1 of 4\nevals: 2 of 4\nevals: 3 of 4\nevals: 4 of 4\n"
    assert run(folder, "--quiet").stderr == ""


def test_a_run_as_json_has_all_that_the_gate_saw(folder, monkeypatch):
    """The state first, then the funnel; the verdict and every item of each variant; the same bytes every time."""
    struck(monkeypatch, kind="lost_write", times=1)
    first, second = folder / "1.json", folder / "2.json"
    for target in (first, second):
        run(folder, "--json", target)
    assert first.read_bytes() == second.read_bytes()
    value = json.loads(first.read_text("utf-8"))
    assert list(value)[:4] == ["format", "version", "state", "funnel"]
    (one,) = value["datasets"]
    assert (value["state"], one["state"], one["baseline"]) == (
        "failed",
        "regression",
        (folder / "tiny.json").as_posix(),
    )
    assert one["rules"] == {"tolerance": 0.01, "seed": 1, "resamples": 9999, "confidence": 0.95}
    part = one["variants"][0]
    assert part["verdict"]["interval"] == [-0.25, -0.25]
    assert part["verdict"]["flipped"][0] == {
        "key": "conv-0/0 · substring, 0.2.0",
        "conversation": "conv-0",
        "category": "4 single-hop · substring, 0.2.0",
        "before": 1.0,
        "now": 0.0,
        "words": "",
    }
    assert [item["value"] for item in part["items"]] == [0.0, 1.0, 1.0, 1.0] * 4


def test_our_own_evals_name_what_they_are_compared_with():
    """The committed baselines are in the folder of the cases."""
    assert (EVALS / "baselines" / "synthetic.json").is_file()
