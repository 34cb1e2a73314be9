"""Writes the cassettes of our own evals from what their authors wrote, and the verdicts of the judge.

Usage: ``python -m tests.evals.authors``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fakememtrace.claude.author import Author, Turn, tool_use
from fakememtrace.claude.cassette import Cassette
from fakememtrace.evals.case import DIALECTS, Case
from fakememtrace.evals.engine import run
from fakememtrace.evals.reading import load
from fakememtrace.files import write_whole

EVALS = Path(__file__).parents[2] / "evals"
DATE = "2026-11-22"
CURRY = "As you are vegetarian and your oven is broken, make a chickpea curry on the stove"
RUBRIC = "Does the answer suit everything that the user has said of her diet? yes or no."


def remembered(content: str) -> Turn:
    """A turn in which Claude stores something."""
    return Turn(tool_use("memtrace_remember", content=content), duration_ms=1200)


LONG = "When Ada cooks or orders anything, keep in mind what she must not eat at all: cashews and pistachios"
COOKING = [
    Turn(
        [
            tool_use("memtrace_remember", content="Ada is vegetarian"),
            tool_use("memtrace_remember", content=LONG),
            tool_use("memtrace_remember", content="Ada's oven is broken"),
        ],
        duration_ms=2100,
    ),
    Turn("Nice to meet you, Ada! I'll keep that in mind.", duration_ms=900),
]
TURNS: dict[str, dict[str, list[Turn]]] = {
    "cooking": {
        "0.2.0": [*COOKING, Turn(f"{CURRY}, with cashews on top.", duration_ms=1500)],
        "documented": [*COOKING, Turn(f"{CURRY}, with sesame on top and no nuts.", duration_ms=1500)],
    },
    "trip": {
        "0.2.0": [
            remembered("Ada's train to Vienna leaves at 7:40"),
            Turn("I will remember it."),
            Turn("I don't remember anything about a train. When is it?"),
        ],
        "documented": [
            remembered("Ada's train to Vienna leaves at 7:40"),
            Turn("I will remember it."),
            Turn("Your train to Vienna leaves at 7:40."),
        ],
    },
    "sister": {
        dialect: [
            remembered("Ada's dog is called Pixel"),
            Turn("I will remember it."),
            Turn("I don't remember that you ever said. What is she called?"),
        ]
        for dialect in DIALECTS
    },
}
VERDICTS = {"0.2.0": "no", "documented": "yes"}


def longest(name: str) -> Case:
    """The case of that cassette that asks Claude for most."""
    return max((case for case in load(EVALS) if case.claude == f"cassettes/{name}"), key=lambda case: len(case.history))


def authored(name: str, dialect: str) -> Cassette:
    """The cassette `name`: what the agent asks in the longest case of it, answered by its author."""
    author = Author(TURNS[name][dialect], DATE)
    run(longest(name), dialect, answers=author)
    return author.cassette


def verdicts() -> str:
    """The verdicts on the answers of the cooking conversation, as a file."""
    recorded = []
    for dialect in DIALECTS:
        last = authored("cooking", dialect).interactions[-1]
        context = last.request["system"].partition("What you remember:\n\n")[2]
        answer = TURNS["cooking"][dialect][-1].blocks
        key = {"question": "What shall I cook tonight?", "answer": answer, "context": context, "rubric": RUBRIC}
        recorded.append({**key, "verdict": VERDICTS[dialect], "provenance": {"kind": "authored", "date": DATE}})
    return json.dumps({"verdicts": recorded}, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them all."""
    for name in TURNS:
        for dialect in DIALECTS:
            path = EVALS / "cassettes" / f"{name}.{dialect}.json"
            authored(name, dialect).save(path)
            print(path.relative_to(EVALS.parent), file=sys.stderr)
    write_whole(EVALS / "verdicts.json", verdicts())


if __name__ == "__main__":
    main()
