"""Every behaviour in which the released server and its documentation differ, by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from ..clock import duration
from ..errors import UnknownName

__all__ = ["ATTRIBUTES", "PRESETS", "Attribute", "Dialect"]

PRESETS = ("0.2.0", "documented")


class Attribute(NamedTuple):
    """One difference: its name, its value in each preset, and what it is about.

    ``also`` are further values that no preset uses.
    """

    name: str
    released: str | int
    documented: str | int
    meaning: str
    also: tuple[str | int, ...] = ()

    @property
    def values(self) -> tuple[str | int, ...]:
        """The values it can take."""
        return tuple(dict.fromkeys((self.released, self.documented, *self.also)))

    def check(self, value: object) -> str | int:
        """`value`, if this attribute can take it; else UnknownName."""
        for known in self.values:
            if known == value and type(known) is type(value):
                return known
        raise UnknownName(f"value of {self.name}", value, map(str, self.values))


class Span(Attribute):
    """An attribute that is a time span: ``"100ms"``, a timedelta, or microseconds."""

    def check(self, value: object) -> int:
        """`value` in microseconds; ClockError when it is no span."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        return duration(value if isinstance(value, (str, timedelta)) else str(value))


ATTRIBUTES: dict[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        Attribute("memory_id", "hidden", "shown", "whether a memory has a memory_id on the wire"),
        Attribute("memory_lookup", "content", "memory_id", "what GET /memories/{id} compares the id with"),
        Attribute("content_match", "exact_case", "any_case", "how content_contains compares letters"),
        Attribute("tag_match", "substring", "whole", "whether part of the joined tags is enough to match a tag"),
        Attribute("max_importance", "ignored", "honoured", "the max_importance of a search"),
        Attribute("offset", "ignored", "honoured", "the offset of a search"),
        Attribute("search_default_limit", 50, 100, "how many results a search gives that asks for no number"),
        Attribute("limit_over_1000", "default", "clamped", "whether a limit over 1000 becomes the default or 1000"),
        Attribute("has_more", "page_full", "more_exist", "what has_more says about a list"),
        Attribute("relative_units", "mhd", "mhdw", "the units of a relative time: minutes, hours, days, weeks"),
        Attribute("context_line", "hint", "content", "a context line: time, event type and 80 bytes, or the content"),
        Attribute("context_headings", "released", "documented", "the headings that memories are grouped under"),
        Attribute("context_scope", "session", "agent", "whether a context goes on to the agent's earlier memories"),
        Attribute("context_window", "24h", "everything", "how far a context goes back that asks for no time"),
        Attribute("context_options", "ignored", "honoured", "ISO since, until, order, exclude_types of a context"),
        Attribute("max_tokens", "ignored", "honoured", "whether a context drops its oldest lines to fit max_tokens"),
        Attribute("session_agent", "registered_id", "any", "which agent_id a session can be created for"),
        Attribute("session_update_metadata", "replaced", "merged", "what becomes of a session's metadata in a PUT"),
        Attribute("unknown_session", "tolerated", "not_found", "an unknown session: PUT 400, context 200; or both 404"),
        Attribute("error_body", "text", "code", "an error's JSON: its text, or a code and a message"),
        Attribute("bad_filter", 500, 400, "the status of a filter value of bad form"),
        Attribute("write_buffer", "buffered", "none", "whether a memory waits in a buffer before it is found"),
        Attribute("invalid_batch", "stops", "refused", "whether what precedes an invalid memory of a batch is stored"),
        Attribute("object_ids", "id", "both", "whether agents and sessions repeat their id as agent_id and session_id"),
        Span("visibility_delay", 0, 0, "how long a flushed memory stays unseen in Arc's own buffer, in microseconds"),
        Attribute("sql_guard", "off", "off", "whether Arc's query guard misreads texts as SQL commands", ("on",)),
    )
}


class Dialect:
    """Which Memtrace the fake is: ``"0.2.0"``, the released server, or ``"documented"``.

    Immutable; equal when every attribute is.  :data:`ATTRIBUTES` says what each one means and
    which values it takes.

    Raises:
        UnknownName: no such preset.
    """

    name: str
    memory_id: str
    memory_lookup: str
    content_match: str
    tag_match: str
    max_importance: str
    offset: str
    search_default_limit: int
    limit_over_1000: str
    has_more: str
    relative_units: str
    context_line: str
    context_headings: str
    context_scope: str
    context_window: str
    context_options: str
    max_tokens: str
    session_agent: str
    session_update_metadata: str
    unknown_session: str
    error_body: str
    bad_filter: int
    write_buffer: str
    invalid_batch: str
    object_ids: str
    visibility_delay: int
    sql_guard: str

    def __init__(self, preset: str | Dialect = "0.2.0") -> None:
        if isinstance(preset, Dialect):
            self.__dict__.update(preset.__dict__)
            return
        if preset not in PRESETS:
            raise UnknownName("dialect", preset, PRESETS)
        column = "documented" if preset == "documented" else "released"
        self.__dict__.update({name: getattr(attribute, column) for name, attribute in ATTRIBUTES.items()})
        self.__dict__["name"] = preset

    def replace(self, **changes: Any) -> Dialect:
        """A copy with `changes`, such as ``context_scope="agent"``; its name tells them.

        Raises:
            UnknownName: no such attribute, or not a value of it.
            ClockError: a visibility_delay that is no time span.
        """
        copy = Dialect(self)
        for name, value in changes.items():
            if name not in ATTRIBUTES:
                raise UnknownName("dialect attribute", name, ATTRIBUTES)
            copy.__dict__[name] = ATTRIBUTES[name].check(value)
        copy.__dict__["name"] = copy._described()
        return copy

    def _described(self) -> str:
        base = "documented" if self.name.startswith("documented") else "0.2.0"
        preset = Dialect(base)
        changed = [f"{name}={value}" for name, value in self.values().items() if preset.values()[name] != value]
        return ", ".join([base, *changed])

    def values(self) -> dict[str, str | int]:
        """Every attribute and its value."""
        return {name: self.__dict__[name] for name in ATTRIBUTES}

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Dialect cannot be changed. Use dialect.replace({name}={value!r}), which gives a copy.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Dialect cannot be changed, and {name!r} cannot be taken from it.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialect) and self.values() == other.values()

    def __hash__(self) -> int:
        return hash(tuple(self.values().values()))

    def __repr__(self) -> str:
        return f"<Dialect {self.name}>"
