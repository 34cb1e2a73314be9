"""Vector files -> vectors, or an error that names file, vector and field."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import UnknownName, UsageError, did_you_mean, listed
from .matching import ANSWER, MATCHERS
from .vector import DIALECTS, NEEDS, Advance, Send, Vector, fill, placeholders

__all__ = ["VECTORS", "VectorError", "chosen", "load", "read_file"]

VECTORS = Path(__file__).parent / "vectors"

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_KEPT = re.compile(r"[^ ]+(?: (?:none|[+-]\d\d:\d\d))?")
_METHOD = re.compile(r"[A-Z]+")
_FILE = {"contract": str, "about": str, "unobservable": dict, "vectors": list}
_VECTOR = {"id": str, "fact": str, "needs": list, "given": str, "attribute": str, "steps": list}
_SEND = {
    "send": str,
    "headers": dict,
    "json": object,
    "text": str,
    "latin1": str,
    "pad": int,
    "expect": dict,
    "keep": dict,
}
_KINDS: dict[str, dict[str, type]] = {
    "send": _SEND,
    "remember": {"remember": list},
    "advance": {"advance": str},
}
_BODIES = ("json", "text", "latin1")
_API = "/api/v1"
_GIVEN: dict[str, list[dict[str, Any]]] = {
    "agent": [
        {
            "send": f"POST {_API}/agents",
            "json": {"name": "{me}"},
            "expect": {"status": 201},
            "keep": {"agent": "id"},
        }
    ],
}
_GIVEN["session"] = [
    *_GIVEN["agent"],
    {
        "send": f"POST {_API}/sessions",
        "json": {"agent_id": "{agent}"},
        "expect": {"status": 201},
        "keep": {"session": "id"},
    },
]


class VectorError(UsageError):
    """A vector file that cannot be used: file, vector and field say where."""

    def __init__(self, path: Path, place: str, problem: str) -> None:
        self.path, self.place, self.problem = path, place, problem
        super().__init__(f"{path}, {place}: {problem}\nThe README beside the vectors describes what may stand there.")


def load(folder: Path = VECTORS) -> list[Vector]:
    """All vectors of a folder, in the order of the contract.

    Raises:
        VectorError: one of them is not as it should be.
    """
    vectors = [vector for path in sorted(folder.glob("*.json")) for vector in read_file(path)]
    return sorted(vectors, key=lambda vector: vector.contract)


def chosen(vectors: Iterable[Vector], names: Iterable[str]) -> list[Vector]:
    """Those whose id or section is among `names`; all when there are no names.

    Raises:
        UnknownName: a name that is neither.
    """
    vectors, wanted = list(vectors), list(names)
    for name in wanted:
        if not any(name in (vector.id, vector.section) for vector in vectors):
            raise UnknownName("section or vector", name, _near(name, vectors))
    return [vector for vector in vectors if not wanted or vector.id in wanted or vector.section in wanted]


def _near(name: str, vectors: Iterable[Vector]) -> set[str]:
    """What `name` may have meant: a vector of its section, or a section."""
    section = name.partition("/")[0]
    return {vector.id for vector in vectors if vector.section == section} or {vector.section for vector in vectors}


def read_file(path: Path) -> list[Vector]:
    """The vectors of one file; VectorError when one is not as it should be."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise VectorError(path, "the whole file", f"this is no readable JSON: {problem}") from None
    _check_fields(path, "the whole file", value, _FILE, ("contract", "about", "vectors"))
    vectors = [_vector(path, index, raw, value["contract"]) for index, raw in enumerate(value["vectors"])]
    _check_unique(path, vectors)
    return vectors


def _check_unique(path: Path, vectors: list[Vector]) -> None:
    seen: set[str] = set()
    for vector in vectors:
        if vector.id in seen:
            raise VectorError(path, f"vector {vector.id!r}", "there are two with this id. Give one of them another.")
        seen.add(vector.id)


def _check_fields(
    path: Path, place: str, value: object, fields: Mapping[str, type], required: Iterable[str] = ()
) -> None:
    if not isinstance(value, dict):
        raise VectorError(path, place, f"expected an object, found {_shown(value)}.")
    for name, given in value.items():
        if name not in fields:
            raise VectorError(
                path, place, f"unknown field {name!r}.{did_you_mean(name, fields)} Known: {listed(sorted(fields))}."
            )
        if not isinstance(given, fields[name]) or (fields[name] is int and isinstance(given, bool)):
            raise VectorError(path, f"{place}, {name}", f"expected {_WORDS[fields[name]]}, found {_shown(given)}.")
    for name in required:
        if name not in value:
            raise VectorError(path, place, f"the field {name!r} is missing.")


_WORDS = {str: "a text", dict: "an object", list: "a list", int: "a whole number"}


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _vector(path: Path, index: int, raw: Any, contract: str) -> Vector:
    name = raw.get("id", index + 1) if isinstance(raw, dict) else index + 1
    place = f"vector {name!r}"
    _check_fields(path, place, raw, _VECTOR, ("id", "fact", "steps"))
    if not _SLUG.fullmatch(raw["id"]):
        raise VectorError(path, f"{place}, id", "expected small letters, digits and hyphens.")
    for need in raw.get("needs", []):
        _known(path, f"{place}, needs", need, NEEDS)
    given = raw.get("given", "")
    if given:
        _known(path, f"{place}, given", given, _GIVEN)
    steps = {dialect: _steps(path, place, raw, dialect) for dialect in DIALECTS}
    needs, attribute = tuple(raw.get("needs", ())), raw.get("attribute", "")
    return Vector(f"{path.stem}/{raw['id']}", contract, raw["fact"], steps, needs, attribute)


def _known(path: Path, place: str, name: object, known: Collection[str]) -> None:
    if name not in known:
        raise VectorError(path, place, f"unknown {name!r}.{did_you_mean(name, known)} Known: {listed(sorted(known))}.")


def _steps(path: Path, place: str, raw: Mapping[str, Any], dialect: str) -> tuple[Send | Advance, ...]:
    if not raw["steps"]:
        raise VectorError(path, f"{place}, steps", "there is none, so nothing is checked.")
    variables = {"key", "me", "me128"} | {name for need in raw.get("needs", ()) for name in NEEDS[need].variables}
    built: list[Send | Advance] = []
    for number, step in enumerate([*_GIVEN.get(raw.get("given", ""), ()), *raw["steps"]], 1):
        where = f"{place}, step {number - len(_GIVEN.get(raw.get('given', ''), ()))}"
        steps = _step(path, where, _in_dialect(step, dialect))
        for one in steps:
            _check_variables(path, where, one, variables)
            variables |= set(one.keep) if isinstance(one, Send) else set()
        if any(isinstance(one, Advance) for one in steps) and "clock" not in raw.get("needs", ()):
            raise VectorError(path, where, 'it moves the clock, so the vector\'s needs must name "clock".')
        built += steps
    return tuple(built)


def _check_variables(path: Path, where: str, step: Send | Advance, known: set[str]) -> None:
    for name in placeholders(tuple(step)):
        if name not in known:
            raise VectorError(
                path, where, f"unknown variable {{{name}}}.{did_you_mean(name, known)} Known: {listed(sorted(known))}."
            )


def _in_dialect(value: Any, dialect: str) -> Any:
    """`value`, where an object with exactly the dialects' names as keys stands for the one of `dialect`."""
    if isinstance(value, dict):
        if set(value) == set(DIALECTS):
            return _in_dialect(value[dialect], dialect)
        return {key: _in_dialect(item, dialect) for key, item in value.items()}
    return [_in_dialect(item, dialect) for item in value] if isinstance(value, list) else value


def _step(path: Path, where: str, raw: Any) -> list[Send | Advance]:
    kind = next((kind for kind in _KINDS if isinstance(raw, dict) and kind in raw), None)
    if kind is None:
        raise VectorError(path, where, f"expected an object with one of {listed(_KINDS)}, found {_shown(raw)}.")
    _check_fields(path, where, raw, _KINDS[kind], ("send", "expect") if kind == "send" else ())
    if kind == "advance":
        return [Advance(raw["advance"])]
    return _remember(path, where, raw["remember"]) if kind == "remember" else [_send(path, where, raw)]


def _remember(path: Path, where: str, items: list[Any]) -> list[Send | Advance]:
    """One creation each, and a list that shows the last: from here on queries find them all."""
    if not items:
        raise VectorError(path, f"{where}, remember", "there is nothing to remember.")
    sends: list[Send | Advance] = []
    for item in items:
        if not isinstance(item, dict) or "content" not in item:
            raise VectorError(path, f"{where}, remember", f"expected fields with a content, found {_shown(item)}.")
        fields = {"agent_id": "{me}", **item}
        sends.append(Send("POST", f"{_API}/memories", {"status": 201}, body=fields, form="json"))
    seen = {"status": 200, "at": {"memories.0.content": fields["content"]}}
    return [*sends, Send("GET", f"{_API}/memories?agent_id={fields['agent_id']}&limit=1", seen)]


def _send(path: Path, where: str, raw: Mapping[str, Any]) -> Send:
    method, _, target = raw["send"].partition(" ")
    if not _METHOD.fullmatch(method) or not target.startswith("/"):
        raise VectorError(path, f"{where}, send", f"expected a method and a path, found {_shown(raw['send'])}.")
    bodies = [name for name in _BODIES if name in raw]
    if len(bodies) > 1:
        raise VectorError(path, where, f"there is one body, not {listed(bodies)}.")
    body = raw[bodies[0]] if bodies else ""
    if bodies == ["json"]:
        body = _spread(path, where, body)
    _check_expect(path, f"{where}, expect", raw["expect"])
    for name, source in raw.get("keep", {}).items():
        if not isinstance(source, str) or not _KEPT.fullmatch(source):
            raise VectorError(path, f"{where}, keep, {name}", f"expected a place, found {_shown(source)}.")
    headers, keep = raw.get("headers", {}), raw.get("keep", {})
    return Send(method, target, raw["expect"], headers, body, (*bodies, "text")[0], raw.get("pad", 0), keep)


def _spread(path: Path, where: str, value: Any) -> Any:
    """`value`, where ``{"$each": N, "of": X}`` stands for the list of N times X, its ``{n}`` counting from 0."""
    if isinstance(value, dict) and "$each" in value:
        _check_fields(path, where, value, {"$each": int, "of": object}, ("$each", "of"))
        return [fill(value["of"], {"n": str(number)}) for number in range(value["$each"])]
    if isinstance(value, dict):
        return {key: _spread(path, where, item) for key, item in value.items()}
    return [_spread(path, where, item) for item in value] if isinstance(value, list) else value


def _check_expect(path: Path, where: str, expect: Mapping[str, Any]) -> None:
    _check_fields(path, where, expect, ANSWER, ("status",))
    _check_matchers(path, where, expect)


def _check_matchers(path: Path, where: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_matchers(path, where, item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.startswith("$"):
                _known(path, where, name, MATCHERS)
            _check_matchers(path, where, item)
