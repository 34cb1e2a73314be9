"""PrecisionMemBench: its rules on cases of our own, and the whole where a copy is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakememtrace import UnknownName
from fakememtrace.evals.datasets import DataError
from fakememtrace.evals.datasets.precisionmembench import Case, load, run
from fakememtrace.evals.datasets.precisionmembench.judging import Tiers, judge

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "precisionmembench"
ADVICE = (
    "Expected the folder fixtures/ of github.com/tenurehq/precisionMemBench, with "
    "beliefs.seed.json, retrieval.cases.json and session-retrieval.cases.json."
)

ISO = 'Expected ISO 8601 with a time zone, such as "2026-02-07T12:00:00Z".'


def belief(key, content, **more):
    """A belief in the format of the benchmark."""
    return {
        "_id": key,
        "user_id": "test-user",
        "type": "preference",
        "canonical_name": key,
        "aliases": [],
        "content": content,
        "why_it_matters": "",
        "scope": ["domain:code"],
        "pinned": False,
        "resolved_at": None,
        "superseded_by": None,
        "created_at": "2026-09-01T00:00:00Z",
        **more,
    }


BELIEFS = [
    belief("tabs", "Indents with tabulators."),
    belief("parrot", "Keeps a parrot called Tango.", scope=["domain:home"], created_at="2026-08-01T00:00:00Z"),
    belief("always", "Answers must be short.", pinned=True),
    belief("which", "Which linter?", pinned=True, type="open_question"),
    belief("settled", "Which colour?", pinned=True, type="open_question", resolved_at="2026-09-02T00:00:00Z"),
    belief("link", "The parrot lives beside the aviary.", type="relation", participants=["tabs", "parrot", "which"]),
    belief("theirs", "Indents with blanks.", user_id="other-user"),
]


def case(name, query, scope=("domain:code",), **expect):
    """A case in the format of the benchmark."""
    return {"caseId": name, "category": "any", "scope": list(scope), "query": query, "expect": expect}


def only(*keys):
    """What must be relevant, and nothing else."""
    return {"shouldOnlyInclude": list(keys)}


@pytest.fixture
def written(tmp_path):
    """Writes the benchmark's three files; their folder."""

    def write(*cases, sessions=(), beliefs=BELIEFS):
        for name, value in (
            ("beliefs.seed", beliefs),
            ("retrieval.cases", cases),
            ("session-retrieval.cases", sessions),
        ):
            (tmp_path / f"{name}.json").write_text(json.dumps(value), "utf-8")
        return tmp_path

    return write


def verdicts(folder, **more):
    """The verdict on each case by its name."""
    return {verdict.question: verdict for verdict in run(folder, **more).items}


def test_scopes_are_tags_and_users_are_orgs(written):
    """What another scope or another user has does not come back."""
    folder = written(
        case("hit", "indents how?", relevantBeliefs=only("tabs")),
        case("other scope", "tango?", relevantBeliefs=only()),
        {**case("other user", "indents how?", relevantBeliefs=only("theirs")), "userId": "other-user"},
        {**case("nobody", "indents how?", relevantBeliefs=only()), "userId": "stranger"},
    )
    found = verdicts(folder, dialect="documented")
    assert {name: one.failures for name, one in found.items()} == dict.fromkeys(found, ())
    assert (found["hit"].precision, found["hit"].recall, found["hit"].returned) == (1.0, 1.0, 1)


def test_pinned_facts_and_open_questions_come_without_a_query(written):
    """What is resolved does not; and pinned facts are not relevant ones as well."""
    expect = {
        "relevantBeliefs": only(),
        "pinnedFacts": {"mustInclude": ["always"], "mustExclude": ["which"]},
        "openQuestions": {"mustInclude": ["which"], "mustExclude": ["settled"]},
    }
    found = verdicts(written(case("empty", "  ", **expect)))["empty"]
    assert (found.passed, found.kind, found.precision, found.recall) == (True, "structural", None, None)


def test_relations_bring_what_they_connect_within_the_scope(written):
    """A question among it stays out, and so does another scope."""
    folder = written(case("related", "the aviary?", relevantBeliefs=only("link", "tabs")))
    assert verdicts(folder)["related"].failures == ()


def test_two_scopes_are_taken_in_turns(written):
    """One search for each, within one budget, from which what is pinned is taken."""
    both = case("both", "tabulators parrot", ["domain:home", "domain:code"], relevantBeliefs=only("parrot", "tabs"))
    folder = written(both, {**both, "caseId": "small", "budget": {"maxBeliefs": 2}})
    found = verdicts(folder)
    assert found["small"].failures == ("a relevant belief is missing: tabs",)
    assert found["both"].recall == 1.0


def test_what_a_turn_creates_is_there_from_the_next_one_on(written):
    """A session is one conversation, turn by turn."""
    fresh = belief("fresh", "Deploys with zeppelins.", created_at="2026-10-01T00:00:00Z")
    turns = [
        {
            "turnIndex": 0,
            "scope": ["domain:code"],
            "userMessage": "zeppelins?",
            "expect": {"relevantBeliefs": only()},
            "createBeliefAtTurn": fresh,
        },
        {
            "turnIndex": 1,
            "scope": ["domain:code"],
            "userMessage": "zeppelins?",
            "expect": {"relevantBeliefs": only("fresh"), "topicRetrieval": {}},
            "updateBeliefAtTurn": {"beliefId": "fresh"},
        },
    ]
    found = run(written(sessions=[{"caseId": "talk", "turns": turns}])).items
    assert [(one.question, one.conversation, one.passed, one.recall) for one in found] == [
        ("talk/0", "talk", True, None),
        ("talk/1", "talk", True, 1.0),
    ]
    assert found[1].unmapped == ("topicRetrieval", "updateBeliefAtTurn")


def test_every_rule_says_what_failed():
    """Missing and forbidden, tier by tier."""
    expected = {
        "relevantBeliefs": {"mustInclude": ("a",), "shouldOnlyInclude": ("b", "c"), "mustExclude": ("d",)},
        "pinnedFacts": {"mustInclude": ("e",), "mustExclude": ("f",)},
        "openQuestions": {"mustInclude": ("g",), "mustExclude": ("h",)},
        "noiseCheck": {"mustNotSurface": ("f",)},
    }
    one = Case("case", "any", "test-user", (), "?", 20, expected)
    verdict = judge(one, Tiers(("b", "d"), ("f",), ("h",)), frozenset(), "newest, 0.2.0")
    assert verdict.failures == (
        "a belief is missing: a",
        "a belief that must not be there: d",
        "a relevant belief is missing: c",
        "a relevant belief that must not be there: d",
        "a pinned fact is missing: e",
        "a pinned fact that must not be there: f",
        "an open question is missing: g",
        "an open question that must not be there: h",
        "noise that must not be there: f",
    )
    assert verdict.values == {"passed": 0.0, "precision": 0.5, "recall": 0.5, "returned": 2.0}
    assert verdict.key == "case · newest, 0.2.0"


@pytest.mark.parametrize(
    ("gold", "relevant", "session", "expected"),
    [
        (("a",), (), "", (0.0, 0.0)),
        ((), ("a",), "", (0.0, None)),
        ((), (), "", (None, None)),
        (("a",), (), "talk", (None, 0.0)),
        (("p",), ("b",), "talk", (1.0, 1.0)),
    ],
)
def test_precision_and_recall_are_the_benchmarks_own(gold, relevant, session, expected):
    """A case that finds nothing has precision 0, a turn has none; a turn counts what is pinned as found."""
    one = Case("case", "any", "u", (), "?", 20, {"relevantBeliefs": {"shouldOnlyInclude": gold}}, (), session)
    verdict = judge(one, Tiers(relevant, ("p",), ()), frozenset("p"), "v")
    assert (verdict.precision, verdict.recall) == expected


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"created_at": "May"},
            f"[0].created_at: 'May' is no moment in time. {ISO}",
        ),
        ({"scope": "domain:code"}, "[0].scope: expected a list, found a string."),
        ({"user_id": None}, "[0].user_id: expected a string, found null."),
    ],
)
def test_what_is_wrong_is_told_with_file_item_and_field(written, change, problem):
    """Down to the place, and what to do."""
    folder = written(beliefs=[belief("x", "y", **change)])
    with pytest.raises(DataError) as caught:
        load(folder)
    assert str(caught.value) == f"{folder / 'beliefs.seed.json'}, {problem}\n{ADVICE}"


def test_what_is_no_folder_of_it_is_told(tmp_path):
    """Missing folders and missing files, and a plan that is none before anything is read."""
    with pytest.raises(DataError) as caught:
        load(tmp_path / "gone")
    assert str(caught.value) == f"{tmp_path / 'gone'}: this is no folder.\n{ADVICE}"
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'beliefs.seed.json'}: there is no such file.\n{ADVICE}"
    with pytest.raises(UnknownName):
        run(tmp_path, "nothing")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="there is no copy of PrecisionMemBench at ../shared/data")
class TestTheBenchmark:
    """What the published files give."""

    @pytest.mark.parametrize(
        ("name", "dialect", "passes", "precision", "recall"),
        [
            ("substring", "0.2.0", [(7, 69), (7, 7), (13, 13)], 0.3148, 0.9259),
            ("substring", "documented", [(6, 70), (7, 7), (12, 12)], 0.2972, 0.9444),
            ("newest", "0.2.0", [(1, 79), (3, 3), (7, 7)], 0.0674, 1.0),
            ("bm25", "documented", [(1, 79), (3, 3), (7, 7)], 0.0674, 1.0),
        ],
    )
    def test_the_figures(self, name, dialect, passes, precision, recall):
        """Passes by kind, of all 89 probes, and the benchmark's mean precision and recall."""
        found = run(FOLDER, name, dialect)
        assert list(found.passes().values()) == passes
        assert found.mean("precision").value == pytest.approx(precision, abs=1e-4)
        assert found.mean("recall").value == pytest.approx(recall, abs=1e-4)
        assert len(found.items) == sum(count for _, count in passes) == 89

    def test_what_has_no_counterpart_is_named(self):
        """A store of memories has no persona, no topics, and changes nothing afterwards."""
        items = run(FOLDER).items
        assert {part for item in items for part in item.unmapped} == {
            "personaPrelude",
            "topicRetrieval",
            "updateBeliefAtTurn",
        }

    def test_the_digest_is_of_all_files(self):
        """So that scores of other data can be refused."""
        assert run(FOLDER).digest == load(FOLDER).digest
        assert len(load(FOLDER).digest) == 64
