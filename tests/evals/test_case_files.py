"""Case files: every complaint names the file, the case, the field and what is nearest."""

import pytest

from fakememtrace.errors import FakememtraceError, UsageError
from fakememtrace.evals.reading import load
from fakememtrace.evals.suite import chosen, dialects_of

from .authors import EVALS
from .helpers import BODY, case_file, one

SAYS = 'says = { tea = "Tea" }\n'
PROBE = 'probes = [{ read = "list", measure = "recall", both = 1.0 }]\n'


def history(*steps):
    """A case with these steps."""
    return SAYS + "history = [" + ", ".join(f"{{ {step} }}" for step in steps) + "]\n" + PROBE


def probe(fields):
    """A case with this probe."""
    return SAYS + f"probes = [{{ {fields} }}]\n"


WRONG = {
    "field of a case": (
        BODY + 'starts = "x"\n',
        (
            "case 'demo', \"starts\": unknown field 'starts'. Did you mean 'start'?\nKnown here: name, title, "
            "why, says, history, probes, over, start, fault and claude."
        ),
    ),
    "no probe": (
        SAYS + "probes = []\n",
        'case \'demo\', "probes": there is no probe, so nothing is measured.\nAdd one: { read = "list", ... }.',
    ),
    "missing field": (SAYS, "case 'demo': the field 'probes' is missing.\nAdd it."),
    "step": (
        history('stores = "tea"'),
        (
            "case 'demo', history 1: unknown step 'stores'. Did you mean 'store'?\nKnown here: register, open, close, "
            "update, store, note, batch, remember, decide, advance, move_to, age, flush and talk."
        ),
    ),
    "field of a step": (
        history('open = "a"', 'decide = "tea", reasons = "x"'),
        (
            "case 'demo', history 2, \"reasons\": unknown field 'reasons'. Did you mean 'reasoning'?\n"
            "Known here: decide, agent, org and reasoning."
        ),
    ),
    "fact of a step": (
        history('store = "tee"'),
        "case 'demo', history 1, \"store\": unknown name 'tee'. Did you mean 'tea'?\nKnown here: tea.",
    ),
    "kind of a field": (
        history('store = "tea", tags = "food"'),
        "case 'demo', history 1, \"tags\": expected a list, found 'food'.\nCorrect the value.",
    ),
    "read": (
        probe('read = "lists", measure = "recall", both = 1.0'),
        (
            "case 'demo', probe 1, \"read\": unknown name 'lists'. Did you mean 'list'?\nKnown here: list, search, "
            "context, agent, session, lookup, stats, chain, request and answer."
        ),
    ),
    "parameter of a read": (
        probe('read = "lookup", ofs = "tea", measure = "recall", both = 1.0'),
        (
            "case 'demo', probe 1, \"ofs\": unknown field 'ofs'. Did you mean 'of'?\nKnown here: name, read, measure, "
            "wants, each, between, both, 0.2.0, documented, org, of and id."
        ),
    ),
    "measure": (
        probe('read = "list", measure = "recal", both = 1.0'),
        (
            "case 'demo', probe 1, \"measure\": unknown name 'recal'. Did you mean 'recall'?\nKnown here: recall, "
            "facts, count, status, leaks, attributed, intact, sections, tokens, answered and verdict."
        ),
    ),
    "one dialect": (
        probe('read = "list", measure = "recall", documented = 1.0'),
        (
            "case 'demo', probe 1: there must be one expected value for each dialect.\n"
            'Write both = VALUE, or "0.2.0" = VALUE and documented = VALUE.'
        ),
    ),
    "curve": (
        'over = { at = "0..9" }\n'
        + probe('read = "list", measure = "recall", both = { "0..5" = 1.0 }, limit = "{at}"'),
        (
            "case 'demo', probe 1, \"0.2.0\": says what is expected for some of 10 values, or for others: "
            "{'0..5': 1.0}.\nGive one value for all, or one for every one."
        ),
    ),
    "parameter": (
        'over = { at = "0..9" }\n' + history('store = "tea", before = "{att}"'),
        "case 'demo', history 1, \"before\": expected a whole number, found '{att}'.\nCorrect the value.",
    ),
    "parameter in a text": (
        'over = { at = "0..9" }\n' + history('note = "It rained {att} times"'),
        "case 'demo', history 1, \"{att}\": unknown name 'att'. Did you mean 'at'?\nKnown here: at.",
    ),
    "values": (
        'over = { at = "0-9" }\n' + history('store = "tea"'),
        (
            "case 'demo', \"over\": expected the values of 'at', found '0-9'.\n"
            'Write a list, or a range such as "0..200".'
        ),
    ),
    "fault": (
        BODY + 'fault = { kind = "lostwrite" }\n',
        (
            "case 'demo', \"fault\": unknown name 'lostwrite'. Did you mean 'lost_write'?\nKnown here: status, delay, "
            "drop, cut, stream_error, malformed, lost_write, late_write, truncated, dropped_field, wrong_session, "
            "wrong_agent, duplicate, false_duplicate, missed_duplicate, foreign_row, stray_row, stale_version, "
            "lost_version, wrong_order, wrong_time, short_answer and empty_answer."
        ),
    ),
    "start": (
        BODY + 'start = "2026-02-07"\n',
        (
            'case \'demo\', "start": 2026-02-07 has no time zone, so its meaning depends on the machine. Add "Z" or an '
            'offset, such as "2026-02-07T12:00:00Z".\nCorrect the value.'
        ),
    ),
    "claude": (
        history('open = "a"', 'talk = "hi"'),
        "case 'demo', \"claude\": it talks to Claude, and nothing answers.\nName the cassette: claude = ...",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_told_with_its_place(what, tmp_path):
    """The whole text of each complaint."""
    body, words = WRONG[what]
    with pytest.raises(FakememtraceError) as caught:
        one(tmp_path, body)
    assert str(caught.value) == f"{tmp_path}/cases.toml, {words}"


def test_a_title_is_one_sentence(tmp_path):
    """Title and why are two sentences together, since the README is made of them."""
    path = case_file(tmp_path)
    path.write_text(path.read_text("utf-8").replace("A test.", "A test"), "utf-8")
    with pytest.raises(FakememtraceError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}, case 'demo', \"title\": expected one sentence, found 'A test'.\nEnd it with a full stop."
    )


def test_names_are_given_once(tmp_path):
    """Two cases of one name are refused, with the file of the first."""
    case_file(tmp_path)
    (tmp_path / "more.toml").write_bytes((tmp_path / "cases.toml").read_bytes())
    with pytest.raises(FakememtraceError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/more.toml, case 'demo', \"name\": there is a case of this name in cases.toml already.\n"
        "Give one of them another name."
    )


def test_a_folder_without_cases_is_refused(tmp_path):
    """Nothing to run is no success."""
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: there are no cases here. Name a folder with case files (*.toml), or one of those."
    )


def test_cases_are_chosen_by_name_group_or_file():
    """A name is that of a case, a group or a file without its number; an unknown one has a nearest."""
    cases = load(EVALS)
    assert [case.name for case in chosen(cases, ["abstains"])] == ["abstains"]
    assert {case.group for case in chosen(cases, ["isolation", "Windows"])} == {"Isolation", "Windows"}
    assert chosen(cases, []) == cases
    with pytest.raises(UsageError, match=r"unknown eval 'abstain'\. Did you mean 'abstains'\?"):
        chosen(cases, ["abstain"])


def test_both_dialects_or_one():
    """`both` is the two of them."""
    assert dialects_of("both") == ("0.2.0", "documented")
    assert dialects_of("documented") == ("documented",)
    with pytest.raises(UsageError, match=r"unknown dialect 'document'\. Did you mean 'documented'\?"):
        dialects_of("document")
