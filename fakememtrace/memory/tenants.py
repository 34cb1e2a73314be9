"""Orgs and their keys."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from ..clock import Clock, Ids
from ..errors import UnknownName, UsageError
from .dialect import Dialect
from .directory import Directory
from .refusal import Refusal
from .store import MemoryStore

__all__ = ["FIRST_ORG", "Key", "Org", "Tenants"]

FIRST_ORG = "org_default"
_ARC = ("reachable", "unreachable", "none")


class Org(NamedTuple):
    """An organization and everything it has."""

    id: str
    directory: Directory
    store: MemoryStore


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


class Tenants:
    """All orgs, and the keys that open them."""

    def __init__(self, clock: Clock, ids: Ids, dialect: Dialect) -> None:
        self._clock, self._ids, self._dialect = clock, ids, dialect
        self._orgs: dict[str, Org] = {}
        self._keys: dict[str, Key] = {}

    def add_org(self, org_id: str, arc: str = "reachable") -> Org:
        """A new org; `arc` is ``"reachable"``, ``"unreachable"`` or ``"none"``."""
        if arc not in _ARC:
            raise UnknownName("arc", arc, _ARC)
        if org_id in self._orgs:
            raise UsageError(f"there is an org {org_id!r} already. Give the new one another id.")
        directory = Directory(org_id, self._clock, self._ids, self._dialect)
        store = MemoryStore(org_id, self._clock, self._ids, self._dialect, arc)
        return self._orgs.setdefault(org_id, Org(org_id, directory, store))

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
        key = Key(text or self._new_text(), org.id, expires_at, enabled, permissions)
        self._keys[key.text] = key
        return key.text

    def org(self, org_id: str) -> Org:
        """The org with that id; UnknownName when there is none."""
        try:
            return self._orgs[org_id]
        except KeyError:
            raise UnknownName("org", org_id, self._orgs) from None

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
        if key is None or not key.enabled or self._is_over(key):
            raise Refusal(401, "invalid API key")
        return self._orgs[key.org_id]

    def _is_over(self, key: Key) -> bool:
        return key.expires_at is not None and self._clock.micros() >= key.expires_at

    def _new_text(self) -> str:
        secret = hashlib.sha256(self._ids.next("key_").encode()).digest()
        return "mtk_" + base64.urlsafe_b64encode(secret).decode().rstrip("=")


def _bearer(value: str) -> str:
    return value[7:] if len(value) > 7 and value.startswith("Bearer ") else value
