"""A bot runs until its script of updates is answered."""

from __future__ import annotations

from fakememtrace.running import ending

from .helpers import PROGRAMS, command, run

UPDATES = """\
[[bot]]
name = "Echo"
token = "1001:echo"
env = "BOT_TOKEN"

[[user]]
name = "Nacho"
id = 501

[[update]]
bot = "Echo"
user = "Nacho"
text = "hola"

[[update]]
bot = "Echo"
user = "Nacho"
text = "adiós"
after = "5m"
"""
SUMMARY = "fakememtrace: {}: 0 requests to Claude, {} stored, nothing unexpected\n"
POLLS = """\
import os, httpx
url = f"https://api.telegram.org/bot{os.environ['BOT_TOKEN']}"
offset = 0
"""
LOOP = """\
while True:
    try:
        for update in httpx.post(f"{url}/getUpdates", data={"timeout": 10, "offset": offset}).json()["result"]:
            offset = update["update_id"] + 1
            text = update["message"]["text"]
            httpx.post(f"{url}/sendMessage", data={"chat_id": 501, "text": text})
            print(text)
"""


def test_a_bot_ends_when_its_script_is_answered(tmp_path):
    """The real python-telegram-bot polls, answers, and shuts down in its own way; twice, with the same bytes."""
    (tmp_path / "updates.toml").write_text(UPDATES, "utf-8")
    words = ["run", str(PROGRAMS / "echo_bot.py"), "--telegram", "updates.toml"]
    first, second = (command(*words, cwd=tmp_path) for _ in range(2))
    assert first == second
    assert first == (0, "Nacho says hola\nNacho says adiós\nbye\n".encode().decode("latin-1"), first.err)
    assert first.err.endswith(SUMMARY.format("echo_bot.py", "2 memories"))


def test_a_bot_that_ends_by_ctrl_c_ends_well(tmp_path):
    """Who knows no other end than KeyboardInterrupt gets one, without a traceback, and its last steps."""
    (tmp_path / "updates.toml").write_text(UPDATES, "utf-8")
    ran = run(tmp_path, POLLS + LOOP + "    finally:\n        print('turn')\n", "--telegram", "updates.toml")
    assert ran.code == 0, ran
    assert ran.err == SUMMARY.format("agent.py", "0 memories")
    assert ran.out.endswith("turn\n")


def test_a_bot_that_does_not_end_is_ended(tmp_path):
    """Who catches everything is ended hard after a while, and that is told."""
    (tmp_path / "updates.toml").write_text(UPDATES, "utf-8")
    ran = run(tmp_path, POLLS + LOOP + "    except BaseException:\n        pass\n", "--telegram", "updates.toml")
    place = f"{tmp_path.name}/agent.py, line "
    told, _, rest = ran.err.partition(f"it was ended hard, at {place}")
    assert (ran.code, told) == (
        0,
        (
            f"fakememtrace: agent.py was still running {ending.GRACE_OF_BOTS:g} s after its script was answered and it "
            "was told to end, as by Ctrl-C; "
        ),
    )
    assert rest.endswith(SUMMARY.format("agent.py", "0 memories"))


def test_a_broken_script_of_updates_is_refused(tmp_path):
    """File, place and what to do, before the program has begun."""
    (tmp_path / "updates.toml").write_text(UPDATES.replace("[[user]]", "[[users]]"), "utf-8")
    ran = run(tmp_path, "print('begun')\n", "--telegram", "updates.toml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("fakememtrace: updates.toml, line 6: unknown key 'users'. Did you mean 'user'?\n")
