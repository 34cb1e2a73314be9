"""Units: plain, complete and pure; variants of prompts and tools; what nobody recorded has no score."""

from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path

import pytest

from fakememtrace import World
from fakememtrace.claude.author import Author, Turn, tool_use
from fakememtrace.claude.cassette import Cassette
from fakememtrace.doors import guard
from fakememtrace.evals.datasets import Variant, measured
from fakememtrace.evals.datasets.synthetic import load
from fakememtrace.evals.engine import run
from fakememtrace.evals.sweeping import run_unit
from fakememtrace.evals.sweeping.changing import ChangedWorld, unchanged
from fakememtrace.evals.sweeping.sweep import Edit
from fakememtrace.evals.sweeping.unit import whole
from fakememtrace.wire import Request

from .authors import EVALS, authored
from .sweeps import CASES, made
from .test_datasets_longmemeval import instance

TALKS = f"""\
title = "Prompts"
[cases]
evals = ["abstains"]
[where]
evals = "{EVALS}"
[axes]
dialect = ["0.2.0"]
prompt = ["as written", "short"]
tools = ["as written", "plain"]
[[prompt]]
name = "short"
replace = "Store what will matter later."
by = "Store what matters."
[[tools]]
name = "plain"
tool = "memtrace_remember"
description = "Write it down"
"""
SHORT = Edit("prompt", "short", "Store what will matter later.", "Store what matters.")


def units(folder, text=CASES):
    """The units of a sweep by their names."""
    return {unit.name: unit for unit in made(folder, text)[1].units}


def test_every_case_meets_every_variant_that_changes_it(tmp_path):
    """Evals without Claude have no prompt, and a plan that names its window takes no other."""
    found = units(
        tmp_path,
        TALKS.replace('["abstains"]', '["abstains", "next-session-by-list"]\ndata = ["synthetic/updates"]').replace(
            "[axes]", '[axes]\nplan = ["newest", "since 24h"]\nwindow = ["default", "7d"]'
        ),
    )
    assert list(found) == [
        "synthetic/updates (0.2.0, newest, default)",
        "synthetic/updates (0.2.0, newest, 7d)",
        "synthetic/updates (0.2.0, since 24h)",
        "next-session-by-list (0.2.0)",
        "abstains (0.2.0, as written, as written)",
        "abstains (0.2.0, as written, plain)",
        "abstains (0.2.0, short, as written)",
        "abstains (0.2.0, short, plain)",
    ]
    assert whole(found.values()) == "8 units of 3 cases"
    assert whole(units(tmp_path).values()) == "32 units: 4 variants of 8 cases"


def test_a_unit_is_the_same_in_another_process(tmp_path):
    """It can be pickled, and what comes of it is plain JSON."""
    for unit in units(tmp_path, TALKS).values():
        again = pickle.loads(pickle.dumps(unit))
        assert again == unit
        assert json.loads(json.dumps(run_unit(again))) == run_unit(unit)


def test_a_key_is_of_what_is_run(tmp_path, monkeypatch):
    """The same wherever the files lie; another one for other content, variants, numbers, versions."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = {name: unit.key for name, unit in units(tmp_path / "a").items()}
    assert {name: unit.key for name, unit in units(tmp_path / "b").items()} == before
    assert len(set(before.values())) == len(before)
    more = {name: unit.key for name, unit in units(tmp_path, CASES.replace('"newest"', '"newest", "context"')).items()}
    assert before.items() <= more.items()
    for text in (CASES.replace("[5]", "[6]"), CASES.replace("synthetic", "synthetic 2")):
        assert not {unit.key for unit in units(tmp_path, text).values()} & set(before.values())
    monkeypatch.setattr("fakememtrace.evals.sweeping.crossing.here", lambda _: "another version")
    assert not {unit.key for unit in units(tmp_path).values()} & set(before.values())


def test_a_key_is_of_the_cassette_too(tmp_path):
    """Another answer of Claude is another unit, though the case is the same."""
    for name in ("cassettes", "mine"):
        (tmp_path / name).mkdir()
    source = (EVALS / "8_claude.toml").read_text("utf-8")
    (tmp_path / "mine" / "8_claude.toml").write_text(source.replace("cassettes/", "../cassettes/"), "utf-8")
    path = tmp_path / "cassettes" / "sister.0.2.0.json"
    authored("sister", "0.2.0").save(path)
    text = TALKS.replace(f'evals = "{EVALS}"', 'evals = "mine"')
    first = units(tmp_path, text)["abstains (0.2.0, as written, as written)"]
    assert run_unit(first)["state"] == "passed"
    path.write_text(path.read_text("utf-8").replace("I don't remember", "I do remember"), "utf-8")
    second = units(tmp_path, text)["abstains (0.2.0, as written, as written)"]
    assert second.key != first.key
    assert run_unit(second)["state"] == "failed"


def test_a_data_set_is_measured_as_elsewhere(tmp_path):
    """Item by item what `measured` finds."""
    (history,) = [one for one in load().histories if one.name == "updates"]
    expected = measured(load()._replace(histories=[history]), [Variant("substring", "0.2.0", (5,))]).items
    found = run_unit(units(tmp_path)["synthetic/updates (0.2.0, substring)"])["items"]
    assert [item["question"] for item in found] == [item.question for item in expected]
    assert [item["ranks"] for item in found] == [[ranked._asdict() for ranked in item.ranks] for item in expected]
    assert [item["spent"] for item in found] == [item.spent._asdict() for item in expected]


def test_data_sets_of_a_file(tmp_path):
    """By turns and by sessions; what is asked of nothing has no item, and the digest is that of the file."""
    (tmp_path / "data.json").write_text(json.dumps([instance(), instance(question_id="q_abs")]), "utf-8")
    text = CASES.replace('["synthetic"]', '["longmemeval", "longmemeval sessions/q_abs"]').replace('"newest", ', "")
    _, found = made(tmp_path, text + '[where]\nlongmemeval = "data.json"\n')
    assert len({found.digests[name] for name in ("longmemeval", "longmemeval sessions")}) == 1
    cases = list(dict.fromkeys(unit.case for unit in found.units))
    assert [name.partition("/")[0] for name in cases] == ["longmemeval", "longmemeval", "longmemeval sessions"]
    items = {unit.case: len(run_unit(unit)["items"]) for unit in found.units}
    assert list(items.values()) == [1, 0, 0]


@pytest.mark.parametrize("plan", ["newest", "substring", "context"])
def test_a_window_bounds_what_a_plan_reads(plan, tmp_path):
    """An hour after the last of memories that are nine hours apart, a window of two has one of them."""
    text = CASES.replace('"newest", "substring"', f'"{plan}"').replace("synthetic", "synthetic/updates")
    found = units(tmp_path, text.replace("[5]", "[25]") + 'window = ["default", "2h"]\ndialect = ["documented"]\n')
    returned = {
        name: max(item["ranks"][0]["returned"] for item in run_unit(unit)["items"]) for name, unit in found.items()
    }
    assert returned[f"synthetic/updates (documented, {plan}, 2h)"] <= 1
    assert returned[f"synthetic/updates (documented, {plan}, default)"] > 1


def test_what_crashes_says_so(tmp_path, monkeypatch):
    """An error is the unit's, in words; it is no zero."""

    def broken(*_):
        raise ValueError("no such thing")

    monkeypatch.setattr("fakememtrace.evals.sweeping.running.items_of", broken)
    found = run_unit(units(tmp_path)["synthetic/updates (0.2.0, newest)"])
    assert found == {"state": "crashed", "words": "ValueError: no such thing"}


def test_what_is_not_recorded_is_unscored(tmp_path):
    """A changed prompt or tool asks what no cassette answers: that is told in the miss's words, and never fails."""
    found = {name: run_unit(unit) for name, unit in units(tmp_path, TALKS).items()}
    assert {name: one["state"] for name, one in found.items()} == {
        "abstains (0.2.0, as written, as written)": "passed",
        "abstains (0.2.0, as written, plain)": "unscored",
        "abstains (0.2.0, short, as written)": "unscored",
        "abstains (0.2.0, short, plain)": "unscored",
    }
    assert found["abstains (0.2.0, short, as written)"]["words"].startswith(
        "the system prompt differs: no recorded answer for this request to Claude: claude-sonnet-5-5, 1 message, "
        'the last from user: "Please remember: my dog is called Pixel.".\n'
        "Nearest in sister.0.2.0.json (0 of 3 played): interaction 1. It differs in: system prompt.\n"
    )
    assert "Write it down" in found["abstains (0.2.0, as written, plain)"]["words"]
    # The memory that was to be stored after the miss is not there, which is no failure of a memory.
    assert found["abstains (0.2.0, short, plain)"]["result"]["findings"][0]["state"] != "passed"


def test_what_is_recorded_for_a_variant_is_scored(tmp_path):
    """A cassette that has the conversation with the other prompt, too, gives it a score."""
    path = tmp_path / "mine" / "cassettes" / "sister.0.2.0.json"
    path.parent.mkdir(parents=True)
    (tmp_path / "mine" / "8_claude.toml").write_bytes((EVALS / "8_claude.toml").read_bytes())
    authored("sister", "0.2.0").save(path)
    turns = [
        Turn(tool_use("memtrace_remember", content="Ada's dog is called Pixel")),
        Turn("I will remember it."),
        Turn("Her name is Anna."),
    ]
    author = Author(turns, "2026-11-22")
    text = TALKS.replace(str(EVALS), str(tmp_path / "mine"))
    case = units(tmp_path, text)["abstains (0.2.0, short, as written)"].work.case
    run(case, "0.2.0", answers=author, make=lambda *args: ChangedWorld([SHORT], *args))
    Cassette([*Cassette.load(path).interactions, *author.cassette.interactions]).save(path)
    found = {name: run_unit(one) for name, one in units(tmp_path, text).items()}
    assert found["abstains (0.2.0, as written, as written)"]["state"] == "passed"
    short = found["abstains (0.2.0, short, as written)"]
    assert short["state"] == "failed"
    assert short["words"] == "abstains: expected 1.0, found 0.0"


def test_a_change_of_nothing_is_unscored(tmp_path):
    """A text or a tool that no request has would pass as the variant that it is not."""
    text = TALKS.replace("Store what will matter later.", "Store nothing.")
    assert run_unit(units(tmp_path, text)["abstains (0.2.0, short, as written)"])["words"] == (
        "prompt 'short' changes nothing here: no request to Claude has the text 'Store nothing.' in its system prompt."
    )
    text = TALKS.replace('"memtrace_remember"', '"memtrace_forget"')
    found = run_unit(units(tmp_path, text)["abstains (0.2.0, as written, plain)"])
    assert found["state"] == "unscored"
    assert found["words"] == (
        "tools 'plain' changes nothing here: no request to Claude has a tool that is called 'memtrace_forget' "
        "and described otherwise."
    )


def asked(world, body):
    """What the world's journal has of a request to Claude with this body."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json", "x-api-key": "sk-ant-x", "anthropic-version": "2023-06-01"}
    world.handle(Request("POST", "https://api.anthropic.com", "/v1/messages", "", headers, sent))
    return world.journal[-1].request.body


def test_requests_are_edited_before_anything_sees_them():
    """In blocks as in one text, and the description of the tool alone; what is not Claude's is left as it is."""
    plain = Edit("tools", "plain", "remember", "Write it down")
    world = ChangedWorld([SHORT, plain], "0.2.0")
    body = {
        "system": [{"type": "text", "text": f"Hello. {SHORT.old}"}, {"type": "text", "text": SHORT.old}],
        "tools": [{"name": "remember", "description": "Store"}, {"name": "recall", "description": "Store"}],
        "messages": [{"role": "user", "content": SHORT.old}],
    }
    assert json.loads(asked(world, body)) == {
        "system": [{"type": "text", "text": f"Hello. {SHORT.new}"}, {"type": "text", "text": SHORT.new}],
        "tools": [{"name": "remember", "description": "Write it down"}, {"name": "recall", "description": "Store"}],
        "messages": [{"role": "user", "content": SHORT.old}],
    }
    assert world.met == {SHORT, plain}
    assert unchanged([SHORT, plain], world.met) == ""


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"system": 7, "tools": 7}', b'{"system":"Other","tools":[]}'])
def test_requests_without_the_text_are_sent_as_they_came(body):
    """To the byte, whatever they are."""
    world = ChangedWorld([SHORT], "0.2.0")
    assert asked(world, body) == body
    assert world.met == set()


def test_a_variant_of_several_edits_needs_one_of_them():
    """Two entries with one name are one variant."""
    other = SHORT._replace(old="Nowhere")
    assert unchanged([SHORT, other], [SHORT]) == ""
    assert unchanged([SHORT, other], []).startswith("prompt 'short' changes nothing here")


def test_no_world_is_entered_where_units_run(tmp_path, monkeypatch):
    """A worker talks to a scheduler on another host, from which the guard of an entered world would cut it off."""

    def entered(_):
        raise AssertionError("a world was entered")

    monkeypatch.setattr(guard, "enter", entered)
    with pytest.raises(AssertionError, match="a world was entered"), World():
        pass
    text = TALKS.replace('["abstains"]', '["abstains", "next-session-by-list"]\ndata = ["synthetic/updates"]').replace(
        "[axes]", '[axes]\nplan = ["newest", "context"]'
    )
    for unit in units(tmp_path, text).values():
        assert run_unit(unit)["state"] in ("scored", "passed", "unscored")


def scenario(folder: Path, **changes: str) -> Path:
    """A small scenario in `folder`, whose program asks Claude with a prompt."""
    place = folder / "scenarios" / "small"
    place.mkdir(parents=True)
    (place / "program.py").write_text(
        "import os\n"
        "import httpx\n"
        'body = {"model": "claude-sonnet-5-5", "max_tokens": 10, "system": "Store what will matter later.",\n'
        '        "messages": [{"role": "user", "content": input()}]}\n'
        'headers = {"x-api-key": "k", "anthropic-version": "2023-06-01"}\n'
        'answer = httpx.post("https://api.anthropic.com/v1/messages", json=body, headers=headers)\n'
        "print(answer.json())\n" + changes.get("end", ""),
        "utf-8",
    )
    (place / "script.toml").write_text('title = "Small"\n[[run]]\nsays = ["Hello"]\n', "utf-8")
    expected = changes.get("expected", "matter")
    (place / "expectations.toml").write_text(f'[[request]]\ncontains = ["{expected}"]\n', "utf-8")
    author = Author([Turn("Hi.")], "2026-11-22")
    ask = World("0.2.0", author)
    sent = {
        "model": "claude-sonnet-5-5", "max_tokens": 10, "system": "Store what will matter later.",
        "messages": [{"role": "user", "content": "Hello"}],
    }  # fmt: skip
    asked(ask, sent)
    others = Author([Turn("Yes.")], "2026-11-22")
    asked(World("0.2.0", others), {**sent, "system": "Store what matters."})
    interactions = [*author.cassette.interactions, *(others.cassette.interactions if "both" in changes else ())]
    Cassette(interactions).save(place / "cassette.json")
    return place


SCENES = TALKS.replace('evals = ["abstains"]', 'scenarios = ["small"]').replace('tools = ["as written", "plain"]\n', "")


def test_a_scenario_is_run_with_another_prompt(tmp_path, monkeypatch):
    """What is recorded for it is played, the other recording is not missed, and expectations see what was sent."""
    # Its world is entered in the program's own process, where there is no scheduler to be cut off from.
    monkeypatch.setattr(guard, "enter", None)
    scenario(tmp_path, both="yes", expected="later")
    found = {name: run_unit(unit) for name, unit in units(tmp_path, SCENES).items()}
    assert found["small (0.2.0, as written)"] == {
        "state": "passed", "words": "", "held": 1, "expectations": 1, "calls": 1, "stored": 0,
    }  # fmt: skip
    short = found["small (0.2.0, short)"]
    assert (short["state"], short["held"]) == ("failed", 0)
    assert "later" in short["words"]


def test_a_scenario_that_is_not_recorded_or_stops(tmp_path):
    """The first is unscored, the second has crashed; neither names a folder of this machine."""
    place = scenario(tmp_path)
    found = {name: run_unit(unit) for name, unit in units(tmp_path, SCENES).items()}
    assert found["small (0.2.0, as written)"]["state"] == "passed"
    assert found["small (0.2.0, short)"]["state"] == "unscored"
    assert "Nearest in small/cassette.json" in found["small (0.2.0, short)"]["words"]
    with (place / "program.py").open("a", encoding="utf-8") as file:
        file.write("raise SystemExit(__file__)\n")
    stopped = run_unit(units(tmp_path, SCENES)["small (0.2.0, as written)"])
    assert stopped["state"] == "crashed"
    assert stopped["words"].startswith("small/program.py, line 8: the program ended saying: small/program.py.\n")
    assert tempfile.gettempdir() not in json.dumps([found, stopped])
