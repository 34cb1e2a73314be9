"""What may stand in a case file: the steps and reads there are, and the fields that each of them takes."""

from __future__ import annotations

from typing import Any

__all__ = ["CASE", "DATASET", "MEASURES", "PROBE", "READS", "VERBS", "Kind"]

Kind = tuple[type, ...]

_TEXT: Kind = (str,)
_TEXTS: Kind = (list,)
_WHOLE: Kind = (int,)
_NUMBER: Kind = (int, float)
_TABLE: Kind = (dict,)
_ANY: Kind = (str, int, float, list, dict)

CASE: dict[str, Kind] = {
    "name": _TEXT,
    "title": _TEXT,
    "why": _TEXT,
    "says": _TABLE,
    "history": _TEXTS,
    "probes": _TEXTS,
    "over": _TABLE,
    "start": _TEXT,
    "fault": _TABLE,
    "claude": _TEXT,
}
# What may stand in a table [[dataset]].
DATASET: dict[str, Kind] = {
    "name": _TEXT,
    "title": _TEXT,
    "why": _TEXT,
    "set": _TEXT,
    "plans": _TEXTS,
    "dialects": _TEXTS,
    "metric": _TEXT,
    "k": _WHOLE,
    "by": _TEXT,
    "baseline": _TEXT,
}
_WHO: dict[str, Kind] = {"agent": _TEXT, "session": _TEXT, "org": _TEXT}
_STORED: dict[str, Kind] = {
    **_WHO,
    "memory_type": _TEXT,
    "event_type": _TEXT,
    "tags": _TEXTS,
    "importance": _NUMBER,
    "dedup_key": _TEXT,
    "metadata": _TABLE,
    "parent": _TEXT,
    "before": _WHOLE,
    "after": _WHOLE,
    "filler": _TEXT,
}
# The verbs of steps: what stands at the verb itself, and what may stand beside it.
VERBS: dict[str, tuple[Kind, dict[str, Kind]]] = {
    "register": (_TEXT, {"org": _TEXT}),
    "open": (_TEXT, {"agent": _TEXT, "org": _TEXT, "metadata": _TABLE}),
    "close": (_TEXT, {"org": _TEXT}),
    "update": (_TEXT, {"org": _TEXT, "status": _TEXT, "metadata": _TABLE}),
    "store": (_TEXT, _STORED),
    "note": (_TEXT, {**_STORED, "times": _WHOLE}),
    "batch": (_TEXTS, _STORED),
    "remember": (_TEXT, {"agent": _TEXT, "org": _TEXT}),
    "decide": (_TEXT, {"agent": _TEXT, "org": _TEXT, "reasoning": _TEXT}),
    "advance": (_TEXT, {}),
    "move_to": (_TEXT, {}),
    "age": (_TEXT, {"of": _TEXT}),
    "flush": (_TEXT, {}),
    "talk": ((str, list), {"agent": _TEXT, "session": _TEXT, "reads": _TABLE}),
}
_WINDOW: dict[str, Kind] = {"since": _TEXT, "until": _TEXT, "order": _TEXT, "limit": _WHOLE}
_EQUAL: dict[str, Kind] = {"memory_type": _TEXT, "event_type": _TEXT}
_ROWS = {**_WHO, **_WINDOW, **_EQUAL}
# The reads, and the parameters that each takes; agent, session and org are names that the case gave.
READS: dict[str, dict[str, Kind]] = {
    "list": {**_ROWS, "tags": _TEXTS, "offset": _WHOLE},
    "search": {
        **_WHO,
        **_WINDOW,
        "memory_types": _TEXTS,
        "event_types": _TEXTS,
        "tags": _TEXTS,
        "content_contains": _TEXT,
        "min_importance": _NUMBER,
        "max_importance": _NUMBER,
        "offset": _WHOLE,
    },
    "context": {
        **_WHO,
        **_WINDOW,
        "max_tokens": _WHOLE,
        "include_types": _TEXTS,
        "exclude_types": _TEXTS,
    },
    "agent": _ROWS,
    "session": _ROWS,
    "lookup": {"org": _TEXT, "of": _TEXT, "id": _TEXT},
    "stats": {"agent": _TEXT, "org": _TEXT},
    "chain": {"agent": _TEXT, "org": _TEXT, "since": _TEXT},
    "request": {"talk": _WHOLE},
    "answer": {
        "talk": _WHOLE,
        "words": _TEXTS,
        "any_of": _TEXTS,
        "forbidden": _TEXTS,
        "rubric": _TEXT,
    },
}
# What can be measured, in words for people.
MEASURES = {
    "recall": "share of the wanted facts that came back",
    "facts": "which facts came back, in this order",
    "count": "number of memories in the answer",
    "status": "HTTP status of the answer",
    "leaks": "number of memories of others in the answer",
    "attributed": "share of the wanted facts that came back with the name or id of who said them",
    "intact": "share of the wanted facts that came back with all the fields that they were stored with",
    "sections": "headings under which the wanted facts stand",
    "tokens": "tokens of what was read (4 characters are one)",
    "answered": "whether the answer has the expected words and none of the forbidden ones",
    "verdict": "verdict of a judge, as recorded",
}
PROBE: dict[str, Kind] = {
    "name": _TEXT,
    "read": _TEXT,
    "measure": _TEXT,
    "wants": _TEXTS,
    "each": _TABLE,
    "between": _TEXTS,
    "both": _ANY,
    "0.2.0": _ANY,
    "documented": _ANY,
}
WORDS: dict[Any, str] = {
    _TEXT: "a text",
    _TEXTS: "a list",
    _WHOLE: "a whole number",
    _NUMBER: "a number",
    _TABLE: "a table",
    (str, list): "a text or a list of texts",
    _ANY: "a value",
}
