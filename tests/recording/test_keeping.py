"""When the file is written: whole or not at all, and what was paid for is not lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.recording.modes import Recording
from fakememtrace.claude.recording.words import RECORD_ALL, RECORD_NEW
from fakememtrace.world import World

from ..claude.helpers import interaction, request
from .api import broken
from .programs import ask

OLD = Cassette([interaction(request("old"), "old")])
UNFINISHED = Path("tape.unfinished.json")
STAYS = (
    "fakememtrace: tape.json stays as it was, since not all went well; what was recorded is in tape.unfinished.json.\n"
    "What to do: correct what failed and record again; or, where the recordings are good as they are, give that file "
    "the name of the other.\n"
)
LACKS = (
    "fakememtrace: tape.json lacks 1 answer of what the real Claude was asked:\n"
    "  not recorded, since the call failed (RemoteProtocolError: Server disconnected without sending a response.): "
    'claude-x, 1 message, the last from user: "bye"\n'
)
# A program that records until it is killed.
ENDLESS = """
import sys
import httpx
from fakememtrace.world import World

with World(cassette="tape.json", record=sys.argv[1]):
    for number in range(1000):
        body = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": f"hi {number}"}]}
        headers = {"x-api-key": "a-key-for-tests"}
        httpx.post(sys.argv[2] + "/v1/messages", json=body, headers=headers).raise_for_status()
"""


def said(path):
    """The questions that the file has answers to."""
    return [one.messages[0]["content"] for one in Cassette.load(path).interactions]


def fail():
    """Ask, and break."""
    ask("hi")
    raise ValueError("broken")


@pytest.mark.parametrize("mode", ["once", "new"])
def test_each_answer_is_written_at_once(api, tape, mode):
    """What is only added to is whole after each answer."""
    with World(cassette=tape, record=mode):
        for number in range(3):
            ask(f"hi {number}")
            assert said(tape) == [f"hi {n}" for n in range(number + 1)]


@pytest.mark.parametrize("mode", ["changed", "all"])
def test_what_is_replaced_stays_to_the_end(api, tape, mode, capsys):
    """The old file is there until all went well; what is recorded meanwhile stands beside it, whole as well."""
    OLD.save(tape)
    with World(cassette=tape, record=mode):
        for number in range(3):
            ask(f"hi {number}")
            assert said(tape) == ["old"]
            assert said(UNFINISHED)[-1] == f"hi {number}"
    assert said(tape) == ["hi 0", "hi 1", "hi 2"]
    assert not UNFINISHED.exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("mode", ["changed", "all"])
def test_after_a_failure_the_old_file_stays(api, tape, mode, capsys):
    """A program that raises leaves the file as it was, what it recorded is beside it, and that is said."""
    OLD.save(tape)
    with pytest.raises(ValueError, match="broken"), World(cassette=tape, record=mode):
        fail()
    assert (said(tape), said(UNFINISHED)) == (["old"], ["hi"])
    assert capsys.readouterr().err == STAYS


@pytest.mark.parametrize("mode", ["changed", "all"])
def test_after_a_refusal_the_old_file_stays(api, tape, mode, capsys):
    """Something unexpected is a failure too, though the program goes on."""
    OLD.save(tape)
    with World(cassette=tape, record=mode):
        ask("hi")
        with pytest.raises(anthropic.BadRequestError):
            ask("gh" + "p_" + "Ab1" * 12)
    assert (said(tape), said(UNFINISHED)) == (["old"], ["hi"])
    assert capsys.readouterr().err == STAYS


@pytest.mark.parametrize("mode", ["changed", "all"])
def test_where_an_answer_is_lost_the_old_file_stays(api, tape, mode, capsys):
    """An answer that could not be kept would be missing in the new file; when it is asked for again all is well."""
    OLD.save(tape)
    world = World(cassette=tape, record=mode)
    hello = api.replies[0]
    api.will(hello, hello._replace(status=0, is_cut=True), hello)
    with world, anthropic.Anthropic(max_retries=0) as claude:
        ask("hi")
        with pytest.raises(anthropic.APIConnectionError):
            claude.messages.create(**request("bye"))
    assert (said(tape), said(UNFINISHED)) == (["old"], ["hi"])
    assert capsys.readouterr().err == LACKS + STAYS.removeprefix("fakememtrace: ")
    with world:
        ask("bye")
    assert said(tape) == ["hi", "bye"]
    assert not UNFINISHED.exists()


@pytest.mark.parametrize("mode", ["changed", "all"])
def test_where_every_answer_is_lost_that_is_said(api, tape, mode, capsys):
    """Where nothing could be kept there is nothing beside the old file, and it is said all the same."""
    OLD.save(tape)
    api.will(broken())
    with (
        World(cassette=tape, record=mode),
        anthropic.Anthropic(max_retries=0) as claude,
        pytest.raises(anthropic.APIConnectionError),
    ):
        claude.messages.create(**request("bye"))
    assert capsys.readouterr().err == f"{LACKS}What to do: record again.\n"
    assert said(tape) == ["old"]
    assert not UNFINISHED.exists()


def test_a_new_file_is_not_there_after_a_failure(api, tape, capsys):
    """Where there was no file, there is none."""
    with pytest.raises(ValueError, match="broken"), World(cassette=tape, record="all"):
        fail()
    assert not tape.exists()
    assert capsys.readouterr().err == STAYS.replace("stays as it was", "was not written")


def test_a_file_that_cannot_be_written_is_said(api, tape):
    """Where the answer cannot be written in the end the program learns it, and knows that the call was made."""
    reply = api.reply

    def take_the_folder_away(path, headers, body):
        Path("folder").rmdir()
        Path("folder").write_text("no folder")
        return reply(path, headers, body)

    api.reply = take_the_folder_away
    with World(cassette=Path("folder/tape.json"), record="once") as world:
        with pytest.raises(anthropic.BadRequestError):
            ask("hi")
        (exchange,) = world.journal.unexpected()
    assert exchange.unexpected == (
        "folder/tape.json: its folder cannot be made: File exists.\n"
        "Name another file.\n"
        "The API has been asked, and its answer is lost."
    )


def ask_and_cancel(api, tape, mode, patience):
    """A world in which a call was cancelled while the API held it, and which is closed by now."""
    api.gate.clear()

    async def cancelled():
        async with anthropic.AsyncAnthropic(max_retries=0) as claude:
            asking = asyncio.ensure_future(claude.messages.create(**request("hi")))
            await asyncio.to_thread(api.reached.wait, 10)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    with World(cassette=tape, record=Recording(mode, patience=patience)) as world:
        asyncio.run(cancelled())
        if patience > 1:
            # It is closed long before: only a wait lets the answer come first.
            threading.Timer(0.05, api.gate.set).start()
    return world


@pytest.mark.parametrize("mode", ["once", "new", "changed", "all"])
def test_the_end_waits_for_a_call_that_was_cancelled(api, tape, mode, capsys):
    """What a program no longer waits for is kept before the block ends, and nothing is written afterwards."""
    world = ask_and_cancel(api, tape, mode, 30.0)
    assert said(tape) == ["hi"]
    assert not UNFINISHED.exists()
    assert world.claude.answers.notes == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("mode", ["once", "new", "changed", "all"])
def test_a_call_that_takes_too_long_is_given_up_in_words(api, tape, mode, capsys):
    """The end waits for a while only; an answer that comes later is not written, whatever the mode."""
    world = ask_and_cancel(api, tape, mode, 0.01)
    advice = RECORD_NEW if mode in ("once", "new") else RECORD_ALL
    note = (
        "not recorded, since there was no answer 0.01 seconds after the end of the recording: "
        'claude-x, 1 message, the last from user: "hi"'
    )
    assert capsys.readouterr().err == (
        f"fakememtrace: tape.json lacks 1 answer of what the real Claude was asked:\n  {note}\n{advice}\n"
    )
    api.gate.set()
    _wait_for(world.journal, 1)
    assert world.journal[0].response.note == "not recorded: the recording had ended"
    assert world.claude.answers.notes == [note]
    assert list(Path().iterdir()) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal here")
@pytest.mark.parametrize("mode", ["once", "new", "changed", "all"])
def test_a_run_that_is_killed_leaves_whole_files(api, tape, mode):
    """Killed in the middle of a call, a run leaves what it had paid for, whole; and the old file, where that stays."""
    if mode != "once":
        OLD.save(tape)
    reply, asked = api.reply, []

    def hold_the_fourth(path, headers, body):
        asked.append(body)
        if len(asked) == 4:
            api.gate.clear()
            api.reached.set()
            api.gate.wait(30)
        return reply(path, headers, body)

    api.reply = hold_the_fourth
    command = [sys.executable, "-c", ENDLESS, mode, api.url]
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}) as running:
        _wait_for(asked, 4)
        running.send_signal(signal.SIGKILL)
    recorded = ["hi 0", "hi 1", "hi 2"]
    if mode == "once":
        assert said(tape) == recorded
    elif mode == "new":
        assert said(tape) == ["old", *recorded]
    else:
        assert said(tape) == ["old"]
        # Of what was to be replaced only that is gone which is known to be.
        assert said(UNFINISHED) == recorded
    assert {entry.name for entry in Path().iterdir()} <= {"tape.json", "tape.unfinished.json"}


def _wait_for(asked, count):
    until = time.monotonic() + 30
    while len(asked) < count:
        assert time.monotonic() < until
        time.sleep(0.005)
