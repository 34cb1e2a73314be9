"""``search_sessions``: the server lists sessions, the client picks."""

from __future__ import annotations

from typing import Any

from .notes import Note
from .requests import SessionQuery
from .values import Session, SessionList, noting, read

__all__ = ["found_sessions"]


def found_sessions(query: SessionQuery, data: Any, note: Note) -> SessionList:
    """Of the list `data`, which comes newest first, the sessions that `query` asks for."""
    found = [session for session in read(SessionList, data, note).sessions if _wanted(session, query)]
    found = (found[::-1] if query.order == "asc" else found)[: query.limit]
    return noting(SessionList(sessions=found, count=len(found)), note)


def _wanted(session: Session, query: SessionQuery) -> bool:
    has = session.metadata or {}
    pairs = (query.metadata or {}).items()
    return query.status in (None, session.status) and all(key in has and _same(has[key], value) for key, value in pairs)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; to Python, ``True`` is 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
