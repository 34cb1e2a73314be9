"""A contract vector: one fact of the contract, and the requests that show whether a server keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["ALONE", "CONTROLLED", "DIALECTS", "NEEDS", "Advance", "Need", "Send", "Vector", "fill", "placeholders"]

DIALECTS = ("0.2.0", "documented")

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Need(NamedTuple):
    """What not every server can give: how it is called in a report, and the variables that come with it."""

    what: str
    variables: tuple[str, ...] = ()


NEEDS = {
    "arc_down": Need("a server whose Arc is unreachable"),
    "bare_org": Need("an org without an Arc instance", ("bare_key",)),
    "clock": Need("a clock that can be moved"),
    "default_org": Need("a key of the server's first org"),
    "disabled_key": Need("a key that was disabled", ("disabled_key",)),
    "expired_key": Need("a key that has expired", ("expired_key",)),
    "no_instances": Need("a server without any Arc instance"),
    "other_org": Need("a second org with a key", ("other_key",)),
    "read_key": Need("a key whose permissions are `read` alone", ("read_key",)),
    "still_clock": Need("a clock that stands still between two requests"),
    "utc_zone": Need("a server whose zone is UTC"),
}
# No word about a server gives these: the run must be able to move its clock.
CONTROLLED = ("clock", "still_clock")
# Where one of these is so, what does not need it differs.
ALONE = ("arc_down", "no_instances")


class Send(NamedTuple):
    """One request and what is expected of its answer; texts may hold ``{variables}``.

    ``target`` is path and query as they go on the wire.  A header of None is not sent, though it
    otherwise would be.  ``body`` is, by ``form``, a ``json`` value, a ``text``, or bytes as the
    characters of ``latin1``; of fewer than ``pad`` bytes it is filled up with spaces.  ``keep``
    takes values out of the answer: variable -> place.
    """

    method: str
    target: str
    expect: Mapping[str, Any]
    headers: Mapping[str, str | None] = {}
    body: Any = ""
    form: str = "text"
    pad: int = 0
    keep: Mapping[str, str] = {}

    @property
    def reads(self) -> bool:
        """Whether sending it again changes nothing."""
        return self.method in ("GET", "HEAD") or self.target.endswith(("/search", "/context"))


class Advance(NamedTuple):
    """Let ``span`` (``24h``) go by."""

    span: str


class Vector(NamedTuple):
    """One fact.

    ``id`` is the section and a name in it; ``contract`` the number of the contract's chapter;
    ``attribute`` the attribute of the dialect that the expectation depends on, if any;
    ``needs`` what the server must be able to give; ``steps`` are those of each dialect.
    """

    id: str
    contract: str
    fact: str
    steps: Mapping[str, tuple[Send | Advance, ...]]
    needs: tuple[str, ...] = ()
    attribute: str = ""

    @property
    def section(self) -> str:
        """The file it stands in."""
        return self.id.partition("/")[0]


def fill(value: Any, variables: Mapping[str, str]) -> Any:
    """`value` with every ``{variable}`` in its texts replaced; a name that is no variable stays."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: variables.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {fill(key, variables): fill(item, variables) for key, item in value.items()}
    return [fill(item, variables) for item in value] if isinstance(value, (list, tuple)) else value


def placeholders(value: Any) -> Iterator[str]:
    """The names of the ``{variables}`` in the texts of `value`."""
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for item in value.items():
            yield from placeholders(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from placeholders(item)
