"""The real python-telegram-bot, as programs use it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from memtrace import Memtrace
from telegram.error import BadRequest, InvalidToken
from telegram.ext import Application, CommandHandler, MessageHandler, filters

from fakememtrace import World
from fakememtrace.scenario.transcript import transcribe

from .helpers import png, script, traffic, update

ROOT = Path(__file__).parents[2]

RUN_POLLING = """\
import os, signal
from fakememtrace import World
from telegram.ext import Application, CommandHandler, MessageHandler, filters

async def start(update, context):
    await update.message.reply_text(f"Welcome, {update.effective_user.first_name}!")

async def echo(update, context):
    await update.message.reply_text(update.message.text)

def main():
    application = Application.builder().token(os.environ["BOT_TOKEN"]).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()

with World(telegram="updates.toml") as world:
    world.telegram.when_finished = lambda: signal.raise_signal(signal.SIGINT)
    main()
    world.journal.assert_clean()
    print(*[sent.text for sent in world.telegram.sent], sep="\\n")
    print(*world.journal, sep="\\n")
"""

UPDATES = """\
[[bot]]
name = "Juan"
env = "BOT_TOKEN"

[[user]]
name = "Nacho"

[[update]]
bot = "Juan"
user = "Nacho"
text = "/start"

[[update]]
bot = "Juan"
user = "Nacho"
text = "Hello?"
after = "10m"
"""


class Program:
    """Three Applications on one event loop, whose handlers remember what they hear."""

    def __init__(self, world, answer):
        self.world, self.answer = world, answer
        self.memtrace = Memtrace(world.url, world.api_key)
        self.raised = []

    async def run(self, *tokens):
        """Poll until the script is at its end."""
        over = asyncio.Event()
        self.world.telegram.when_finished = over.set
        applications = [self.application(token) for token in tokens]
        for application in applications:
            await application.initialize()
            await application.start()
            await application.updater.start_polling()
        await over.wait()
        for application in applications:
            await application.updater.stop()
            await application.stop()
            await application.shutdown()

    def application(self, token):
        """One of them."""
        application = Application.builder().token(token).build()
        application.add_handler(MessageHandler(filters.ALL, self.heard))
        application.add_error_handler(self.failed)
        return application

    async def heard(self, update, context):
        """Answer with what the test says."""
        await self.answer(self, update, context)

    async def failed(self, update, context):
        """Keep what was raised."""
        self.raised.append(context.error)


def perform(updates, answer, *tokens, patience=10.0):
    """The world after a program that answers so, and the program."""
    with World(telegram=updates) as world:
        world.telegram.patience = patience
        program = Program(world, answer)
        asyncio.run(program.run(*tokens or ("1001:juan", "1002:martin")))
        return world, program


async def remembers(program, update, context):
    """Store in a thread and directly, before the answer and after it."""
    bot, text = context.bot.first_name, update.message.text
    await asyncio.to_thread(program.memtrace.remember, bot, text)
    await context.bot.send_chat_action(update.effective_chat.id, "typing")
    await update.message.reply_text(f"{bot}: {text}")
    await asyncio.sleep(0.02)
    program.memtrace.remember(bot, "answered")
    await asyncio.to_thread(program.memtrace.remember, bot, "really")


THREE = {
    **script(
        update("Juan", text="one"),
        update("Martin", "Maria", text="two", after="2h"),
        update("Cecilia", text="three", after="1d"),
        update("Juan", "Maria", text="four", reply=False),
        update("Martin", text="five"),
    ),
    "bot": [{"name": "Juan", "env": "A"}, {"name": "Martin", "env": "B"}, {"name": "Cecilia", "env": "C"}],
}


def test_run_polling_ends_with_its_script(tmp_path):
    """A program as it is in the tutorial, in a process of its own, with its token from a variable."""
    (tmp_path / "updates.toml").write_text(UPDATES, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", RUN_POLLING],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    url = "https://api.telegram.org/bot1000001:..."
    assert ended.stdout.splitlines() == [
        "Welcome, Nacho!",
        "Hello?",
        f"#1 2026-02-07T12:00:00Z telegram POST {url}/getMe -> 200",
        f"#2 2026-02-07T12:00:00Z telegram POST {url}/deleteWebhook -> 200",
        f"#3 2026-02-07T12:00:00Z telegram POST {url}/getUpdates -> 200",
        f"#4 2026-02-07T12:00:00Z telegram POST {url}/sendMessage -> 200",
        f"#5 2026-02-07T12:00:00Z telegram POST {url}/getUpdates -> 200",
        f"#6 2026-02-07T12:10:00Z telegram POST {url}/sendMessage -> 200",
    ]


def test_three_bots_on_one_loop_have_the_same_traffic_in_every_run():
    """Handlers that work in threads and sleep after their answer change neither the order nor the times."""
    runs = []
    for _ in range(3):
        with World(telegram=THREE) as world:
            program = Program(world, remembers)
            asyncio.run(program.run(*(os.environ[name] for name in "ABC")))
            assert world.telegram.finished
            world.journal.assert_clean()
            runs.append(traffic(world))
    assert runs[0] == runs[1] == runs[2]
    memories = [(one.agent_id, one.content) for one in world.memory.memories()]
    assert sorted(memories) == sorted(
        (bot, text)
        for bot, said in [
            ("Juan", "one"),
            ("Martin", "two"),
            ("Cecilia", "three"),
            ("Juan", "four"),
            ("Martin", "five"),
        ]
        for text in (said, "answered", "really")
    )


def test_the_tokens_are_in_the_environment_inside_the_block():
    """The variables that the script names are set there, and are put back."""
    with World(telegram=THREE):
        assert [os.environ[name] for name in "ABC"] == [f"100000{number}:fakememtrace" for number in (1, 2, 3)]
    assert not {"A", "B", "C"} & os.environ.keys()


def test_a_photo_reaches_the_program(tmp_path, monkeypatch):
    """The library finds the largest size, asks where it is, and downloads it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bill.png").write_bytes(png(640, 480))
    got = []

    async def look(program, update, context):
        file = await update.message.photo[-1].get_file()
        got.append((update.message.caption, bytes(await file.download_as_bytearray())))
        await update.message.reply_text("I see.")

    world, _ = perform(script(update(photo="bill.png", caption="My bill")), look)
    assert got == [("My bill", png(640, 480))]
    assert [one.response.note for one in world.journal][-4:] == [
        "getUpdates Juan",
        "getFile Juan",
        "file Juan",
        "sendMessage Juan",
    ]


def test_a_message_that_is_too_long_is_refused_and_can_be_split():
    """The library raises what it raises for Telegram; the parts are the answer."""

    async def say_much(program, update, context):
        with pytest.raises(BadRequest) as refused:
            await update.message.reply_text("a" * 4097)
        program.raised.append(str(refused.value))
        await update.message.reply_text("a" * 4096)
        await update.message.reply_text("a")

    world, program = perform(script(), say_much)
    assert program.raised == ["Message is too long"]
    assert [len(sent.text) for sent in world.telegram.sent] == [4096, 1]
    world.journal.assert_clean()


def test_a_handler_that_raises_leaves_an_open_end():
    """The library hides the error; the run ends, and the journal says what was not answered."""

    async def fail(program, update, context):
        raise LookupError("no such account")

    world, program = perform(script(), fail, patience=0.3)
    assert [repr(error) for error in program.raised] == ["LookupError('no such account')"]
    assert not world.telegram.finished
    assert "[[update]] 1, Nacho to Juan: 'hi'" in world.telegram.open_ends()


def test_a_method_that_is_not_served_raises_and_is_written_down():
    """The words reach the program as an error of the library, and the journal in any case."""

    async def menu(program, update, context):
        with pytest.raises(BadRequest) as refused:
            await context.bot.set_my_commands([("help", "Helps")])
        program.raised.append(str(refused.value))
        await update.message.reply_text("no menu")

    world, program = perform(script(), menu)
    (unexpected,) = world.journal.unexpected()
    assert unexpected.unexpected.startswith("the method 'setMyCommands' is not served by fakememtrace. Served: getMe, ")
    assert program.raised[0].lower() == unexpected.unexpected.lower()


def test_an_unknown_token_is_an_invalid_token():
    """The library says so when it asks the bot who it is."""

    async def begin():
        await Application.builder().token("9:none").build().initialize()

    with World(telegram=script()) as world, pytest.raises(InvalidToken):
        asyncio.run(begin())
    assert len(world.journal.unexpected()) == 1


def test_a_program_that_starts_again_goes_on():
    """The second run gets the updates of the second run, with ids that go on, and nothing twice."""
    updates = script(update(text="one"), update(text="two", run=2, after="8h"))
    with World(telegram=updates) as world:
        for run in (1, 2):
            world.telegram.begin_run(run)
            asyncio.run(Program(world, remembers).run("1001:juan"))
            assert world.telegram.finished
    world.journal.assert_clean()
    assert [(sent.text, sent.run) for sent in world.telegram.sent] == [("Juan: one", 1), ("Juan: two", 2)]


def test_commands_reach_their_handlers():
    """The library finds the command with its arguments in the marks of the message."""
    got = []

    async def start(update, context):
        got.append(context.args)
        await update.message.reply_text("started")

    class WithCommand(Program):
        def application(self, token):
            application = super().application(token)
            application.add_handler(CommandHandler("start", start), group=-1)
            return application

    async def silent(program, update, context):
        """The other handler has nothing to do."""

    with World(telegram=script(update(text="/start now please"))) as world:
        asyncio.run(WithCommand(world, silent).run("1001:juan"))
    assert got == [["now", "please"]]


def test_a_loop_that_keeps_the_program_alive_holds_up_nothing():
    """A task that sleeps again and again was there before the update, and is not waited for."""

    async def keep_alive():
        while True:
            await asyncio.sleep(0.5)

    async def run(world):
        tasks = [asyncio.create_task(keep_alive()) for _ in range(2)]
        await Program(world, remembers).run("1001:juan")
        for task in tasks:
            task.cancel()

    with World(telegram=script(update(text="one"), update(text="two"))) as world:
        world.telegram._watch.grace = world.telegram._watch.patience
        asyncio.run(run(world))
        assert world.telegram.finished


def test_the_transcript_shows_who_wrote_what(tmp_path, monkeypatch):
    """Customers and bots stand there by name, a photo as such, and what Telegram refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bill.png").write_bytes(png())

    async def answer(program, update, context):
        with pytest.raises(BadRequest):
            await context.bot.send_message(77, "who?")
        await update.message.reply_text("Thank you.")

    updates = script(update(text="Hi"), update("Martin", "Maria", photo="bill.png", caption="My bill"))
    world, _ = perform(updates, answer)
    assert [(event.who, event.text) for event in transcribe(world.journal)] == [
        ("customer", "Nacho to Juan: Hi"),
        ("telegram", "sendMessage Juan: 400 Bad Request: chat not found"),
        ("bot", "Juan to Nacho: Thank you."),
        ("customer", "Maria to Martin: [photo] My bill"),
        ("telegram", "sendMessage Martin: 400 Bad Request: chat not found"),
        ("bot", "Martin to Maria: Thank you."),
    ]
