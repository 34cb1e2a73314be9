"""Where each row of the contract's dialect table may be seen: the only differences between the dialects.

``SHOWS[attribute](route, one answer, the other)`` says whether the attribute explains that the
two answers differ.  ``SPLITS`` are the attributes that give two servers different pasts, once a
request to one of these routes was answered differently.
"""

from __future__ import annotations

from collections.abc import Callable

from fakememtrace.wire import Response

__all__ = ["SHOWS", "SPLITS"]

Shows = Callable[[str, Response, Response], bool]

CREATE, LOOKUP, SEARCH = "POST /api/v1/memories", "GET /api/v1/memories/{id}", "POST /api/v1/search"
LIST = "GET /api/v1/memories"
LISTS = (LIST, "GET /api/v1/agents/{id}/memories", "GET /api/v1/sessions/{id}/memories")
STATS, CONTEXT = "GET /api/v1/agents/{id}/stats", "POST /api/v1/sessions/{id}/context"
AGENTS = ("POST /api/v1/agents", "GET /api/v1/agents", "GET /api/v1/agents/{id}")
UPDATE = "PUT /api/v1/sessions/{id}"
SESSIONS = ("POST /api/v1/sessions", "GET /api/v1/sessions", "GET /api/v1/sessions/{id}", UPDATE)


def on(*routes: str) -> Shows:
    """The answers of these routes, whatever they are."""
    return lambda route, one, other: route in routes


def between_errors(*routes: str) -> Shows:
    """Both answers are errors, on these routes or on any."""
    return lambda route, one, other: one.status >= 400 and other.status >= 400 and (not routes or route in routes)


def between_successes(*routes: str) -> Shows:
    """Both answers are successes, on these routes."""
    return lambda route, one, other: one.status == other.status in (200, 201) and route in routes


SHOWS: dict[str, Shows] = {
    "memory_id": between_successes(CREATE, LOOKUP, SEARCH, *LISTS),
    "memory_lookup": on(LOOKUP),
    # The released lookup by content compares letters as a search does.
    "content_match": on(SEARCH, LOOKUP),
    "tag_match": between_successes(SEARCH, LIST),
    "max_importance": between_successes(SEARCH),
    "offset": between_successes(SEARCH),
    "search_default_limit": between_successes(SEARCH),
    "limit_over_1000": between_successes(SEARCH, *LISTS),
    "has_more": between_successes(*LISTS),
    "relative_units": on(SEARCH, CONTEXT, *LISTS),
    "context_line": between_successes(CONTEXT),
    "context_headings": between_successes(CONTEXT),
    "context_scope": between_successes(CONTEXT),
    "context_window": between_successes(CONTEXT),
    "context_options": on(CONTEXT),
    "max_tokens": between_successes(CONTEXT),
    "session_agent": on("POST /api/v1/sessions", "DELETE /api/v1/agents/{id}"),
    "session_update_metadata": between_successes(UPDATE),
    "unknown_session": on(UPDATE, CONTEXT),
    "error_body": between_errors(),
    "bad_filter": on(SEARCH, CONTEXT, STATS, *LISTS),
    "write_buffer": on(CREATE, STATS),
    "invalid_batch": between_errors(CREATE),
    "object_ids": between_successes(*AGENTS, *SESSIONS),
    # Until a memory is seen it is in no list, search, context, stats or dedup check.
    "visibility_delay": on(CREATE, LOOKUP, SEARCH, STATS, CONTEXT, *LISTS),
    "sql_guard": on(SEARCH, LIST),
}

# A read that is shown differently leaves both as they are; but one that is refused flushes no buffer.
WRITES = (CREATE, UPDATE, "POST /api/v1/sessions", "DELETE /api/v1/agents/{id}")
SPLITS: dict[str, tuple[str, ...]] = {
    "session_agent": WRITES,
    "session_update_metadata": WRITES,
    "write_buffer": WRITES,
    "invalid_batch": WRITES,
    "visibility_delay": WRITES,
    "bad_filter": (SEARCH, *LISTS),
}
