"""What drift finds on programs that meet one difference each."""

from __future__ import annotations

from pathlib import Path

from .helpers import Agent, told

LONG = "Ada cannot come on Friday, since she has a dentist's appointment at nine and a train at eleven"
CUT = "Your agent reads its context: on 0.2.0 it sees the first 80 bytes of each memory, and no more."
LINE = (
    "Your agent shows Claude its context: each line begins with a time and a type on 0.2.0, "
    "and has nothing but the memory in the documentation."
)
EMPTY = "Your agent asks a new session for context: on 0.2.0 that is always empty, whatever it learned before."
DECISION = "Your agent logs a decision without a session: on 0.2.0 no session's context ever shows it."
CASE = "Your agent searches for a text: on 0.2.0 it does not find what is written with other capitals."
TAGS = "Your agent filters by a tag: on 0.2.0 it is also shown what has that text only as a part of its tags."
WINDOW = (
    "Your agent comes back to a session after more than 24 hours: on 0.2.0 its context is empty unless it says since."
)
OLDER = "Your agent reads its context without saying since: on 0.2.0 what is older than 24 hours is not in it."
SECOND = "if memtrace.get('/sessions').json()['count']:\n"


def test_the_cut_after_80_bytes(tmp_path: Path) -> None:
    """A memory of more than 80 bytes is found as cut, with what is lost of it."""
    body = f"me = agent()\nhere = session(me)\nremember(me, {LONG!r}, session_id=here)\nask(context(here), 'Well?')\n"
    one = Agent(tmp_path, body).drift()
    assert told(one) == [("memory", ["context_line"], CUT)]
    (place,) = one.findings[0].places
    assert (place.run, place.requests, place.where) == (1, [1], "demo/program.py, line 26, in context")
    assert (place.first, place.second) == ("1 memory, 1 of them cut", "1 memory")
    (memory,) = place.memories
    assert (memory.content, memory.first, memory.second) == (LONG, "cut", "whole")
    assert memory.fact == 'the first 80 of its 94 bytes; lost: "rain at eleven"'


def test_a_cut_letter_is_lost_too(tmp_path: Path) -> None:
    """Of a letter of two bytes that the cut goes through nothing is left."""
    body = (
        "me = agent()\nhere = session(me)\nremember(me, 'x' * 79 + 'éé', session_id=here)\n"
        "ask(context(here), 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert one.findings[0].places[0].memories[0].fact == 'the first 80 of its 83 bytes; lost: "éé"'


def test_a_short_memory_is_not_cut(tmp_path: Path) -> None:
    """What fits is not reported as cut; that its line is written otherwise is."""
    body = "me = agent()\nhere = session(me)\nremember(me, 'Likes tea', session_id=here)\nask(context(here), 'Well?')\n"
    one = Agent(tmp_path, body).drift()
    assert told(one) == [("wording", ["context_line"], LINE)]
    assert one.findings[0].places[0].memories == []


def test_a_heading_is_called_otherwise(tmp_path: Path) -> None:
    """A decision in the context stands below another heading; that a prompt names it is not said, since it does not."""
    body = (
        "me = agent()\nhere = session(me)\nremember(me, 'Use tea', session_id=here, memory_type='decision')\n"
        "ask('\\n'.join(line for line in context(here).split('\\n') if line.startswith('###')), 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert told(one) == [
        (
            "wording",
            ["context_headings"],
            (
                "Your agent shows Claude its context: its headings are Decisions Made, Errors and Other on 0.2.0, "
                "and Decisions, Entities and Session in the documentation."
            ),
        )
    ]


def test_a_new_session_has_an_empty_context(tmp_path: Path) -> None:
    """What the agent learned in its first session is not shown in the second one."""
    body = "me = agent()\nhere = session(me)\nask(context(here), 'Well?')\nremember(me, 'Likes tea', session_id=here)\n"
    one = Agent(tmp_path, body, ["0s", "1h"]).drift()
    assert told(one) == [("memory", ["context_scope"], EMPTY)]
    (place,) = one.findings[0].places
    assert (place.run, place.requests, place.first, place.second) == (2, [1], "an empty context", "1 memory")
    (memory,) = place.memories
    assert (memory.content, memory.first, memory.second) == ("Likes tea", "not shown", "whole")
    assert memory.fact == "stored in another session, sess_8ac3c66dc34f8a4c3d25dd9a"


def test_what_would_be_cut_as_well_is_told_behind(tmp_path: Path) -> None:
    """A long memory of an earlier session is missing for one reason, and would be cut for another."""
    body = f"me = agent()\nhere = session(me)\nask(context(here), 'Well?')\nremember(me, {LONG!r}, session_id=here)\n"
    one = Agent(tmp_path, body, ["0s", "1h"]).drift()
    assert told(one) == [("memory", ["context_scope"], EMPTY), ("memory", ["context_line"], CUT)]
    assert [finding.behind for finding in one.findings] == [[], ["context_scope"]]


def test_two_behaviours_that_only_together_make_the_difference(tmp_path: Path) -> None:
    """An old memory of another session needs both: the agent's memories, and no window."""
    body = "me = agent()\nhere = session(me)\nask(context(here), 'Well?')\nremember(me, 'Likes tea', session_id=here)\n"
    one = Agent(tmp_path, body, ["0s", "50h"]).drift()
    assert told(one) == [("memory", ["context_scope", "context_window"], EMPTY)]


def test_a_decision_is_in_no_context(tmp_path: Path) -> None:
    """A decision that was logged without a session is not shown by the context of a session."""
    body = (
        "me = agent()\nremember(me, 'Take the train', memory_type='decision', event_type='decision')\n"
        "here = session(me)\nask(context(here, include_types=['decision']), 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert told(one) == [("memory", ["context_scope"], DECISION)]
    (memory,) = one.findings[0].places[0].memories
    assert (memory.content, memory.first, memory.second) == ("Take the train", "not shown", "whole")
    assert memory.fact == "stored in no session"
    assert one.notices == []


def test_a_decision_of_this_session_is_a_notice(tmp_path: Path) -> None:
    """A decision that neither side shows is no drift, and is told all the same."""
    body = (
        "me = agent()\nhere = session(me)\nask(context(here), 'Well?')\n"
        "remember(me, 'Take the train', memory_type='decision')\ncontext(here)\n"
    )
    one = Agent(tmp_path, body).drift()
    assert (one.is_drift, one.is_well, told(one)) == (False, True, [])
    (notice,) = one.notices
    assert notice.headline == DECISION
    (memory,) = notice.places[0].memories
    assert (memory.content, memory.first, memory.second) == ("Take the train", "not shown", "not shown")


def test_search_heeds_capitals(tmp_path: Path) -> None:
    """What is written with a capital is not found without it."""
    body = (
        "me = agent()\nremember(me, 'Dark mode at night')\n"
        "found = memtrace.post('/search', json={'content_contains': 'dark mode'})\nask(shown(found), 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert told(one) == [("memory", ["content_match"], CASE)]
    (memory,) = one.findings[0].places[0].memories
    assert (memory.content, memory.first, memory.second) == ("Dark mode at night", "not shown", "whole")
    assert memory.fact == 'searched for "dark mode"'


def test_a_tag_is_found_in_another(tmp_path: Path) -> None:
    """What is tagged with a longer word is shown as well."""
    body = (
        "me = agent()\nremember(me, 'Sells shoes', tags=['products'])\nremember(me, 'Runs on Linux', tags=['prod'])\n"
        "ask(shown(memtrace.get('/memories', params={'tags': 'prod'})), 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert told(one) == [("memory", ["tag_match"], TAGS)]
    (memory,) = one.findings[0].places[0].memories
    assert (memory.content, memory.first, memory.second) == ("Sells shoes", "whole", "not shown")
    assert memory.fact == "tagged products; asked for prod"


def test_a_context_goes_back_a_day(tmp_path: Path) -> None:
    """After the weekend the session's own memories are not shown, and the edge of the window is told."""
    body = (
        "me = agent()\nfound = memtrace.get('/sessions').json()['sessions']\n"
        "here = found[0]['id'] if found else session(me)\nask(context(here), 'Well?')\n"
        "if not found:\n    remember(me, 'Likes tea', session_id=here)\n"
    )
    one = Agent(tmp_path, body, ["0s", "60h"]).drift()
    assert told(one) == [("memory", ["context_window"], WINDOW)]
    (memory,) = one.findings[0].places[0].memories
    assert (memory.content, memory.first, memory.second) == ("Likes tea", "not shown", "whole")
    assert memory.fact == "stored 60.0 h before; the window begins at 2026-02-09T00:00:00.000003Z"


def test_a_context_with_something_new_in_it_is_not_called_empty(tmp_path: Path) -> None:
    """Where only the older memories are missing, the sentence says so."""
    body = (
        "me = agent()\nfound = memtrace.get('/sessions').json()['sessions']\n"
        "here = found[0]['id'] if found else session(me)\n"
        "if found:\n    remember(me, 'Likes milk', session_id=here)\n"
        "ask(context(here), 'Well?')\n"
        "if not found:\n    remember(me, 'Likes tea', session_id=here)\n"
    )
    one = Agent(tmp_path, body, ["0s", "60h"]).drift()
    assert told(one) == [("memory", ["context_window"], OLDER), ("wording", ["context_line"], LINE)]
    assert [memory.content for memory in one.findings[0].places[0].memories] == ["Likes tea"]


def test_no_drift_where_nothing_differs(tmp_path: Path) -> None:
    """Behaviours that a program meets without an effect are not reported: ids, has_more, and a context nobody shows."""
    body = (
        "me = agent()\nhere = session(me)\nremember(me, 'Likes tea', session_id=here)\ncontext(here)\n"
        "ask(shown(memtrace.get('/memories', params={'limit': 1})), 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert (one.is_drift, one.is_well, one.findings, one.notices, one.stored, one.extras) == (
        *(False, True),
        *([], [], [], []),
    )
    assert [(row.first, row.second, row.state) for row in one.rows] == [(1, 1, "same")]


def test_an_id_that_the_model_reads(tmp_path: Path) -> None:
    """The id of a memory makes a difference where the program shows it to Claude, and only there."""
    body = "me = agent()\nask(remember(me, 'Likes tea').json().get('memory_id', 'no id'), 'Well?')\n"
    one = Agent(tmp_path, body).drift()
    assert told(one) == [
        (
            "wording",
            ["memory_id"],
            "Your agent stores a memory and wants to name it later: on 0.2.0 the answer has no id that it could keep.",
        )
    ]
