"""Every behaviour in which the released server and its documentation differ, by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from ..clock import duration
from ..errors import UnknownName, UsageError

__all__ = ["ATTRIBUTES", "PRESETS", "Attribute", "Dialect"]

PRESETS = ("0.2.0", "documented")


class Attribute(NamedTuple):
    """One difference: its name, its value in each preset, and what it means for an agent.

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
            if str(known) == str(value):
                raise UsageError(f"{self.name} is {value!r}. Expected a number, {known}, and not a text.")
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
        Attribute(
            "memory_id",
            "hidden",
            "shown",
            "Your agent stores a memory and wants to name it later: on 0.2.0 the answer has no id that it could keep.",
        ),
        Attribute(
            "memory_lookup",
            "content",
            "memory_id",
            "Your agent asks for one memory by id: 0.2.0 gives the newest whose content contains the id, else a 404.",
        ),
        Attribute(
            "content_match",
            "exact_case",
            "any_case",
            'Your agent searches for "dark mode": on 0.2.0 it does not find "Dark mode", nor does a lookup by content.',
        ),
        Attribute(
            "tag_match",
            "substring",
            "whole",
            'Your agent filters by the tag "prod": on 0.2.0 it is also shown what is tagged "products".',
        ),
        Attribute(
            "max_importance",
            "ignored",
            "honoured",
            "Your agent searches for what is unimportant: on 0.2.0 it is shown the important memories, too.",
        ),
        Attribute(
            "offset",
            "ignored",
            "honoured",
            "Your agent pages through a search: on 0.2.0 every page is the first one, and a loop may never end.",
        ),
        Attribute(
            "search_default_limit",
            50,
            100,
            "Your agent searches without a limit: this many memories are all that it sees.",
        ),
        Attribute(
            "limit_over_1000",
            "default",
            "clamped",
            "Your agent asks for 5,000 memories: on 0.2.0 it is given the default number, not the 1,000 that are most.",
        ),
        Attribute(
            "has_more",
            "page_full",
            "more_exist",
            "Your agent reads on while has_more: on 0.2.0 it asks once too often when the last page is exactly full.",
        ),
        Attribute(
            "relative_units",
            "mhd",
            "mhdw",
            'Your agent looks back "2w": on 0.2.0 a list or search fails with a 500, and a context is of 24 hours.',
        ),
        Attribute(
            "context_line",
            "hint",
            "content",
            "Your agent reads its context: on 0.2.0 it sees the first 80 bytes of each memory, and no more.",
        ),
        Attribute(
            "context_headings",
            "released",
            "documented",
            "Your agent's prompt names headings: Decisions Made, Errors and Other, or Decisions, Entities and Session.",
        ),
        Attribute(
            "context_scope",
            "session",
            "agent",
            "Your agent asks a new session for context: on 0.2.0 that is always empty, whatever it learned before.",
        ),
        Attribute(
            "context_window",
            "24h",
            "everything",
            "Your agent comes back to a session after the weekend: on 0.2.0 its context is empty unless it says since.",
        ),
        Attribute(
            "context_options",
            "ignored",
            "honoured",
            "Your agent asks for a context since a date, until, in order, or without a type: 0.2.0 ignores all of it.",
        ),
        Attribute(
            "max_tokens",
            "ignored",
            "honoured",
            "Your agent limits its context to its budget: on 0.2.0 the prompt grows past it all the same.",
        ),
        Attribute(
            "session_agent",
            "registered_id",
            "any",
            "Your agent starts a session under its name, or before it is registered: on 0.2.0 that is a 400.",
        ),
        Attribute(
            "session_update_metadata",
            "replaced",
            "merged",
            "Your agent adds a pair to a session's metadata: on 0.2.0 all other pairs are gone.",
        ),
        Attribute(
            "unknown_session",
            "tolerated",
            "not_found",
            "Your agent mistypes a session's id: on 0.2.0 the context is empty, and closing it is a 400.",
        ),
        Attribute(
            "error_body",
            "text",
            "code",
            "Your agent reads an error: the text is under error on 0.2.0, and under message with a code beside it.",
        ),
        Attribute(
            "bad_filter",
            500,
            400,
            'Your agent lists since "yesterday": on 0.2.0 that looks like a broken server, and no retry helps.',
        ),
        Attribute(
            "write_buffer",
            "buffered",
            "none",
            "Your agent stores the same sentence twice in a second: on 0.2.0 both are kept, and its stats lag behind.",
        ),
        Attribute(
            "invalid_batch",
            "stops",
            "refused",
            "Your agent stores a batch with a bad memory: on 0.2.0 those before it are stored, for all the 500.",
        ),
        Attribute(
            "object_ids",
            "id",
            "both",
            "Your agent reads agent_id of an agent or session_id of a session: on 0.2.0 there is only id.",
        ),
        Span(
            "visibility_delay",
            0,
            0,
            "Your agent stores a memory and searches at once: for this many microseconds Arc does not find it.",
        ),
        Attribute(
            "sql_guard",
            "off",
            "off",
            'Your agent searches by tags and a text with a word such as "set": when on, Arc takes it for SQL (500).',
            ("on",),
        ),
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
        preset = Dialect(base).values()
        changed = [f"{name}={value}" for name, value in self.values().items() if preset[name] != value]
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
