"""From the benchmark's three files to beliefs and cases."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ....clock import moment
from ....errors import ClockError
from ..history import Entry
from ..reading import DataError, Field, opened

__all__ = ["Belief", "Case", "Suite", "load", "scope_tag"]

_BELIEFS, _CASES, _SESSIONS = "beliefs.seed.json", "retrieval.cases.json", "session-retrieval.cases.json"
_ADVICE = (
    "Expected the folder fixtures/ of github.com/tenurehq/precisionMemBench, with "
    f"{_BELIEFS}, {_CASES} and {_SESSIONS}."
)
_USER = "test-user"
_SESSION_CATEGORY = "Session-level noise isolation"
_MEMORY_TYPES = {"decision": "decision", "entity": "entity"}
# Which lists of an expectation are read; another is a mistake in the file, or a newer format.
_LISTS = {
    "relevantBeliefs": ("mustInclude", "mustExclude", "shouldInclude", "shouldOnlyInclude"),
    "pinnedFacts": ("mustInclude", "mustExclude"),
    "openQuestions": ("mustInclude", "mustExclude"),
    "noiseCheck": ("mustNotSurface",),
}


class Belief(NamedTuple):
    """A belief that is seeded.  ``participants`` are the beliefs that one of type ``relation`` connects."""

    user: str
    kind: str
    entry: Entry
    participants: tuple[str, ...] = ()


class Case(NamedTuple):
    """A probe: what is asked, within which scopes, with which budget, and what is expected of each tier.

    ``session`` is the conversation that a turn belongs to, empty for a case of its own.  ``unmapped`` is what the
    case has that nothing in Memtrace answers to; ``creates`` is what is stored after the turn.
    """

    name: str
    category: str
    user: str
    scopes: tuple[str, ...]
    query: str
    most: int
    expected: Mapping[str, Mapping[str, tuple[str, ...]]]
    unmapped: tuple[str, ...] = ()
    session: str = ""
    creates: Belief | None = None


class Suite(NamedTuple):
    """The whole benchmark; ``digest`` is the SHA-256 of the digests of its files."""

    digest: str
    beliefs: tuple[Belief, ...]
    cases: tuple[Case, ...]


def load(path: str | os.PathLike[str]) -> Suite:
    """The benchmark in the folder `path`.

    Raises:
        DataError: a file is missing, broken, or something else.
    """
    if not Path(path).is_dir():
        raise DataError(path, "this is no folder.", _ADVICE)
    files = [opened(path, name, _ADVICE) for name in (_BELIEFS, _CASES, _SESSIONS)]
    beliefs, cases, sessions = (field for field, _ in files)
    digest = hashlib.sha256("".join(digest for _, digest in files).encode()).hexdigest()
    every = [*map(_case, cases.items()), *(turn for session in sessions.items() for turn in _turns(session))]
    return Suite(digest, tuple(map(_belief, beliefs.items())), tuple(every))


def scope_tag(scope: str) -> str:
    """A scope as a tag: Memtrace takes no colon in those."""
    return scope.replace(":", ".")


def _belief(field: Field) -> Belief:
    kind = field["type"].text()
    aliases, participants = field.get("aliases"), field.get("participants")
    # As the benchmark gives it to every store that it compares: names, aliases and the reason, too.
    names = [field["canonical_name"].text(), *(aliases.texts() if aliases else [])]
    why = field.get("why_it_matters")
    content = " ".join(filter(None, [*names, field["content"].text(), why.text() if why else ""]))
    marks = {"pinned": field["pinned"].value is True, "resolved": field.get("resolved_at")}
    marks["superseded"] = field.get("superseded_by")
    tags = (*map(scope_tag, field["scope"].texts()), *(mark for mark, there in marks.items() if there))
    user, memory_type = field["user_id"].text(), _MEMORY_TYPES.get(kind, "")
    at = _moment(field["created_at"])
    entry = Entry(field["_id"].text(), at, "assistant", content, "", tags, memory_type, kind)
    return Belief(user, kind, entry, tuple(participants.texts() if participants else ()))


def _moment(field: Field) -> int:
    try:
        return moment(field.text())
    except ClockError as error:
        raise field.wrong(str(error)) from None


def _case(field: Field) -> Case:
    budget, user = field.get("budget"), field.get("userId")
    most = budget.get("maxBeliefs") if budget else None
    expect = field["expect"]
    return Case(
        field["caseId"].text(),
        field["category"].text(),
        user.text() if user else _USER,
        tuple(field["scope"].texts()),
        field["query"].text(),
        most.whole() if most else 20,
        _expected(expect),
        tuple(name for name in expect.mapping() if name not in _LISTS),
    )


def _turns(session: Field) -> Iterator[Case]:
    name = session["caseId"].text()
    for field in session["turns"].items():
        created, expect = field.get("createBeliefAtTurn"), field["expect"]
        unmapped = [name for name in expect.mapping() if name not in _LISTS]
        if field.get("updateBeliefAtTurn"):
            unmapped.append("updateBeliefAtTurn")
        yield Case(
            f"{name}/{field['turnIndex'].whole()}",
            _SESSION_CATEGORY,
            _USER,
            tuple(field["scope"].texts()),
            field["userMessage"].text(),
            20,
            _expected(expect),
            tuple(unmapped),
            name,
            _belief(created) if created else None,
        )


def _expected(expect: Field) -> dict[str, dict[str, tuple[str, ...]]]:
    tiers = {tier: expect.get(tier) for tier in _LISTS}
    return {tier: dict(_lists(field, _LISTS[tier])) for tier, field in tiers.items() if field}


def _lists(field: Field, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((name, tuple(listed.texts())) for name in names if (listed := field.get(name)) is not None)
