"""What answers Claude's side of a comparison, and what becomes of a program that goes another way."""

from __future__ import annotations

from pathlib import Path

from .helpers import Agent, told

# Two requests: the second goes on with the answer to the first.
TALK = """\
me = agent()
here = session(me)
system = context(here)
first = ask(system, "Well?")
ask(system, "Well?", first, "And now?")
remember(me, "Likes tea", session_id=here)
"""
TWICE = "Your agent stores the same sentence twice in a second: on 0.2.0 both are kept, and its stats lag behind."
NAMED = "Your agent starts a session under its name, or before it is registered: on 0.2.0 that is a 400."


def test_after_a_difference_the_nearest_recording_answers(tmp_path: Path) -> None:
    """It is marked as assumed, and the later requests of the conversation are seen as well."""
    one = Agent(tmp_path, TALK, ["0s", "1h"], turns=["Fine.", "So.", "Good.", "Bye."]).drift()
    rows = [(row.run, row.first, row.second, row.state, [answer.how for answer in row.answered]) for row in one.rows]
    assert rows == [
        (1, 1, 1, "same", ["recorded", "recorded"]),
        (1, 2, 2, "same", ["recorded", "recorded"]),
        (2, 1, 1, "differs", ["recorded", "assumed"]),
        (2, 2, 2, "differs", ["recorded", "assumed"]),
    ]
    assumed = [(row.answered[1].cassette, row.answered[1].interaction) for row in one.rows[2:]]
    assert assumed == [("cassette.json", 3), ("cassette.json", 4)]
    assert [row.findings for row in one.rows] == [[], [], [1], [1]]


def test_what_changed_is_shown_once(tmp_path: Path) -> None:
    """A later request of the conversation repeats it, and is not shown again."""
    one = Agent(tmp_path, TALK, ["0s", "1h"], turns=["Fine.", "So.", "Good.", "Bye."]).drift()
    assert [bool(row.lines) for row in one.rows] == [False, False, True, False]
    assert "+ system: - Likes tea" in one.rows[2].lines


def test_a_recording_of_the_dialects_own_comes_first(tmp_path: Path) -> None:
    """Where the other dialect has a cassette of its own, what it has is no assumption."""
    agent = Agent(tmp_path, TALK, ["0s", "1h"], turns=["Fine.", "So.", "Good.", "Bye."])
    agent.record(["Fine.", "So.", "Better.", "See you."], "documented", "cassette.documented.json")
    one = agent.drift()
    answers = [(row.answered[0].cassette, row.answered[1].cassette, row.answered[1].how) for row in one.rows]
    assert answers == [("cassette.json", "cassette.documented.json", "recorded")] * 4
    assert [row.state for row in one.rows] == ["same", "same", "differs", "differs"]


def test_another_answer_of_claude_is_the_reason_of_what_follows(tmp_path: Path) -> None:
    """A request that differs since Claude was recorded to say something else is not laid upon Memtrace."""
    body = 'me = agent()\nfirst = ask("Be kind.", "Well?")\nask("Be kind.", "Well?", first, "And now?")\n'
    agent = Agent(tmp_path, body, turns=["Fine.", "So."])
    agent.record(["Bad.", "So."], "documented", "cassette.documented.json")
    one = agent.drift()
    assert told(one) == []
    assert (one.rows[1].state, one.rows[1].why) == (
        "differs",
        "Claude's answer to request 1 of run 1 is another one in cassette.documented.json",
    )


def test_a_request_that_only_one_side_makes(tmp_path: Path) -> None:
    """It is told as such, and where no recording is left for it, it is answered with nothing, and marked."""
    body = (
        "me = agent()\nremember(me, 'Tea')\nremember(me, 'tea, green')\n"
        "found = memtrace.post('/search', json={'content_contains': 'tea'})\n"
        "for row in found.json()['results']:\n    ask('Be kind.', row['content'] + '?')\n"
    )
    one = Agent(tmp_path, body, turns=["Fine."]).drift()
    rows = [(row.first, row.second, row.state, [answer.how for answer in row.answered]) for row in one.rows]
    assert (1, 1, "differs", ["recorded", "assumed"]) not in rows
    assert ("only on documented", ["", "nothing"]) in [(row[2], row[3]) for row in rows]


def test_what_is_stored_on_one_side_only(tmp_path: Path) -> None:
    """A sentence that only the released server keeps twice is told, with the behaviour and as what is stored."""
    body = "me = agent()\nremember(me, 'Likes tea')\nremember(me, 'Likes tea')\nask('Be kind.', 'Well?')\n"
    one = Agent(tmp_path, body).drift()
    assert told(one) == [("error", ["write_buffer"], TWICE)]
    (place,) = one.findings[0].places
    assert (place.asked, place.second) == ("POST /api/v1/memories", "answers 409: conflict, duplicate memory")
    assert one.stored == [
        {
            "only_on": "0.2.0",
            "kind": "memory",
            "value": '{"content": "Likes tea", "memory_type": "episodic", "event_type": "general", '
            '"agent_id": "agent_05793679970dfe83dd0cd679"}',
            "count": "1",
        }
    ]


def test_a_request_that_follows_from_what_is_stored(tmp_path: Path) -> None:
    """What is shown twice since it is stored twice is laid upon the behaviour that stored it."""
    body = (
        "me = agent()\nask(shown(memtrace.get('/memories')), 'Well?')\n"
        "if memtrace.get('/memories').json()['count'] == 0:\n"
        "    remember(me, 'Likes tea')\n    remember(me, 'Likes tea')\n"
    )
    one = Agent(tmp_path, body, ["0s", "1h"]).drift()
    assert told(one) == [("error", ["write_buffer"], TWICE)]
    assert [(row.state, row.why) for row in one.rows] == [
        ("same", ""),
        ("differs", "what was stored before is not the same: see 1"),
    ]


def test_an_error_on_one_side_only(tmp_path: Path) -> None:
    """A list that only the documentation can give is told with the status and the text of the released server."""
    body = (
        "me = agent()\nremember(me, 'Likes tea')\n"
        "found = memtrace.get('/memories', params={'agent_id': me, 'since': '2w'})\n"
        "ask('Be kind.', 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert [(kind, names) for kind, names, _ in told(one)] == [("error", ["relative_units"])]
    (place,) = one.findings[0].places
    assert (place.first[:12], place.second) == ("answers 500:", "1 memory")


def test_a_program_that_ends_on_one_side_only(tmp_path: Path) -> None:
    """Why it does not come to its end is told, and which answer was an error."""
    body = "me = agent()\nask('Be kind.', 'Well?')\nmemtrace.post('/sessions', json={'agent_id': 'ada'}).json()['id']\n"
    one = Agent(tmp_path, body, on="documented").drift()
    assert told(one) == [
        ("program", [], "Your agent does not come to its end on 0.2.0."),
        ("error", ["session_agent"], NAMED),
    ]
    assert one.stopped == (one.findings[0].detail, "")
    assert one.findings[0].detail.startswith("demo/program.py, line 34: the program raised KeyError: 'id'\n")


def test_calls_of_what_only_the_documentation_has(tmp_path: Path) -> None:
    """Routes that there are not and arguments that are ignored are told with the lines that use them."""
    body = (
        "me = agent()\nhere = session(me)\nmemtrace.post('/sessions/search', json={'status': 'active'})\n"
        "memtrace.post('/search', json={'max_importance': 0.5, 'offset': 1})\n"
        "context(here, max_tokens=50)\nmemtrace.get(f'/sessions/{here}/memories', params={'tags': 'ui'})\n"
        "ask('Be kind.', 'Well?')\n"
    )
    one = Agent(tmp_path, body).drift()
    assert not one.is_drift
    assert [(extra.call, extra.fate, extra.where, extra.count) for extra in one.extras] == [
        (
            "POST /api/v1/sessions/search",
            "there is no such route: 405 Method Not Allowed",
            *(["demo/program.py, line 34"], 1),
        ),
        ("POST /api/v1/search with max_importance", "0.2.0 ignores it", ["demo/program.py, line 35"], 1),
        ("POST /api/v1/search with offset", "0.2.0 ignores it", ["demo/program.py, line 35"], 1),
        (
            "POST /api/v1/sessions/{id}/context with max_tokens",
            "0.2.0 ignores it",
            *(["demo/program.py, line 26, in context"], 1),
        ),
        ("GET /api/v1/sessions/{id}/memories with tags", "0.2.0 ignores it", ["demo/program.py, line 37"], 1),
    ]


def test_uses_of_the_documented_client(tmp_path: Path) -> None:
    """What the released SDK does not have is told with the lines that use it, and how often."""
    body = (
        "import memtrace as documented\n"
        "client = documented.Memtrace(os.environ['MEMTRACE_URL'], os.environ['MEMTRACE_API_KEY'])\n"
        "for _ in range(2):\n    client.search_sessions({'status': 'active'})\n"
        "ask('Be kind.', 'Well?')\n"
    )
    one = Agent(tmp_path, body, client="documented").drift()
    found = [extra for extra in one.extras if extra.call == "search_sessions"]
    assert [(extra.fate, extra.where, extra.count) for extra in found] == [
        ("only the documented client has it; memtrace-sdk 0.2.0 does not", ["demo/program.py, line 35"], 2)
    ]
