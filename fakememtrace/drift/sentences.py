"""The sentences that a developer needs, and the facts below them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from ..clock import moment, rfc3339
from ..memory.dialect import ATTRIBUTES
from .showing import CUT, HINT_BYTES, Showing
from .side import Call

__all__ = ["aspect", "fact", "given_in", "headline", "named", "question", "summary"]

_LONGEST = 160
# Where what a behaviour means is not the whole of it, or more than what happened.
_HEADLINES = {
    ("tag_match", "memory"): (
        "Your agent filters by a tag: on 0.2.0 it is also shown what has that text only as a part of its tags."
    ),
    ("content_match", "memory"): (
        "Your agent searches for a text: on 0.2.0 it does not find what is written with other capitals."
    ),
    ("context_line", "wording"): (
        "Your agent shows Claude its context: each line begins with a time and a type on 0.2.0, "
        "and has nothing but the memory in the documentation."
    ),
    ("context_headings", "wording"): (
        "Your agent shows Claude its context: its headings are Decisions Made, Errors and Other on 0.2.0, "
        "and Decisions, Entities and Session in the documentation."
    ),
    ("context_scope", "decision"): (
        "Your agent logs a decision without a session: on 0.2.0 no session's context ever shows it."
    ),
    ("context_scope", "earlier"): (
        "Your agent reads the context of its session: on 0.2.0 nothing of its earlier sessions is in it."
    ),
    ("context_window", "empty"): (
        "Your agent comes back to a session after more than 24 hours: "
        "on 0.2.0 its context is empty unless it says since."
    ),
    ("context_window", "older"): (
        "Your agent reads its context without saying since: on 0.2.0 what is older than 24 hours is not in it."
    ),
}


def headline(behaviours: Sequence[str], how: str) -> str:
    """The sentence for behaviours that make one difference together; the first of them says it."""
    first = behaviours[0]
    return _HEADLINES.get((first, how)) or ATTRIBUTES[first].meaning


def named(name: str, first: Any, second: Any) -> dict[str, Any]:
    """A behaviour with its values on both sides."""
    return {"name": name, "first": first, "second": second, "meaning": ATTRIBUTES[name].meaning}


def aspect(name: str, row: Mapping[str, Any], shown: Showing) -> str:
    """Which of the sentences of a behaviour goes with that memory."""
    if name == "context_scope":
        if row.get("memory_type") == "decision" and not row.get("session_id"):
            return "decision"
        return "earlier" if shown.forms else "empty"
    if name == "context_window":
        return "older" if shown.forms else "empty"
    return "memory"


def fact(name: str, row: Mapping[str, Any], call: Call) -> str:
    """What of the memory and of the question makes the difference."""
    facts = {
        "context_line": _cut,
        "context_scope": _session,
        "context_window": _age,
        "content_match": _text,
        "tag_match": _tags,
    }
    return facts[name](row, call) if name in facts else ""


def question(call: Call) -> str:
    """What a call asks for: the parameters of its URL, or its body."""
    given = given_in(call)
    text = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in given.items())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def given_in(call: Call) -> dict[str, Any]:
    """The arguments of a call."""
    try:
        body = json.loads(call.request.body) if call.request.body else {}
    except ValueError:
        body = {}
    return {**dict(parse_qsl(call.request.query)), **(body if isinstance(body, dict) else {})}


def summary(shown: Showing) -> str:
    """What an answer shows, in a few words."""
    if not shown.is_ok:
        return f"answers {shown.status}: {', '.join(sorted(shown.pieces))}"
    if not shown.forms:
        return "an empty context" if shown.is_context else "no memory"
    cut = sum(form == CUT for form in shown.forms.values())
    count = "1 memory" if len(shown.forms) == 1 else f"{len(shown.forms)} memories"
    return f"{count}, {cut} of them cut" if cut else count


def _cut(row: Mapping[str, Any], _: Call) -> str:
    content = row["content"]
    encoded = content.encode("utf-8", "replace")
    kept = len(encoded[:HINT_BYTES].decode("utf-8", "ignore"))
    return f"the first {HINT_BYTES} of its {len(encoded)} bytes; lost: {_quoted(content[kept:])}"


def _session(row: Mapping[str, Any], _: Call) -> str:
    session = row.get("session_id")
    return f"stored in another session, {session}" if session else "stored in no session"


def _age(row: Mapping[str, Any], call: Call) -> str:
    hours = (call.at - moment(row["time"])) / 3_600_000_000
    edge = rfc3339(call.at - 24 * 3600 * 1_000_000)
    return f"stored {hours:.1f} h before; the window begins at {edge}"


def _text(_: Mapping[str, Any], call: Call) -> str:
    wanted = given_in(call).get("content_contains")
    return f"searched for {_quoted(str(wanted))}" if wanted else ""


def _tags(row: Mapping[str, Any], call: Call) -> str:
    wanted = given_in(call).get("tags")
    asked = wanted.split(",") if isinstance(wanted, str) else wanted or []
    return f"tagged {', '.join(row.get('tags') or [])}; asked for {', '.join(map(str, asked))}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
