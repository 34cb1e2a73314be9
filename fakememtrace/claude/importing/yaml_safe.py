"""YAML from strangers: read as plain values, nothing executed, nothing that grows without end."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from ...errors import UsageError
from .bodies import MOST
from .broken import Broken

__all__ = ["load"]

_DEEPEST = 100
_PYTHON = "tag:yaml.org,2002:python/"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
# A file in memory: its state is what is in it, the place where it is read on, and what was set on it.
_FILES = ("BytesIO", "StringIO")
_NUMBERS = ("bool", "complex", "float", "int", "long", "none")
# What PyYAML raises when a value is not what its tag says, beside its own errors.
_MISTAGGED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_ADVICE = "Correct the file there, or leave it out."


def load(text: str) -> Any:
    """The value that `text` stands for.

    Tags of Python objects, and all that YAML itself has not, are read as the plain value that they are on; a date
    stays a text, and ``<<`` is a key like any other.

    Raises:
        Broken: it is not YAML, is nested more than 100 deep, refers to itself, or is more than 64 MB with
            every alias written out.
        UsageError: PyYAML is not installed.
    """
    yaml = _yaml()
    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        try:
            return _loaded(yaml, fast, text)
        except (yaml.YAMLError, *_MISTAGGED):
            # The other one reads a little more, and says the same everywhere of what it cannot read.
            pass
    try:
        return _loaded(yaml, yaml.SafeLoader, text)
    except yaml.YAMLError as error:
        raise _not_yaml(error) from None
    except _MISTAGGED:
        raise Broken("", "a value in this YAML is not what its tag says.", _ADVICE) from None


def _yaml() -> Any:
    try:
        return import_module("yaml")
    except ImportError:
        raise UsageError(
            "reading YAML needs PyYAML, which is not installed. Install it with: pip install 'fakememtrace[yaml]'"
        ) from None


def _loaded(yaml: Any, base: Any, text: str) -> Any:
    _check(yaml, yaml.parse(text, Loader=base))
    return yaml.load(text, Loader=_loader(base))


def _check(yaml: Any, events: Iterable[Any]) -> None:
    """Refuse what would be too deep, endless or too much, before any of it is made."""
    size = 0
    sizes: dict[str, int] = {}
    around: list[tuple[str | None, int]] = []
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in around):
                raise Broken(_place(event.start_mark), f"*{event.anchor} is inside of what it stands for.", _ADVICE)
            size += sizes.get(event.anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            size += len(event.value) + 1
            sizes[event.anchor] = len(event.value) + 1
        elif isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, size))
            if len(around) > _DEEPEST:
                raise Broken(_place(event.start_mark), f"this is nested more than {_DEEPEST} deep.", _ADVICE)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = around.pop()
            size += 1
            if anchor:
                sizes[anchor] = size - before
        if size > MOST:
            problem = f"with every alias written out this is more than {MOST // 1024**2} MB."
            raise Broken(_place(event.start_mark), problem, _ADVICE)


def _loader(base: Any) -> Any:
    """A safe loader that reads unknown tags as plain values."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag != _TIMESTAMP]
        for first, known in base.yaml_implicit_resolvers.items()
    }
    plain = {"yaml_implicit_resolvers": resolvers, "flatten_mapping": _unmerged}
    loader: Any = type("PlainLoader", (base,), plain)
    loader.add_multi_constructor(_PYTHON, _python)
    loader.add_constructor(None, _plain)
    return loader


def _unmerged(loader: Any, node: Any) -> None:
    """No mapping is merged into another: with a few of them inside each other that never ends."""


def _python(loader: Any, name: str, node: Any) -> Any:
    """What a tag of a Python object is on: ``!!python/tuple [a]`` is ``[a]``."""
    if node.id == "scalar" and name in _NUMBERS:
        return loader.yaml_constructors[loader.resolve(type(node), node.value, (True, False))](loader, node)
    value = _plain(loader, node)
    if name == "bytes" and isinstance(value, str):
        return base64.b64decode(value)
    if not name.startswith("object"):
        return value
    state = value.get("state") if isinstance(value, dict) and name.rpartition(".")[2] in _FILES else None
    if isinstance(state, list) and state:
        return state[0]
    given = value.get("args", value) if isinstance(value, dict) else value
    # A text in a class of its own, such as the header names of multidict.
    return given[0] if isinstance(given, list) and len(given) == 1 else value


def _plain(loader: Any, node: Any) -> Any:
    if node.id == "scalar":
        return loader.construct_scalar(node)
    if node.id == "sequence":
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


def _not_yaml(error: Any) -> Broken:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    position = getattr(error, "position", None)
    place = _place(mark) if mark else f"character {position + 1}" if isinstance(position, int) else ""
    return Broken(place, f"this is not YAML: {problem}.", _ADVICE)


def _place(mark: Any) -> str:
    return f"line {mark.line + 1} column {mark.column + 1}"
