"""Scripts of updates, whole and broken."""

from __future__ import annotations

import pytest

from fakememtrace import ScenarioError, World
from fakememtrace.telegram.photos import size_of
from fakememtrace.telegram.reading import read_script

from .helpers import jpeg, png, script, update

HEAD = """\
[[bot]]
name = "Juan"
token = "1001:juan"

[[user]]
name = "Nacho"
"""
# Line 8 is the first line of the first update.
WHOLE = HEAD + '\n[[update]]\nbot = "Juan"\nuser = "Nacho"\ntext = "hi"\n'
BROKEN = [
    ("no = 1\n", "line 1: unknown key 'no'.\nKnown here: bot, user and update."),
    (
        "[[bot",
        (
            "this is not TOML: Expected ']]' at the end of an array declaration (at end of document).\n"
            "Correct the file there."
        ),
    ),
    ("", "there is no [[bot]].\nA script has [[bot]], [[user]] and [[update]], in any order."),
    ('[[bot]]\nname = "J"\n', "there is no [[user]].\nA script has [[bot]], [[user]] and [[update]], in any order."),
    (HEAD, "there is no [[update]].\nA script has [[bot]], [[user]] and [[update]], in any order."),
    ("[[bot]]\n", "line 1, [[bot]] 1: 'name' is missing.\nAdd it: a string."),
    ('[[bot]]\n\nname = " "\n', 'line 3, [[bot]] 1, "name": it is empty.\nWrite something.'),
    (
        '[[bot]]\nname = "J"\ntoken = "abc"\n',
        (
            'line 3, [[bot]] 1, "token": this is no token. Expected a number, a colon and letters.\n'
            'Write one like "1000001:juan".'
        ),
    ),
    (
        '[[bot]]\nname = "J"\nenv = "BOT TOKEN"\n',
        'line 3, [[bot]] 1, "env": \'BOT TOKEN\' is no name of a variable.\nWrite one like "BOT_TOKEN".',
    ),
    (
        WHOLE + '\n[[bot]]\nname = "Juan"\n',
        'line 14, [[bot]] 2, "name": it is that of [[bot]] 1.\nGive each one its own.',
    ),
    (
        WHOLE + '\n[[bot]]\nname = "Martin"\ntoken = "1001:other"\n',
        'line 15, [[bot]] 2, "token": it is that of [[bot]] 1.\nGive each one its own.',
    ),
    (
        WHOLE + '\n[[bot]]\nname = "A"\nenv = "T"\n[[bot]]\nname = "B"\nenv = "T"\n',
        'line 18, [[bot]] 3, "env": it is that of [[bot]] 2.\nGive each one its own.',
    ),
    (
        WHOLE + '\n[[user]]\nname = "Maria"\nid = 1001\n',
        'line 15, [[user]] 2, "id": it is that of [[user]] 1.\nGive each one its own.',
    ),
    (
        WHOLE + '\n[[user]]\nname = "Maria"\nid = 0\n',
        'line 15, [[user]] 2, "id": expected a number above 0, found 0.\nCorrect the value.',
    ),
    (
        WHOLE + '\n[[user]]\nname = "Maria"\nid = 5\nchat = 6\n',
        (
            'line 16, [[user]] 2, "chat": a chat between two has the id of the customer, 5; found 6.\n'
            "Leave it out; a group has an id below 0."
        ),
    ),
    (
        WHOLE.replace('bot = "Juan"', 'bot = "Jaun"'),
        "line 9, [[update]] 1, \"bot\": there is no bot 'Jaun'. Did you mean 'Juan'?\nKnown: Juan.",
    ),
    (
        WHOLE.replace('user = "Nacho"', 'user = "Alex"'),
        "line 10, [[update]] 1, \"user\": there is no user 'Alex'.\nKnown: Nacho.",
    ),
    (
        WHOLE.replace("text", "txt"),
        (
            "line 11, [[update]] 1: unknown key 'txt'. Did you mean 'text'?\n"
            "Known here: bot, user, text, photo, caption, after, reply and run."
        ),
    ),
    (WHOLE.replace('text = "hi"', ""), "line 8, [[update]] 1: 'text' is missing.\nAdd it: a string."),
    (WHOLE.replace('"hi"', '"""\n"""'), 'line 11, [[update]] 1, "text": it is empty.\nWrite something.'),
    (WHOLE.replace('"hi"', "7"), 'line 11, [[update]] 1, "text": expected a string, found 7.\nCorrect the value.'),
    (
        WHOLE.replace("hi", "a" * 4097),
        (
            'line 11, [[update]] 1, "text": Telegram takes 4096 characters, and these are 4097.\n'
            "Write several updates, as the customer's program does."
        ),
    ),
    (
        WHOLE + 'caption = "a"\n',
        (
            "line 12, [[update]] 1, \"caption\": 'caption' does not go without a photo.\n"
            "Write caption with a photo, and text without one."
        ),
    ),
    (
        WHOLE + 'photo = "bill.png"\n',
        (
            "line 11, [[update]] 1, \"text\": 'text' does not go with a photo.\n"
            "Write caption with a photo, and text without one."
        ),
    ),
    (
        WHOLE.replace('text = "hi"', 'photo = "bil.png"'),
        (
            "line 11, [[update]] 1, \"photo\": the photo 'bil.png' cannot be read: No such file or directory.\n"
            "It is looked for in the folder of the script. Did you mean 'bill.png'?"
        ),
    ),
    (
        WHOLE.replace('text = "hi"', 'photo = "updates.toml"'),
        "line 11, [[update]] 1, \"photo\": 'updates.toml' is neither a PNG nor a JPEG.\nName a picture of these kinds.",
    ),
    (
        WHOLE + 'after = "soon"\n',
        (
            "line 12, [[update]] 1, \"after\": 'soon' is no duration. "
            "Expected numbers with a unit (us, ms, s, m, h, d, w), "
            'such as "90m", "1h30m" or "2d", or a datetime.timedelta.\nCorrect the value.'
        ),
    ),
    (
        WHOLE + "run = 3\n",
        (
            'line 12, [[update]] 1, "run": expected 1 or 2, found 3.\n'
            "Runs follow each other: write the updates in their order."
        ),
    ),
    (
        WHOLE + 'reply = "no"\n',
        "line 12, [[update]] 1, \"reply\": expected true or false, found 'no'.\nCorrect the value.",
    ),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_a_broken_script_is_refused_with_its_place(tmp_path, text, problem):
    """The error names file, line and field, what was expected, the nearest, and what to do."""
    path = tmp_path / "updates.toml"
    path.write_text(text, "utf-8")
    (tmp_path / "bill.png").write_bytes(png())
    with pytest.raises(ScenarioError) as refused:
        World(telegram=path)
    separator = ", " if problem.startswith("line ") else ": "
    assert str(refused.value) == f"{path}{separator}{problem}"
    assert refused.value.exit_code == 2


def test_a_script_that_is_not_there_is_refused(tmp_path):
    """The error says so, with the nearest file beside it."""
    path = tmp_path / "updates.toml"
    for beside, advice in (
        ("cassette.json", f"Such files in {tmp_path}: nothing. Check the path."),
        ("update.toml", "Did you mean 'update.toml'?"),
    ):
        (tmp_path / beside).touch()
        with pytest.raises(ScenarioError) as refused:
            World(telegram=path)
        assert str(refused.value) == f"{path}: there is no such file.\n{advice}"
    with pytest.raises(ScenarioError) as refused:
        World(telegram=tmp_path / "no" / "updates.toml")
    assert str(refused.value) == (
        f"{tmp_path / 'no' / 'updates.toml'}: there is no such file.\n"
        f"Its folder {tmp_path / 'no'} does not exist either. Check the path."
    )


def test_a_value_is_read_like_a_file():
    """A mapping has the same tables, and the same complaints, without a line."""
    with pytest.raises(ScenarioError) as refused:
        read_script(script(update(bot="Jaun")))
    assert str(refused.value) == (
        "the updates, [[update]] 1, \"bot\": there is no bot 'Jaun'. Did you mean 'Juan'?\nKnown: Juan and Martin."
    )


def test_what_is_left_out_is_as_usual(tmp_path):
    """Tokens, ids and user names are made up, always the same."""
    (tmp_path / "updates.toml").write_text(WHOLE.replace('token = "1001:juan"\n', ""), "utf-8")
    read = read_script(tmp_path / "updates.toml")
    assert read.source == "updates.toml"
    assert read.bots[0] == ("Juan", "1000001:fakememtrace", "juan_bot", "Juan", "")
    assert read.customers[0] == ("Nacho", 1001, 1001, "Nacho", "", "", "")
    assert read.updates[0][3:] == ("hi", None, 0, True, 1)
    assert (read.updates[0].number, read.runs) == (1, 1)


def test_everything_that_can_be_said_is_kept():
    """Names, times, replies and runs."""
    updates = script(update(), update(user="Maria", text="two", after="1h30m", reply=False, run=2))
    updates["user"][1].update(first_name="María", last_name="Ruiz", username="mruiz", language="es")
    read = read_script(updates)
    assert read.customers[1] == ("Maria", 502, 502, "María", "Ruiz", "mruiz", "es")
    assert read.updates[1][3:] == ("two", None, 5_400_000_000, False, 2)
    assert read.runs == 2


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (png(3, 2), (3, 2)),
        (jpeg(640, 480), (640, 480)),
        (png()[:20], None),
        (b"\xff\xd8\xff\xd9", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_the_size_of_a_picture_is_in_its_bytes(content, size):
    """A PNG and a JPEG say how large they are; what is cut or of another kind says nothing."""
    assert size_of(content) == size
