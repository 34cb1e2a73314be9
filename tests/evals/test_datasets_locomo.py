"""LoCoMo: what is made of the file, what is wrong with one, and the anchors where a copy is there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from fakememtrace.clock import rfc3339
from fakememtrace.evals.datasets import DataError
from fakememtrace.evals.datasets.locomo import READS, RETRIEVALS, Row, items, load, rows, survivors, table, text
from fakememtrace.evals.datasets.locomo.__main__ import main

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "locomo"
ADVICE = (
    "Expected locomo10.json of github.com/snap-research/locomo, unmodified, or the folder it is in. "
    "Its licence is CC BY-NC 4.0: get a copy of your own, for evaluation only."
)

DATE = "Expected one such as '1:56 pm on 8 May, 2023'."


def said(speaker, number, words):
    """A turn."""
    return {"speaker": speaker, "dia_id": number, "text": words}


def sample():
    """A conversation of ours in LoCoMo's format: two sessions, later ones first in the file."""
    return {
        "sample_id": "conv-1",
        "conversation": {
            "speaker_a": "Ada",
            "speaker_b": "Ben",
            "session_2_date_time": "9:00 am on 2 May, 2023",
            "session_2": [said("Ben", "D2:1", "The ferry was late, " + "so we waited and waited " * 4 + "until noon.")],
            "session_1_date_time": "1:56 pm on 1 May, 2023",
            "session_1": [said("Ada", "D1:1", "I bought a kayak."), said("Ben", "D1:2", "A red kayak?")],
            "session_3_date_time": "1:00 pm on 3 May, 2023",
            "session_3": [],
        },
        "qa": [
            {"question": "What did Ada buy?", "answer": "kayak", "evidence": ["D:1:01; D1:2"], "category": 4},
            {"question": "When did the ferry go?", "answer": "noon", "evidence": ["D2:1", "D2:1"], "category": 2},
            {"question": "Was it dear?", "answer": 5, "evidence": ["D", "D7:7"], "category": 3},
            {"question": "What did Ben buy?", "adversarial_answer": "a kayak", "evidence": ["D1:1"], "category": 5},
        ],
    }


@pytest.fixture
def written(tmp_path):
    """Writes samples as locomo10.json; its folder."""

    def write(*samples):
        (tmp_path / "locomo10.json").write_text(json.dumps(list(samples)), "utf-8")
        return tmp_path

    return write


def test_a_turn_is_a_memory(written):
    """Speaker and text, on the session's date and 30 seconds for each turn before."""
    (history,) = load(written(sample())).histories
    first, second, last = history.entries
    assert first[:1] + first[2:5] == ("D1:1", "Ada", "Ada: I bought a kayak.", "session_1")
    assert [rfc3339(entry.at) for entry in history.entries] == [
        "2023-05-01T13:56:00Z",
        "2023-05-01T13:56:30Z",
        "2023-05-02T09:00:00Z",
    ]
    assert (second.agent, last.session, history.speakers) == ("Ben", "session_2", ("Ada", "Ben"))
    assert rfc3339(history.asked_at) == "2023-05-02T10:00:00Z"


def test_evidence_is_repaired_and_what_names_no_turn_is_told(written):
    """Several in one string, a stray colon, a padded zero, a repeat; a question left with none stays unscored."""
    found = load(written(sample()))
    assert [question.gold for question in found.histories[0].questions] == [("D1:1", "D1:2"), ("D2:1",), (), ("D1:1",)]
    assert found.notes == {"dropped": ["D", "D7:7"]}
    assert [question.category for question in found.histories[0].questions] == [
        "4 single-hop",
        "2 temporal",
        "3 open-domain",
        "5 adversarial",
    ]


def test_the_digest_is_that_of_the_file(written):
    """Whoever has the file can check it."""
    folder = written(sample())
    content = (folder / "locomo10.json").read_bytes()
    assert load(folder).digest == load(folder / "locomo10.json").digest == hashlib.sha256(content).hexdigest()


def test_an_answer_survives_where_it_stands_in_the_first_80_bytes(written):
    """Of the turns that hold their answer the long one loses it; the adversarial question has none."""
    assert survivors(load(written(sample()))) == (3, 2)


def test_other_data_has_no_anchors(written):
    """The table is printed without them, and ends well."""
    found = table(written(sample()))
    assert {row.anchor for row in found} == {None}
    lines = text(found).splitlines()
    assert [line.split("  ")[0] for line in lines[::9]] == ["retrieval", "substring, 0.2.0", "substring, documented"]
    assert lines[0].split() == ["retrieval", "k", "recall", "anchor", "precision", "returned", "items"]
    assert lines[1].split() == ["newest,", "0.2.0", "5", "100.0", "44.4", "3.0", "3"]
    assert lines[-1].split()[-2:] == ["66.7", "3"]


def test_the_table_says_which_figure_is_off():
    """Beside its anchor, within a tenth of a point or not."""
    near = Row("newest, 0.2.0", 5, 0.0029, 0.5, 5.0, 1982, 0.2)
    lines = text([near, near._replace(value=0.0031), near._replace(value=None, precision=None)]).splitlines()
    assert [line.split()[2:] for line in lines[1:]] == [
        ["5", "0.3", "0.2", "ok", "50.0", "5.0", "1982"],
        ["5", "0.3", "0.2", "OFF", "50.0", "5.0", "1982"],
        ["5", "unscored", "0.2", "OFF", "unscored", "5.0", "1982"],
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda one: one.pop("qa"), "[0]: there is no field 'qa' here. There is: conversation and sample_id."),
        (
            lambda one: one["qa"][1].update(evidence="D2:1"),
            "[0].qa[1].evidence: expected a list, found a string.",
        ),
        (lambda one: one["qa"][3].update(category=6), "[0].qa[3].category: 6 is no category. Expected one of 1 to 5."),
        (
            lambda one: one["conversation"]["session_1"][1].pop("text"),
            "[0].conversation.session_1[1]: there is no field 'text' here. There is: dia_id and speaker.",
        ),
        (
            lambda one: one["conversation"].update(session_1_date_time="yesterday"),
            f"[0].conversation.session_1_date_time: 'yesterday' is no date. {DATE}",
        ),
        (
            lambda one: [one["conversation"].update({f"session_{n}": []}) for n in (1, 2)],
            "[0].conversation: this conversation has no turn.",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_item_and_field(written, change, problem):
    """Down to the place, and what to do."""
    broken = sample()
    change(broken)
    folder = written(broken)
    with pytest.raises(DataError) as caught:
        load(folder)
    assert str(caught.value) == f"{folder / 'locomo10.json'}, {problem}\n{ADVICE}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, ": there is no such file."),
        (b"[", ", line 1 column 2: this is not JSON: Expecting value."),
        (b"\xff", ", byte 0: this is not UTF-8 text."),
        (b'{"a": 1}', ": expected a list, found an object."),
        (b"[" * 100_000, ": this JSON is nested too deeply to be a data set."),
    ],
)
def test_what_is_no_data_set_is_told(tmp_path, content, problem):
    """Missing, cut, no text, something else."""
    file = tmp_path / "locomo10.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{file}{problem}\n{ADVICE}"


def test_the_command_says_what_it_wants(tmp_path, capsys):
    """Exit code 2, on standard error."""
    assert (main([]), main([str(tmp_path)])) == (2, 2)
    said = capsys.readouterr()
    assert said.err == (
        "usage: python -m fakememtrace.evals.datasets.locomo PATH\n"
        "PATH is locomo10.json, or the folder it is in.\n"
        f"{tmp_path / 'locomo10.json'}: there is no such file.\n{ADVICE}\n"
    )


@pytest.mark.skipif(not FOLDER.is_dir(), reason="there is no copy of LoCoMo at ../shared/data/locomo")
class TestTheAnchors:
    """What the published file gives."""

    def test_the_file_is_counted(self):
        """Conversations, turns, questions with evidence, and evidence that names no turn."""
        found = load(FOLDER)
        assert len(found.histories) == 10
        assert sum(len(history.entries) for history in found.histories) == 5882
        assert sum(bool(question.gold) for history in found.histories for question in history.questions) == 1982
        assert len(found.notes["dropped"]) == 3

    @pytest.mark.parametrize("variant", [*RETRIEVALS, *READS], ids=lambda variant: variant.name)
    def test_every_figure_is_within_a_tenth_of_a_point(self, variant):
        """Four retrievals at five numbers of results, and the plain reads, over every question with evidence."""
        found = rows(items(FOLDER, [variant]))
        assert [row for row in found if row.anchor is None or not row.is_near] == []
        assert [(row.k, row.scored) for row in found] == [(k, 1982) for k in variant.ks]

    def test_what_80_bytes_leave_is_within_a_tenth_of_a_point(self):
        """Of 512 evidence turns that hold the answer, 242 still do in a context."""
        assert survivors(load(FOLDER)) == (512, 242)

    def test_a_retrieval_is_given_item_by_item(self):
        """With the conversation, the category, the question, and the digest of the file."""
        found = items(FOLDER, RETRIEVALS[:1])
        assert found.digest == "79fa87e90f04081343b8c8debecb80a9a6842b76a7aa537dc9fdf651ea698ff4"
        assert found.items[0][:4] == ("conv-26", "2 temporal", "0", "newest, 0.2.0")
        assert len(found.items) == len({item.key for item in found.items}) == 1982
