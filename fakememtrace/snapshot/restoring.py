"""From checked values to the orgs of a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..claude.fake import FakeClaude
from ..clock import Clock, Ids
from ..errors import UsageError
from ..faults.faults import Faults
from ..memory.dialect import Dialect
from ..memory.fake import FakeMemtrace
from ..memory.records import Memory
from ..memory.tenants import FIRST_ORG, Org, Tenants, org_id_of
from .orgs import Made, Maker, in_time
from .reading import Place

__all__ = ["Plan", "planned", "put_back"]

_PEOPLE = ("agents", "sessions", "memories")


class Founding(NamedTuple):
    """An org of a plan: its id, its checked values, what was made of them, and where that stands."""

    id: str
    value: Mapping[str, Any]
    made: Made
    place: Place


class Plan(NamedTuple):
    """A snapshot that can be put back: everything in it was checked.

    Times are in microseconds since 1970; ``faults`` are what :meth:`Faults.replace` takes.
    """

    place: Place
    dialect: Dialect
    start: int
    now: int
    counts: dict[str, int]
    taken: frozenset[str]
    orgs: list[Founding]
    played: list[int]
    faults: list[dict[str, Any]]


def planned(value: Mapping[str, Any], source: str, dialect: Dialect | None, start: int) -> Plan:
    """The plan of a checked snapshot.

    `dialect` comes before the snapshot's; `start` is for a seed that has none.

    Raises:
        SnapshotError: a record in it cannot be.
    """
    place = Place(source)
    speaks = dialect or _dialect(place["dialect"], value.get("dialect", {"preset": "0.2.0"}))
    start = value.get("start", start)
    ids = Ids()
    ids.restore(value.get("ids", {}), _said(org for _, _, org in _orgs(place, value)))
    maker = Maker(ids, speaks, value.get("clock", start))
    orgs = [Founding(org_id, org, maker.made(where, org_id, org), where) for where, org_id, org in _orgs(place, value)]
    for org in orgs:
        in_time(org.place, org.made, maker.now)
    played = value.get("claude", {}).get("played", [])
    return Plan(place, speaks, start, maker.now, ids.counts(), ids.taken, orgs, played, value.get("faults", []))


def put_back(
    plan: Plan, clock: Clock, ids: Ids, memory: FakeMemtrace, claude: FakeClaude, faults: Faults, api_key: str
) -> None:
    """Let a world with these parts be as `plan` says; `api_key` opens the first org in any case.

    Raises:
        SnapshotError: the plan contradicts itself, or does not go with the world's cassette; nothing was changed.
    """
    missing = claude.missing(plan.played)
    if missing:
        raise plan.place["claude"]["played"].wrong(
            f"interaction {missing[0]} was played, and this world's cassette has none of that number.",
            "Open the world with the cassette that it was taken with.",
        )
    now, counts, taken = clock.micros(), ids.counts(), ids.taken
    try:
        tenants = Tenants(clock, ids, plan.dialect, memory.tenants.lock)
        for founding in plan.orgs:
            _found(founding, plan, tenants, clock, ids, api_key)
        _set_faults(plan, faults, tenants)
    except BaseException:
        _set(clock, ids, now, counts, taken)
        raise
    memory.become(tenants, plan.dialect, plan.start)
    claude.rewind(plan.played)
    _set(clock, ids, plan.now, plan.counts, plan.taken)


def _set_faults(plan: Plan, faults: Faults, tenants: Tenants) -> None:
    try:
        faults.replace(plan.faults, tenants.ids)
    except UsageError as problem:
        raise plan.place["faults"].wrong(str(problem)) from None


def _said(orgs: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The ids that `orgs` say, which no other record may be given."""
    items = (
        item for org in orgs for kind in ("agents", "sessions", "memories", "waiting") for item in org.get(kind, ())
    )
    return frozenset(item["id"] for item in items if item.get("id"))


def _set(clock: Clock, ids: Ids, now: int, counts: Mapping[str, int], taken: frozenset[str] = frozenset()) -> None:
    """Let the clock stand at `now`, and let so many ids have been given out, and those that are `taken`."""
    clock.restore(now)
    ids.restore(counts, taken)


def _dialect(place: Place, value: Mapping[str, Any]) -> Dialect:
    try:
        return Dialect(value["preset"]).replace(**{name: value[name] for name in value if name != "preset"})
    except UsageError as problem:
        raise place.wrong(str(problem)) from None


def _orgs(place: Place, value: Mapping[str, Any]) -> Iterator[tuple[Place, str, Mapping[str, Any]]]:
    """Each org: its place, its id and its values; the first org is there whatever is said of it."""
    at_the_top = {name: value[name] for name in _PEOPLE if name in value}
    given = {}
    for number, org in enumerate(value.get("orgs", ())):
        where = place["orgs"][number]
        org_id = _org_id(where, org)
        if org_id in given or (org_id == FIRST_ORG and at_the_top):
            raise where.wrong(f"the org {org_id!r} is there already.", "Say all of an org in one place.")
        given[org_id] = (where, org_id, org)
    if FIRST_ORG not in given:
        yield place, FIRST_ORG, at_the_top
    yield from given.values()


def _org_id(place: Place, org: Mapping[str, Any]) -> str:
    try:
        return org_id_of(org.get("name", ""))
    except UsageError as problem:
        raise place["name"].wrong(str(problem)) from None


def _found(founding: Founding, plan: Plan, tenants: Tenants, clock: Clock, ids: Ids, api_key: str) -> None:
    value, made = founding.value, founding.made
    # The phase of its write buffer goes by the moment at which an org was founded.
    _set(clock, ids, value.get("founded_at", plan.start), {})
    org = tenants.add_org(founding.id)
    _give_keys(founding, tenants, api_key)
    for agent in made.agents:
        org.directory.adopt_agent(agent)
    for session in made.sessions:
        org.directory.adopt_session(session)
    _store(org, founding, plan, clock, ids)
    org.waiting.extend(made.waiting)
    org.late_until.update(value.get("late_until", {}))
    org.flushed_at = list(value.get("flushed_at", ()))
    org.arc = value.get("arc", True)


def _give_keys(founding: Founding, tenants: Tenants, api_key: str) -> None:
    taken = {key.text for org in tenants.orgs() for key in org.keys}
    for number, key in enumerate(founding.value.get("keys", ())):
        if not key.get("key") or key["key"] in taken:
            raise founding.place["keys"][number].wrong(f"{key.get('key', '')!r} is no key, or one of another org.")
        tenants.add_key(
            founding.id,
            key["key"],
            expires_at=key.get("expires_at"),
            enabled=key.get("enabled", True),
            permissions=key.get("permissions", "read,write"),
        )
    own = [key.text for key in tenants.keys_of(founding.id)]
    if founding.id == FIRST_ORG and api_key not in own:
        tenants.add_key(FIRST_ORG, api_key)
    elif not own:
        tenants.add_key(founding.id)


def _store(org: Org, founding: Founding, plan: Plan, clock: Clock, ids: Ids) -> None:
    """Put the memories in, those that no query finds yet by the way they came: written, and flushed in between."""
    memories, delay = founding.made.memories, plan.dialect.visibility_delay
    found = len(memories) - founding.made.unfound
    for memory in memories[:found]:
        org.store.adopt(memory)
    _set(clock, ids, plan.now - delay, {})
    org.store.flush()
    again: list[tuple[int, Memory | None]] = [(memory.time, memory) for memory in memories[found:]]
    again += [(at, None) for at in founding.value.get("flushed_at", ())]
    # At one time the flush comes first: a write moves the clock on.
    for at, written in sorted(again, key=lambda event: (event[0], event[1] is not None)):
        if written is not None:
            org.store.adopt(written)
        else:
            _set(clock, ids, at, {})
            org.store.flush()
