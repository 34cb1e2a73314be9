"""LongMemEval: its published format, in a miniature of our own."""

from __future__ import annotations

import json

import pytest

from fakememtrace import UnknownName
from fakememtrace.clock import rfc3339
from fakememtrace.evals.datasets import DataError, Variant, measured
from fakememtrace.evals.datasets.longmemeval import load

ADVICE = "Expected longmemeval_s.json, _m.json or _oracle.json of github.com/xiaowu0162/LongMemEval, as published."


def turn(role, content, **more):
    """One turn of a chat."""
    return {"role": role, "content": content, **more}


def instance(**more):
    """A question with three sessions, which are not in order of time."""
    return {
        "question_id": "7f3a_1",
        "question_type": "single-session-user",
        "question": "Which plum cake recipe do I use?",
        "answer": "grandmother's",
        "question_date": "2023/06/01 (Thu) 10:00",
        "haystack_session_ids": ["late 9", "answer_1", "empty"],
        "haystack_dates": ["2023/05/21 (Sun) 08:00", "2023/05/20 (Sat) 02:21", "2023/05/22 (Mon) 09:00"],
        "haystack_sessions": [
            [turn("user", "How do I fix a bike?"), turn("assistant", "With care.")],
            [
                turn("user", "My plum cake is my grandmother's.", has_answer=True),
                turn("assistant", "", has_answer=False),
                turn("assistant", "Lovely cake!"),
            ],
            [],
        ],
        "answer_session_ids": ["answer_1"],
        **more,
    }


@pytest.fixture
def written(tmp_path):
    """Writes instances as longmemeval_s.json; its folder."""

    def write(*instances):
        (tmp_path / "longmemeval_s.json").write_text(json.dumps(list(instances)), "utf-8")
        return tmp_path

    return write


def test_a_turn_is_a_memory_on_its_own_date(written):
    """In order of time, with the role before the text; an empty turn cannot be stored, and keeps its number."""
    (history,) = load(written(instance())).histories
    assert [(entry.key, rfc3339(entry.at), entry.session, entry.content) for entry in history.entries] == [
        ("answer_1_1", "2023-05-20T02:21:00Z", "answer_1", "user: My plum cake is my grandmother's."),
        ("answer_1_3", "2023-05-20T02:21:30Z", "answer_1", "assistant: Lovely cake!"),
        ("late 9_1", "2023-05-21T08:00:00Z", "late_9", "user: How do I fix a bike?"),
        ("late 9_2", "2023-05-21T08:00:30Z", "late_9", "assistant: With care."),
    ]
    assert (history.name, rfc3339(history.asked_at)) == ("q_7f3a_1", "2023-06-01T10:00:00Z")
    assert history.questions[0].gold == ("answer_1_1",)


def test_a_session_is_a_memory(written):
    """The other granularity; its gold are the sessions that answer."""
    (history,) = load(written(instance()), "session").histories
    assert [entry.key for entry in history.entries] == ["answer_1", "late 9"]
    assert history.entries[1].content == "user: How do I fix a bike?\nassistant: With care."
    assert history.questions[0].gold == ("answer_1",)


def test_abstention_is_unscored(written):
    """Nothing answers it, so nothing should come back, and recall has nothing to say."""
    found = load(written(instance(question_id="x_abs")))
    assert found.histories[0].questions[0][:2] == ("x_abs", "single-session-user, abstention")
    assert measured(found, [Variant("newest", "0.2.0", (5,))]).items == ()


@pytest.mark.parametrize("granularity", ["turn", "session"])
def test_it_is_stored_and_found(written, granularity):
    """The rarest words of the question lead to the evidence."""
    found = measured(load(written(instance()), granularity), [Variant("substring", "documented", (1,))])
    assert (found.dataset, found.items[0].values["recall@1"]) == (f"longmemeval, {granularity}s", 1.0)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"haystack_dates": []},
            "[0].haystack_sessions: there are 3 sessions, 3 haystack_session_ids and 0 haystack_dates.",
        ),
        ({"answer_session_ids": ["gone"]}, "[0].answer_session_ids: 'gone' is in no haystack_session_ids."),
        (
            {"question_date": "2023/13/01 (Thu) 10:00"},
            "[0].question_date: '2023/13/01 (Thu) 10:00' is no date. Expected one such as '2023/05/20 (Sat) 02:21'.",
        ),
        (
            {"haystack_sessions": [[turn("system", "x")], [], []]},
            "[0].haystack_sessions[0][0].role: 'system' is no role. Expected 'user' or 'assistant'.",
        ),
        ({"question": 7}, "[0].question: expected a string, found a number."),
    ],
)
def test_what_is_wrong_is_told_with_file_item_and_field(written, change, problem):
    """Down to the place, and what to do."""
    folder = written(instance(**change))
    with pytest.raises(DataError) as caught:
        load(folder)
    assert str(caught.value) == f"{folder / 'longmemeval_s.json'}, {problem}\n{ADVICE}"


def test_an_unknown_granularity_is_refused(written):
    """With those that there are."""
    with pytest.raises(UnknownName) as caught:
        load(written(instance()), "turns")
    assert str(caught.value) == "unknown granularity 'turns'. Did you mean 'turn'? Known: session and turn."
