"""What a tool takes: JSON schemas that a model reads, and in words what is wrong with what it gave."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...errors import did_you_mean, listed

__all__ = [
    "Arguments",
    "Schema",
    "amount",
    "choice",
    "choices",
    "problems",
    "share",
    "table",
    "text",
    "texts",
]

Schema = dict[str, Any]

MEMORY_TYPES = ("episodic", "decision", "entity", "session")
# So much of a wrong value is repeated.
_SHOWN = 80


class Arguments(NamedTuple):
    """The arguments of a tool by name, in the order of its documentation, and which of them must be given."""

    schemas: Mapping[str, Schema]
    required: tuple[str, ...]

    def schema(self) -> Schema:
        """All of them as one JSON schema."""
        return {
            "type": "object",
            "properties": dict(self.schemas),
            "required": list(self.required),
            "additionalProperties": False,
        }


def text(description: str, default: str | None = None) -> Schema:
    """A text."""
    return _schema({"type": "string"}, description, default)


def texts(description: str) -> Schema:
    """A list of texts."""
    return _schema({"type": "array", "items": {"type": "string"}}, description)


def choice(description: str, default: str | None = None) -> Schema:
    """A type of memories."""
    return _schema({"type": "string", "enum": list(MEMORY_TYPES)}, description, default)


def choices(description: str) -> Schema:
    """Types of memories."""
    return _schema({"type": "array", "items": {"type": "string", "enum": list(MEMORY_TYPES)}}, description)


def share(description: str) -> Schema:
    """A number from 0 to 1."""
    return _schema({"type": "number", "minimum": 0, "maximum": 1}, description)


def amount(description: str, default: int | None = None) -> Schema:
    """A whole number that is not negative."""
    return _schema({"type": "integer", "minimum": 0}, description, default)


def table(description: str) -> Schema:
    """Pairs of names and any values."""
    return _schema({"type": "object"}, description)


def problems(arguments: Arguments, given: Mapping[str, Any]) -> list[str]:
    """What is wrong with the arguments that were `given`: a sentence for each that is missing, unknown or wrong."""
    missing = [
        f"{name} is missing; expected {_words(arguments.schemas[name])}."
        for name in arguments.required
        if name not in given
    ]
    return [*missing, *filter(None, (_problem(arguments, name, value) for name, value in given.items()))]


def _problem(arguments: Arguments, name: str, value: Any) -> str:
    if name not in arguments.schemas:
        known = arguments.schemas
        return f"there is no argument {name!r}.{did_you_mean(name, known)} Known: {listed(known)}."
    schema = arguments.schemas[name]
    # It comes with the SDK.
    if importlib.import_module("jsonschema").Draft202012Validator(schema).is_valid(value):
        return ""
    candidate = did_you_mean(value, schema.get("enum", ()))
    leave_out = " Leave it out instead." if value is None and name not in arguments.required else ""
    return f"{name} is {_shown(value)}; expected {_words(schema)}.{candidate}{leave_out}"


def _words(schema: Schema) -> str:
    """What a schema takes."""
    match schema:
        case {"enum": names}:
            return f"{', '.join(names[:-1])} or {names[-1]}"
        case {"items": items}:
            return f"a list of {_words(items)}" if "enum" in items else "a list of strings"
        case {"maximum": most, "minimum": least}:
            return f"a number from {least} to {most}"
        case {"minimum": least}:
            return f"a whole number from {least} on"
    return "an object" if schema["type"] == "object" else "a string"


def _shown(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}..."


def _schema(what: Schema, description: str, default: str | int | None = None) -> Schema:
    schema = {**what, "description": description}
    return schema if default is None else {**schema, "default": default}
