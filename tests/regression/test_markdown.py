"""The summary for a pull request: what is hostile in it stays text."""

from __future__ import annotations

import re

import pytest

from fakememtrace.expecting.check import Check
from fakememtrace.regression import result
from fakememtrace.regression.markdown import code, fenced, markdown
from fakememtrace.regression.result import Comparison, Conversation, Surface

HOSTILE = "```\n</details><script>x</script> @all #1 | a | ![x](http://evil) \x1b[31m ‮"


def conversation(number=1, text="hi", **values):
    """A conversation that has changed."""
    miss = {"kind": "system prompt", "kinds": ["system prompt"], "explanation": text, "differences": [], "memories": []}
    usage = {"input_tokens": 10, "output_tokens": 5, "estimated": False}
    call = {"name": text, "input": {"content": text}, "stored": [{"content": text, "tags": [text]}]}
    again = {
        "interaction": 1,
        "request": text,
        "calls": [call],
        "stored": [],
        "answer": text,
        "error": "",
        "usage": usage,
    }
    fields = {"interactions": [1], "turn": 1, "request": text, "miss": miss, "calls": 1, "again": [again], **values}
    return Conversation(number, f'"{text}"', **fields)


def comparison(*conversations, **values):
    """A comparison of these conversations."""
    return Comparison("demo", "0.2.0", "A test", "the files as they are", list(conversations), **values)


def without_code(text):
    """What is left of Markdown without its code, read as a browser of Markdown would."""
    left, fence = [], ""
    for line in text.splitlines():
        if fence:
            fence = "" if re.fullmatch(f"{fence}`*", line.strip()) else fence
        elif found := re.match("(`{3,})text$", line):
            fence = found[1]
        else:
            left.append(re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "CODE", line))
    assert not fence
    return "\n".join(left)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("plain", "`plain`"),
        ("a `b` c", "``a `b` c``"),
        ("`", "`` ` ``"),
        ("``x", "``` ``x ```"),
        (" x ", "`  x  `"),
        ("a | b", r"`a \| b`"),
        ("two\nlines", r"`two\nlines`"),
        ("", "` `"),
    ],
)
def test_code_in_a_line(text, span):
    """Nothing in a span ends it, or the cell of a table, or the line."""
    assert code(text) == span


def test_code_in_a_block():
    """The fence of a block is longer than any in it, and nothing in it steers a terminal."""
    assert fenced(["a", "````", "\x1b[31m"]) == "`````text\na\n````\n\\x1b[31m\n`````"


def test_what_is_hostile_is_in_code_only():
    """Whatever a program, a model, a memory or a tool says, it stands in code, and all that is not code is ours."""
    each = comparison(
        conversation(text=HOSTILE),
        failed=[Check(HOSTILE, False, HOSTILE)],
        expectations=1,
        problems=[HOSTILE],
        stopped=HOSTILE,
        surface=Surface(result.CHANGED, 1, []),
    )
    plain = without_code(markdown([each]))
    for evil in ("<script>", "@all", "#1", "![", "\x1b", "‮"):
        assert evil not in plain
    assert plain.count("<details>") == plain.count("</details>") == 4
    assert all(line.count("|") == 5 for line in plain.splitlines() if line.startswith("|"))


def test_it_fits_into_a_comment():
    """What is too much is left out, and that is said."""
    each = [comparison(*(conversation(number, f"{number} {'x' * 5_000}") for number in range(1, 40)))]
    text = markdown(each)
    assert len(text) < 65_000
    assert text.endswith("*The rest is left out, since a comment has its limits: `fakememtrace diff` shows it.*\n")
    assert text.count("<details>") == text.count("</details>") > 3


def test_a_table_has_so_many_rows():
    """A table that is too long ends with how many rows are left out."""
    text = markdown([comparison(*(conversation(number) for number in range(1, 111)))], brief=True)
    assert len(text.splitlines()) == 107
    assert text.endswith("\n| and 10 more | | | |\n")


def test_nothing_changed():
    """It is short where there is nothing to say."""
    assert markdown([comparison(Conversation(1, '"hi"', [1]))]) == (
        "### Claude recordings: 1 scenario, nothing changed\n"
        "\n"
        "Compared with `the files as they are`.\n"
        "\n"
        "| scenario | conversation | | to record again |\n"
        "| --- | --- | --- | --- |\n"
        "| `demo` | 1 conversation | unchanged |  |\n"
    )
