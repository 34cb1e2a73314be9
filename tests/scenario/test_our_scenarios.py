"""Our own scenarios: that they pass, that their transcripts are what they were, and that they fail when they should."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fakememtrace import replay
from fakememtrace.report.text import outcome_lines, verdict
from tests.authors.__main__ import AUTHORS, DIALECTS, authored

from .helpers import command

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
NAMES = sorted(folder.name for folder in SCENARIOS.iterdir())


def shown(outcome):
    """The outcome as the command prints it."""
    return "\n".join(line.text for line in [*outcome_lines(outcome), verdict(outcome)])


def changed(tmp_path, name, old, new, file="program.py"):
    """A copy of a scenario with something in one of its files changed."""
    folder = Path(shutil.copytree(SCENARIOS / name, tmp_path / name))
    text = (folder / file).read_text("utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), "utf-8")
    return folder


def impatient(folder):
    """The same scenario, where a bot that does not answer is given up soon."""
    script = folder / "script.toml"
    script.write_text("patience = 0.5\n" + script.read_text("utf-8"), "utf-8")
    return folder


def test_every_scenario_has_an_author():
    """No scenario is without answers of its own, and no author without a scenario."""
    assert sorted(AUTHORS) == NAMES


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_passes_and_is_as_pinned(name, dialect, snapshot):
    """The scenario passes in both dialects, and its transcript is what it always was."""
    outcome = replay(SCENARIOS / name, dialect)
    assert outcome.passed
    assert shown(outcome) == snapshot


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("name", NAMES)
def test_the_cassettes_are_what_their_author_wrote(name, dialect, capfd):
    """The committed cassettes are made from the authored answers, byte for byte, and say that they are authored."""
    cassette = authored(name, dialect)
    capfd.readouterr()
    assert cassette.dumps() == (SCENARIOS / name / DIALECTS[dialect]).read_text("utf-8")
    assert {one.provenance.kind for one in cassette.interactions} == {"authored"}


@pytest.mark.parametrize("name", NAMES)
def test_the_program_is_a_users(name):
    """The program of a scenario knows nothing of fakememtrace."""
    assert "fakememtrace" not in (SCENARIOS / name / "program.py").read_text("utf-8")


@pytest.mark.slow
def test_many_at_once_give_the_same_bytes_as_one_after_the_other():
    """How many scenarios are replayed at once changes nothing of what is printed."""
    names = ("replay", "single_agent_documented", "multi_agent", "--dialect", "documented", "--dialect", "0.2.0")
    several, single = command(*names, "--jobs", "4", cwd=ROOT), command(*names, "--jobs", "1", cwd=ROOT)
    assert (several.returncode, single.returncode) == (0, 0)
    assert several.stdout == single.stdout
    assert [line.split()[1] for line in several.stdout.splitlines() if line.startswith("PASSED")] == [
        "single_agent_documented",
        "multi_agent",
    ] * 2


def test_a_summarizer_that_is_shown_nothing_fails(tmp_path):
    """When the findings are stored outside of the shared session, the summarizer is shown none, and that is seen."""
    lost = changed(
        tmp_path,
        "multi_agent",
        "            session_id=self.session_id,\n            memory_type",
        "            memory_type",
    )
    outcome = replay(lost)
    assert not outcome.passed
    (miss,) = outcome.misses
    assert miss["kind"] == "memory block"
    assert {memory["verb"] for memory in miss["memories"]} == {"missing"}
    assert len(miss["memories"]) == 6


def test_bots_that_do_not_share_a_session_fail(tmp_path):
    """When each department opens a session of its own, Cecilia is not shown what Juan stored, and that is seen."""
    alone = changed(tmp_path, "telegram_support", 'session.status == "active" and', 'session.status == "no such" and')
    outcome = replay(impatient(alone))
    assert not outcome.passed
    first = outcome.misses[0]
    assert first["kind"] == "memory block"
    assert {memory["verb"] for memory in first["memories"]} == {"missing"}
    assert any(memory["content"].startswith("Outage: ") for memory in first["memories"])


def test_a_reply_that_is_not_split_fails(tmp_path):
    """When a program sends more than Telegram takes, its reply is refused, and the scenario fails."""
    unsplit = changed(tmp_path, "telegram_support", "MessageLimit.MAX_TEXT_LENGTH:", "10_000:")
    outcome = replay(impatient(unsplit))
    assert not outcome.passed
    assert "message is too long" in json.dumps(outcome.as_json())


def test_an_update_for_a_run_that_there_is_not_is_refused(tmp_path):
    """Updates of a run for which the program is never started are no silent loss: the scenario is refused."""
    folder = changed(tmp_path, "telegram_support", '\n[[run]]\nafter = "3d"\n', "", "script.toml")
    done = command("replay", "telegram_support", "--scenarios", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        f'fakememtrace: {folder}/script.toml, line 6, "telegram": '
        "updates.toml has updates for run 3, and there are 2 runs.\n"
        "Add a [[run]] for each time the program is started.\n"
    )
