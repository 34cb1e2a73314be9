"""Orgs and their keys."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from ..clock import Clock, Ids, duration, moment
from ..errors import ClockError, UnknownName, UsageError
from .dialect import Dialect
from .directory import Directory
from .records import Agent, Memory, Session
from .refusal import Refusal
from .store import MemoryStore

__all__ = ["FIRST_ORG", "Key", "Org", "Tenants", "org_id_of"]

FIRST_ORG = "org_default"
_Store = TypeVar("_Store", bound=MemoryStore)
_ARC: dict[bool | str, str] = {True: "reachable", "down": "unreachable", False: "none"}
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}")
# The server's buffer gives up its oldest rows beyond this many.
_MOST_WAITING = 10_000


class Key(NamedTuple):
    """An API key of an org.

    ``expires_at`` is in microseconds since 1970, None for never.  ``permissions`` are kept and,
    as on the real server, enforced by no route.
    """

    text: str
    org_id: str
    expires_at: int | None = None
    enabled: bool = True
    permissions: str = "read,write"


class Org:
    """An organization and everything it has; :meth:`fakememtrace.World.org` makes one.

    ``waiting`` are the memories that were written while Arc was down, ``late_until`` says when
    those that a fault holds back are found (by memory_id), ``flushed_at`` when reads and batches
    flushed what Arc does not show yet.  Times are in microseconds since 1970.
    """

    def __init__(self, org_id: str, tenants: Tenants, directory: Directory, store: MemoryStore) -> None:
        self.id, self.directory, self.store = org_id, directory, store
        self.founded_at = store.now()
        self.flushed_at: list[int] = []
        self.waiting: deque[Memory] = deque(maxlen=_MOST_WAITING)
        self.late_until: dict[str, int] = {}
        self._tenants = tenants

    @property
    def name(self) -> str:
        """What :meth:`fakememtrace.World.org` calls it: the id without ``org_``."""
        return self.id.removeprefix("org_")

    @property
    def keys(self) -> list[Key]:
        """All its keys, in the order they were made."""
        with self._tenants.lock:
            return self._tenants.keys_of(self.id)

    @property
    def api_key(self) -> str:
        """The key it was made with."""
        return self.keys[0].text

    def new_key(self, expires: str | timedelta | datetime | None = None, enabled: bool = True) -> str:
        """One more key.

        `expires` is a span from now (``"1h"``, a timedelta) or a moment (ISO 8601 with a time zone, an
        aware datetime); without it the key does not expire.

        Raises:
            ClockError: `expires` is neither.
        """
        with self._tenants.lock:
            return self._tenants.add_key(self.id, expires_at=self._tenants.moment_of(expires), enabled=enabled)

    def disable(self, key: str) -> None:
        """Let `key` open nothing any more; UnknownName when it is no key of this org."""
        with self._tenants.lock:
            self._tenants.disable(self.id, key)

    @property
    def arc(self) -> bool | str:
        """Its Arc: True, ``"down"`` (configured and out of reach), or False (none configured: 503).

        While Arc is down, what is written waits in the server, and nothing can be read; once it is
        there again, what waited is stored.
        """
        return next(shown for shown, arc in _ARC.items() if arc == self.store.arc)

    @arc.setter
    def arc(self, value: bool | str) -> None:
        with self._tenants.lock:
            self.store.arc = _arc(value)
            while self.waiting and self.store.arc == "reachable":
                self.store.adopt(self.waiting.popleft())

    def agents(self) -> list[Agent]:
        """Its agents, in order of creation."""
        return self.directory.agents()

    def sessions(self) -> list[Session]:
        """Its sessions, in order of creation."""
        return self.directory.sessions()

    def memories(self) -> list[Memory]:
        """Its memories, in order of creation, also those that no query finds yet."""
        with self._tenants.lock:
            return [*self.store.rows, *self.waiting]

    @property
    def unsettled(self) -> bool:
        """Whether a request needs more than its store: Arc is down, slow or not there, or memories are held back."""
        return self.store.arc != "reachable" or bool(self.late_until) or self.store.dialect.visibility_delay > 0

    def flushed(self) -> None:
        """Note that the write buffer was flushed; only with a visibility_delay, it makes a difference later on."""
        rows, seen = self.store.rows, self.store.seen()
        now = self.store.now()
        earliest = rows[seen].time if seen < len(rows) else now + 1
        self.flushed_at = [at for at in (*self.flushed_at, now) if at >= earliest]

    def __repr__(self) -> str:
        return f"<Org {self.id}>"


class Tenants:
    """All orgs, and the keys that open them.

    ``lock`` is held while a request is answered; what changes an org from outside takes it, too.
    """

    def __init__(
        self, clock: Clock, ids: Ids, dialect: Dialect, lock: AbstractContextManager[Any] | None = None
    ) -> None:
        self.lock = lock or threading.RLock()
        self._clock, self._ids, self._dialect = clock, ids, dialect
        # What a query sees of a list of memories, whatever buffer they came through.
        self._unbuffered = dialect.replace(visibility_delay=0)
        self._orgs: dict[str, Org] = {}
        self._keys: dict[str, Key] = {}

    def named(self, name: str, arc: bool | str | None = None) -> Org:
        """The org called `name`, made with a key of its own if there is none yet.

        `arc` is set where it is given; a new org has one unless told otherwise.  The id is ``org_``
        and the name; an id does for a name.

        Raises:
            UsageError: no such name can be.
            UnknownName: `arc` is neither True, False nor ``"down"``.
        """
        org_id = org_id_of(name)
        if arc is not None:
            _arc(arc)
        org = self._orgs.get(org_id) or self.add_org(org_id)
        if not org.keys:
            self.add_key(org_id)
        if arc is not None:
            org.arc = arc
        return org

    def add_org(self, org_id: str, arc: str = "reachable") -> Org:
        """A new org without a key; `arc` is ``"reachable"``, ``"unreachable"`` or ``"none"``."""
        if arc not in _ARC.values():
            raise UnknownName("arc", arc, _ARC.values())
        if org_id in self._orgs:
            raise UsageError(f"there is an org {org_id!r} already. Give the new one another id.")
        directory = Directory(org_id, self._clock, self._ids, self._dialect)
        store = MemoryStore(org_id, self._clock, self._ids, self._dialect, arc)
        return self._orgs.setdefault(org_id, Org(org_id, self, directory, store))

    def add_key(
        self,
        org_id: str,
        text: str = "",
        *,
        expires_at: int | None = None,
        enabled: bool = True,
        permissions: str = "read,write",
    ) -> str:
        """Give the org a key; its text, which is made up unless given.  A text that is there already is replaced."""
        org = self.org(org_id)
        key = Key(text or self._new_text(org.id), org.id, expires_at, enabled, permissions)
        self._keys[key.text] = key
        return key.text

    def disable(self, org_id: str, text: str) -> None:
        """Disable a key of the org; UnknownName when it has none of that text."""
        own = {key.text: key for key in self.keys_of(org_id)}
        if text not in own:
            raise UnknownName(f"key of {org_id}", text, own)
        self._keys[text] = own[text]._replace(enabled=False)

    def org(self, org_id: str) -> Org:
        """The org with that id; UnknownName when there is none."""
        try:
            return self._orgs[org_id]
        except KeyError:
            raise UnknownName("org", org_id, self._orgs) from None

    def orgs(self) -> list[Org]:
        """All orgs, in the order they were made."""
        return list(self._orgs.values())

    def ids(self) -> list[str]:
        """The ids of all orgs, in the order they were made."""
        return list(self._orgs)

    def keys_of(self, org_id: str) -> list[Key]:
        """The org's keys, in the order they were made."""
        return [key for key in self._keys.values() if key.org_id == org_id]

    def moment_of(self, expires: str | timedelta | datetime | None) -> int | None:
        """When something expires, in microseconds since 1970: None, a span from now, or a moment."""
        if expires is None:
            return None
        if isinstance(expires, timedelta) or (isinstance(expires, str) and expires[4:5] != "-"):
            try:
                return self._clock.micros() + duration(expires)
            except ClockError as problem:
                raise ClockError(f'{problem} A moment does as well, such as "2026-02-07T12:00:00Z".') from None
        return moment(expires)

    def arcs(self) -> dict[str, bool]:
        """For every org that has an Arc: whether it is reachable."""
        arcs = {org.id: org.store.arc for org in self._orgs.values()}
        return {org_id: arcs[org_id] == "reachable" for org_id in sorted(arcs) if arcs[org_id] != "none"}

    def opened_by(self, headers: Mapping[str, str]) -> Org:
        """The org whose key is in `headers`; a 401 Refusal when none is."""
        text = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
        if not text:
            raise Refusal(401, "missing API key")
        key = self._keys.get(text)
        if key is None or not key.enabled or (key.expires_at is not None and self._clock.micros() >= key.expires_at):
            raise Refusal(401, "invalid API key")
        return self._orgs[key.org_id]

    def store_of(self, org_id: str, memories: list[Memory]) -> MemoryStore:
        """A store of that org which holds just these memories (in order of time), all of them found."""
        return self.store_as(MemoryStore, org_id, memories)

    def store_as(self, kind: type[_Store], org_id: str, memories: list[Memory]) -> _Store:
        """The same, of some `kind` of store."""
        store = kind(org_id, self._clock, self._ids, self._unbuffered)
        for memory in memories:
            store.adopt(memory)
        store.flush()
        return store

    def _new_text(self, org_id: str) -> str:
        # By the org and not by a count of all keys, so that an org's keys are the same in every world.
        number = len(self.keys_of(org_id)) + 1
        secret = hashlib.sha256(f"{org_id} {number}".encode()).digest()
        return "mtk_" + base64.urlsafe_b64encode(secret).decode().rstrip("=")


def org_id_of(name: str) -> str:
    """The id of the org called `name`, which may be an id itself; UsageError when no org can be called that."""
    org_id = f"org_{name.removeprefix('org_')}" if isinstance(name, str) else ""
    if not _NAME.fullmatch(org_id[4:]):
        raise UsageError(
            f"{name!r} cannot be the name of an org. Expected 1 to 64 letters, digits, hyphens and underscores, "
            "the first one a letter or a digit."
        )
    return org_id


def _arc(value: bool | str) -> str:
    for shown, arc in _ARC.items():
        if value is shown or (isinstance(value, str) and value == shown):
            return arc
    raise UnknownName("arc", value, ("True", "False", "down"))


def _bearer(value: str) -> str:
    return value[7:] if len(value) > 7 and value.startswith("Bearer ") else value
