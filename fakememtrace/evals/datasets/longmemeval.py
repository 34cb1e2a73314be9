"""LongMemEval in its published format: one history and one question each.

A turn is a memory (``role: text``, its agent the role, the session's date and 30 seconds for each turn before
it), or a whole session is.  Questions that nothing answers (``_abs``) have no gold: LongMemEval skips them, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Literal, NamedTuple

from ...clock import duration, moment
from ...errors import UnknownName
from .history import Dataset, Entry, History, Question
from .reading import Field, opened

__all__ = ["FILE", "Granularity", "load"]

Granularity = Literal["turn", "session"]

FILE = "longmemeval_s.json"
_ADVICE = "Expected longmemeval_s.json, _m.json or _oracle.json of github.com/xiaowu0162/LongMemEval, as published."
_DATE = re.compile(r"(\d{4})/(\d\d)/(\d\d) \([A-Za-z]{3}\) (\d\d):(\d\d)")
_SPACING = duration("30s")
_ABSTENTION = "_abs"
_ROLES = ("user", "assistant")
_NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")


class _Turn(NamedTuple):
    key: str
    role: str
    text: str
    has_answer: bool


class _Session(NamedTuple):
    key: str
    at: int
    turns: list[_Turn]
    is_evidence: bool


def load(path: str | os.PathLike[str], granularity: Granularity = "turn") -> Dataset:
    """The data set in the file `path`, or in ``longmemeval_s.json`` of the folder `path`.

    Raises:
        DataError: it is missing, broken, or something else.
        UnknownName: `granularity` is neither ``"turn"`` nor ``"session"``.
    """
    if granularity not in ("turn", "session"):
        raise UnknownName("granularity", granularity, ("session", "turn"))
    field, digest = opened(path, FILE, _ADVICE)
    histories = [_history(instance, granularity) for instance in field.items()]
    return Dataset(f"longmemeval, {granularity}s", digest, histories)


def _history(field: Field, granularity: Granularity) -> History:
    name, sessions = field["question_id"].text(), _sessions(field)
    turns = granularity == "turn"
    entries = sorted((_turn_entries if turns else _session_entries)(sessions), key=lambda entry: entry.at)
    gold = tuple(_turn_gold(sessions) if turns else (session.key for session in sessions if session.is_evidence))
    category = field["question_type"].text()
    if name.endswith(_ABSTENTION):
        category, gold = f"{category}, abstention", ()
    answer = field["answer"].value
    question = Question(name, category, field["question"].text(), gold, "" if answer is None else str(answer))
    return History(_as_id(name), entries, (question,), _date(field["question_date"]), _ROLES)


def _sessions(field: Field) -> list[_Session]:
    keys, dates = field["haystack_session_ids"].texts(), list(field["haystack_dates"].items())
    haystack = list(field["haystack_sessions"].items())
    if not len(keys) == len(dates) == len(haystack):
        raise field["haystack_sessions"].wrong(
            f"there are {len(haystack)} sessions, {len(keys)} haystack_session_ids and {len(dates)} haystack_dates."
        )
    evidence = set(field["answer_session_ids"].texts())
    unknown = sorted(evidence.difference(keys))
    if unknown:
        raise field["answer_session_ids"].wrong(f"{unknown[0]!r} is in no haystack_session_ids.")
    return [
        _Session(key, _date(date), list(_turns(key, session)), key in evidence)
        for key, date, session in zip(keys, dates, haystack, strict=True)
    ]


def _turns(session: str, field: Field) -> Iterator[_Turn]:
    for number, turn in enumerate(field.items(), 1):
        text, role = turn["content"].text(), turn["role"].text()
        if role not in _ROLES:
            raise turn["role"].wrong(f"{role!r} is no role. Expected 'user' or 'assistant'.")
        # Memtrace stores nothing that is empty.
        if text:
            yield _Turn(f"{session}_{number}", role, text, turn.mapping().get("has_answer") is True)


def _turn_entries(sessions: Iterable[_Session]) -> Iterator[Entry]:
    for session in sessions:
        for place, turn in enumerate(session.turns):
            content = f"{turn.role}: {turn.text}"
            yield Entry(turn.key, session.at + place * _SPACING, turn.role, content, _as_id(session.key))


def _session_entries(sessions: Iterable[_Session]) -> Iterator[Entry]:
    for session in sessions:
        if session.turns:
            content = "\n".join(f"{turn.role}: {turn.text}" for turn in session.turns)
            yield Entry(session.key, session.at, "user", content, _as_id(session.key))


def _turn_gold(sessions: Iterable[_Session]) -> Iterator[str]:
    yield from (turn.key for session in sessions for turn in session.turns if turn.has_answer)


def _as_id(name: str) -> str:
    """`name` as Memtrace takes an id: a letter first, then letters, digits, hyphens and underscores."""
    plain = _NOT_IN_IDS.sub("_", name)
    return plain if plain[:1].isalpha() else f"q_{plain}"


def _date(field: Field) -> int:
    match = _DATE.fullmatch(field.text().strip())
    try:
        if match:
            year, month, day, hour, minute = map(int, match.groups())
            return moment(datetime(year, month, day, hour, minute, tzinfo=timezone.utc))
    except ValueError:
        pass
    raise field.wrong(f"{field.text()!r} is no date. Expected one such as '2023/05/20 (Sat) 02:21'.")
