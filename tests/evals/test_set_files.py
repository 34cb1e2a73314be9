"""Tables [[dataset]]: every complaint names the file, the eval, the field and what is nearest."""

import pytest

from fakememtrace.errors import FakememtraceError
from fakememtrace.evals.reading import load
from fakememtrace.evals.sets import load_sets
from fakememtrace.evals.suite import chosen_of_both

from .authors import EVALS
from .helpers import BODY, case_file
from .sets import TABLE, written

WRONG = {
    "no name": (
        TABLE.replace('name = "tiny"\n', ""),
        "dataset 1: the field 'name' is missing.\nAdd it.",
    ),
    "field": (
        TABLE + 'plan = "newest"\n',
        (
            "dataset 'tiny', \"plan\": unknown field 'plan'. Did you mean 'plans'?\nKnown here: name, title, why, set, "
            "plans, dialects, metric, k, by and baseline."
        ),
    ),
    "no sentence": (
        TABLE.replace("was said.", "was said"),
        (
            "dataset 'tiny', \"title\": expected one sentence, found 'A search finds what was said'.\n"
            "End it with a full stop."
        ),
    ),
    "set": (
        TABLE.replace('"locomo"', '"locomo10"'),
        (
            "dataset 'tiny', \"set\": unknown name 'locomo10'. Did you mean 'locomo'?\n"
            "Known here: locomo, longmemeval, precisionmembench and synthetic."
        ),
    ),
    "metric that may have no value": (
        TABLE.replace('"recall"', '"precision"'),
        (
            "dataset 'tiny', \"metric\": unknown name 'precision'.\n"
            "Known here: recall, recall_any, recall_all, f1, mrr, ndcg and ndcg_longmemeval."
        ),
    ),
    "metric of another set": (
        TABLE.replace('"locomo"', '"precisionmembench"'),
        "dataset 'tiny', \"metric\": unknown name 'recall'.\nKnown here: passed.",
    ),
    "plan": (
        TABLE.replace('["substring"]', '["substring", "newst"]'),
        (
            "dataset 'tiny', \"plans\": unknown name 'newst'. Did you mean 'newest'?\n"
            "Known here: bm25, context, newest, since 24h and substring."
        ),
    ),
    "no plan": (
        TABLE.replace('["substring"]', "[]"),
        (
            "dataset 'tiny', \"plans\": expected names, each once, found [].\n"
            "Known here: bm25, context, newest, since 24h and substring."
        ),
    ),
    "dialect": (
        TABLE + 'dialects = ["0.2.0", "0.2.0"]\n',
        (
            "dataset 'tiny', \"dialects\": expected names, each once, found ['0.2.0', '0.2.0'].\n"
            "Known here: 0.2.0 and documented."
        ),
    ),
    "unknown dialect": (
        TABLE + 'dialects = ["0.2"]\n',
        "dataset 'tiny', \"dialects\": unknown name '0.2'. Did you mean '0.2.0'?\nKnown here: 0.2.0 and documented.",
    ),
    "no k": (
        TABLE.replace("k = 3\n", ""),
        "dataset 'tiny', \"k\": expected how many results are looked at.\nWrite a whole number from 1 on.",
    ),
    "k of a set that has its own": (
        TABLE.replace('"locomo"', '"precisionmembench"').replace('"recall"', '"passed"'),
        "dataset 'tiny', \"k\": precisionmembench says itself how many results are looked at.\nLeave it out.",
    ),
    "by": (
        TABLE + 'by = "agent"\n',
        "dataset 'tiny', \"by\": unknown name 'agent'.\nKnown here: category and conversation.",
    ),
    "the same name": (
        TABLE + TABLE.replace("tiny.json", "other.json"),
        "dataset 'tiny', \"name\": there is an eval of this name already.\nGive one of them another name.",
    ),
    "the same baseline": (
        TABLE + TABLE.replace('"tiny"', '"other"'),
        "dataset 'other', \"baseline\": this is the baseline of 'tiny', too.\nGive each a file of its own.",
    ),
    "no table": ("dataset = [7]\n", "dataset 1: expected a table, found 7.\nWrite it as { field = value, ... }."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_refused(name, tmp_path):
    """With its place, what is wrong with it and what to do."""
    table, words = WRONG[name]
    path = written(tmp_path, table)
    with pytest.raises(FakememtraceError) as refused:
        load_sets(path)
    assert str(refused.value) == f"{path}, {words}"


def test_a_table_that_is_right(tmp_path):
    """What it leaves out: both dialects, and the question's own category; its baseline lies beside it."""
    (one,) = load_sets(written(tmp_path))
    assert (one.dialects, one.by, one.measure) == (("0.2.0", "documented"), "category", "recall@3")
    assert one.baseline == tmp_path / "tiny.json"
    assert one.baseline_name == "tiny, recall@3"
    assert [variant.name for variant in one.variants(["documented"])] == ["substring, documented"]


def test_a_case_has_its_name_first(tmp_path):
    """No data-set eval is called as a case is."""
    case_file(tmp_path, name="tiny")
    written(tmp_path)
    with pytest.raises(FakememtraceError, match="there is an eval of this name already"):
        load_sets(tmp_path, [case.name for case in load(tmp_path)])


def test_cases_and_sets_may_stand_in_one_file(tmp_path):
    """Either may be missing, and not both."""
    path = case_file(tmp_path)
    path.write_text(path.read_text("utf-8") + TABLE, "utf-8")
    assert [case.name for case in load(path)] == ["demo"]
    assert [one.name for one in load_sets(path)] == ["tiny"]
    assert load(written(tmp_path)) == []
    path.write_text('group = "None"\n', "utf-8")
    with pytest.raises(FakememtraceError, match="the field 'case' is missing"):
        load(path)


def test_names_of_both(tmp_path):
    """An eval, a group or a file; without names all of them."""
    case_file(tmp_path, BODY)
    written(tmp_path)
    cases, sets = load(tmp_path), load_sets(tmp_path)
    for names, found in {
        (): (1, 1),
        ("demo",): (1, 0),
        ("tiny",): (0, 1),
        ("Sets",): (0, 1),
        ("cases",): (1, 0),
    }.items():
        assert tuple(map(len, chosen_of_both(cases, sets, names))) == found


def test_ours():
    """The set that is shipped is there, and what needs a copy has no baseline in here."""
    sets = {one.name: one for one in load_sets(EVALS)}
    assert {one.set for one in sets.values()} == {"locomo", "longmemeval", "precisionmembench", "synthetic"}
    for one in sets.values():
        assert one.baseline.exists() == (one.set == "synthetic") or one.baseline.name in IGNORED


IGNORED = [f"{name}.json" for name in ("locomo", "longmemeval", "precisionmembench")]


def test_nobody_commits_what_comes_of_others_data():
    """Git leaves baselines alone but for those of our own set."""
    lines = (EVALS.parent / ".gitignore").read_text("utf-8").splitlines()
    assert lines.index("evals/baselines/*") < lines.index("!evals/baselines/synthetic*.json")
