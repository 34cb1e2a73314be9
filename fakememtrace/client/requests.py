"""The request models: what a call says, checked before it is sent.

A call takes its request as the model, as a plain dict, or as keyword arguments; ``None``
stands for what is not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar, TypeVar

from ..errors import UnknownName, listed
from .exceptions import InvalidRequest
from .kinds import MemoryType, Order, check

__all__ = [
    "AddMemoryRequest",
    "ContextOptions",
    "CreateSessionRequest",
    "ListOptions",
    "Model",
    "RegisterAgentRequest",
    "RequestModel",
    "SearchQuery",
    "SessionQuery",
    "given",
]

Model = TypeVar("Model", bound="RequestModel")


class RequestModel:
    """Base of the request models.

    Raises:
        UnknownName: there is no such field.
        InvalidRequest: a value is not of its field's kind.
    """

    # In what our model is more than the released SDK's: fields of its own, and fields that may be left out.
    added: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, **values: Any) -> RequestModel:
        """Refuse names that are no fields, in more words than Python does."""
        for name in values:
            if name not in _fields(cls):
                raise UnknownName(f"field of {cls.__name__}", name, _fields(cls))
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for field in _fields(type(self)).values():
            value = getattr(self, field.name)
            if value is not None or not _may_be_none(field):
                check(f"{field.name} of {type(self).__name__}", str(field.type), value)

    def as_json(self) -> dict[str, Any]:
        """The fields that were given."""
        values = ((name, getattr(self, name)) for name in _fields(type(self)))
        return {name: value for name, value in values if value is not None}

    def features(self, method: str) -> tuple[str, ...]:
        """What the SDK's model does not allow and this one uses, as calls of `method`."""
        sent = self.as_json()
        used = [f"{method}({name})" for name in self.added if name in sent]
        return (*used, *(f"{method} without {name}" for name in self.optional if name not in sent))


@dataclass(frozen=True, kw_only=True)
class AddMemoryRequest(RequestModel):
    """A memory to store; ``importance`` is from 0 to 1."""

    optional: ClassVar[tuple[str, ...]] = ("memory_type", "event_type")

    agent_id: str
    content: str
    session_id: str | None = None
    memory_type: MemoryType | None = None
    event_type: str | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] | None = None
    dedup_key: str | None = None
    importance: float | None = None
    parent_id: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.importance is not None and not 0 <= self.importance <= 1:
            raise InvalidRequest(
                f"importance of AddMemoryRequest is {self.importance!r}. Expected a number from 0 to 1."
            )


@dataclass(frozen=True, kw_only=True)
class ListOptions(RequestModel):
    """Which memories to list; ``tags`` are separated by commas."""

    agent_id: str | None = None
    session_id: str | None = None
    memory_type: str | None = None
    event_type: str | None = None
    tags: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int | None = None
    offset: int | None = None
    order: Order | None = None


@dataclass(frozen=True, kw_only=True)
class SearchQuery(RequestModel):
    """Which memories to find."""

    added: ClassVar[tuple[str, ...]] = ("max_importance", "offset")

    agent_id: str | None = None
    session_id: str | None = None
    memory_types: list[str] | None = None
    event_types: list[str] | None = None
    tags: list[str] | None = None
    content_contains: str | None = None
    since: str | None = None
    until: str | None = None
    min_importance: float | None = None
    max_importance: float | None = None
    limit: int | None = None
    offset: int | None = None
    order: Order | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterAgentRequest(RequestModel):
    """An agent to register."""

    name: str
    description: str | None = None
    config: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class CreateSessionRequest(RequestModel):
    """A session to start."""

    agent_id: str
    metadata: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class ContextOptions(RequestModel):
    """What a session's context is made of."""

    added: ClassVar[tuple[str, ...]] = ("exclude_types", "until", "order")

    max_tokens: int | None = None
    include_types: list[str] | None = None
    exclude_types: list[str] | None = None
    since: str | None = None
    until: str | None = None
    order: Order | None = None


@dataclass(frozen=True, kw_only=True)
class SessionQuery(RequestModel):
    """Which sessions to find: those whose ``metadata`` contains every given pair; newest first unless ``asc``."""

    agent_id: str | None = None
    metadata: dict[str, Any] | None = None
    status: str | None = None
    order: Order | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.limit is not None and self.limit < 1:
            raise InvalidRequest(f"limit of SessionQuery is {self.limit!r}. Expected a whole number from 1 on.")


def given(model: type[Model], method: str, value: object, keywords: Mapping[str, Any]) -> tuple[Model, tuple[str, ...]]:
    """What the caller of `method` asks for, and what of it the released SDK does not have.

    `value` is the model, a dict, or None when there are `keywords`.  A model of the SDK
    (anything with a ``model_dump``) is taken as well.

    Raises:
        InvalidRequest: it is something else, it is both, or a field is missing or wrong.
        UnknownName: there is no such field.
    """
    if value is not None and keywords:
        raise InvalidRequest(
            f"{method} was given {type(value).__name__} and the keywords {listed(keywords)}. Give it one of the two."
        )
    if isinstance(value, model):
        return value, value.features(method)
    if hasattr(value, "model_dump"):
        return _made(model, value.model_dump(exclude_none=True)), ()
    if value is None:
        request, way = _made(model, keywords), f"{method}(keywords)"
    elif isinstance(value, Mapping):
        request, way = _made(model, value), f"{method}(dict)"
    else:
        raise InvalidRequest(
            f"{method} was given {type(value).__name__}. Expected {model.__name__}(...), a dict, or keyword arguments."
        )
    return request, (way, *request.features(method))


def _made(model: type[Model], values: Mapping[str, Any]) -> Model:
    missing = [name for name, field in _fields(model).items() if not _may_be_none(field) and values.get(name) is None]
    for name in values:
        if name not in _fields(model):
            raise UnknownName(f"field of {model.__name__}", name, _fields(model))
    if missing:
        raise InvalidRequest(f"{model.__name__} needs {listed(missing)}. Given: {listed(values)}.")
    return model(**values)


def _fields(model: type[RequestModel]) -> dict[str, Field[Any]]:
    return {field.name: field for field in fields(model)}  # type: ignore[arg-type]


def _may_be_none(field: Field[Any]) -> bool:
    return field.default is not MISSING
