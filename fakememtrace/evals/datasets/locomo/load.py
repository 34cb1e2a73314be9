"""From ``locomo10.json`` to histories.

One turn is one memory: ``speaker: text``, its agent the speaker, its time the date of the session and 30 seconds
for each turn before it.  One conversation is one org, and is asked about an hour after its last turn.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from datetime import datetime, timezone

from ....clock import duration, moment
from ..history import Dataset, Entry, History, Question
from ..reading import Field, opened

__all__ = ["CATEGORIES", "FILE", "load"]

FILE = "locomo10.json"
# The file has numbers only, and tools disagree on their names.
CATEGORIES = {4: "4 single-hop", 1: "1 multi-hop", 2: "2 temporal", 3: "3 open-domain", 5: "5 adversarial"}

_ADVICE = (
    "Expected locomo10.json of github.com/snap-research/locomo, unmodified, or the folder it is in. "
    "Its licence is CC BY-NC 4.0: get a copy of your own, for evaluation only."
)
_SPACING, _LATER = duration("30s"), duration("1h")
_TURN = re.compile(r"D:?(\d+):(\d+)")
_SESSION = re.compile(r"session_(\d+)")
_BETWEEN = re.compile(r"[;,\s]+")
_DATE = "%I:%M %p on %d %B, %Y"


def load(path: str | os.PathLike[str]) -> Dataset:
    """The data set in the file `path`, or in ``locomo10.json`` of the folder `path`.

    ``notes["dropped"]`` are the pieces of evidence that name no turn.

    Raises:
        DataError: it is missing, broken, or something else.
    """
    field, digest = opened(path, FILE, _ADVICE)
    dropped: list[str] = []
    histories = [_history(sample, dropped) for sample in field.items()]
    return Dataset("locomo", digest, histories, {"dropped": dropped})


def _history(sample: Field, dropped: list[str]) -> History:
    name, talk = sample["sample_id"].text(), sample["conversation"]
    entries = list(_entries(talk))
    if not entries:
        raise talk.wrong("this conversation has no turn.")
    known = {entry.key for entry in entries}
    questions = [_question(index, item, known, dropped) for index, item in enumerate(sample["qa"].items())]
    speakers = (talk["speaker_a"].text(), talk["speaker_b"].text())
    return History(name, entries, questions, entries[-1].at + _LATER, speakers)


def _entries(talk: Field) -> Iterator[Entry]:
    numbers = sorted(int(match[1]) for name in talk.mapping() if (match := _SESSION.fullmatch(name)))
    for number in numbers:
        session = f"session_{number}"
        turns = list(talk[session].items())
        start = _date(talk[f"{session}_date_time"]) if turns else 0
        for place, turn in enumerate(turns):
            speaker = turn["speaker"].text()
            content = f"{speaker}: {turn['text'].text()}"
            yield Entry(turn["dia_id"].text(), start + place * _SPACING, speaker, content, session)


def _date(field: Field) -> int:
    try:
        return moment(datetime.strptime(field.text().strip(), _DATE).replace(tzinfo=timezone.utc))
    except ValueError:
        raise field.wrong(f"{field.text()!r} is no date. Expected one such as '1:56 pm on 8 May, 2023'.") from None


def _question(index: int, item: Field, known: Collection[str], dropped: list[str]) -> Question:
    category = item["category"].whole()
    if category not in CATEGORIES:
        raise item["category"].wrong(f"{category} is no category. Expected one of 1 to 5.")
    evidence = item.get("evidence")
    gold = list(_evidence(evidence.texts() if evidence else [], known, dropped))
    answer = item.mapping().get("answer")
    text = "" if answer is None else str(answer)
    return Question(str(index), CATEGORIES[category], item["question"].text(), tuple(dict.fromkeys(gold)), text)


def _evidence(entries: list[str], known: Collection[str], dropped: list[str]) -> Iterator[str]:
    """The turns that are named: some entries name several, or have a stray colon or zero."""
    for piece in (piece for entry in entries for piece in _BETWEEN.split(entry.strip()) if piece):
        match = _TURN.fullmatch(piece)
        key = f"D{int(match[1])}:{int(match[2])}" if match else piece
        if key in known:
            yield key
        else:
            dropped.append(piece)
