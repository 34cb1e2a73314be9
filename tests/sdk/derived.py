"""What an installed SDK has, read from the SDK itself: its methods, what each of them sends, its exceptions."""

from __future__ import annotations

import asyncio
import inspect
import json
import types
import typing
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

URL = "http://localhost:9100"
ID = "a_1"


class Sent(NamedTuple):
    """One request as it reached the transport."""

    method: str
    path: str
    query: str
    key: str
    content_type: str
    body: bytes

    @property
    def route(self) -> str:
        """Method and path, with ``{id}`` for the id."""
        return f"{self.method} {self.path.replace(ID, '{id}')}"

    def json(self) -> Any:
        """The body's value; None without a body."""
        return json.loads(self.body) if self.body else None


def public_methods(client: type) -> list[str]:
    """All that a client offers, but for closing it."""
    found = inspect.getmembers(client, inspect.isfunction)
    return sorted(name for name, _ in found if name[0] != "_" and name != "close")


def exceptions(module: types.ModuleType) -> list[str]:
    """The names of all exceptions that the SDK offers."""
    found = inspect.getmembers(module, inspect.isclass)
    return sorted(name for name, value in found if issubclass(value, Exception))


def models(module: types.ModuleType) -> dict[str, Any]:
    """The SDK's models by name."""
    found = inspect.getmembers(module, inspect.isclass)
    return {name: value for name, value in found if hasattr(value, "model_fields")}


def arguments(method: Callable[..., Any], everything: bool) -> list[Any]:
    """Arguments that `method` takes: what it needs, or `everything` that it and its models know."""
    hints = typing.get_type_hints(method)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    wanted = [parameter for parameter in parameters if everything or parameter.default is parameter.empty]
    return [_example(hints[parameter.name], everything) for parameter in wanted]


def _example(hint: Any, everything: bool) -> Any:
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _example(options[0], everything)
    if typing.get_origin(hint) is typing.Literal:
        return options[0]
    if typing.get_origin(hint) is list:
        return [_example(options[0], everything)]
    if typing.get_origin(hint) is dict:
        return {"k": 1}
    if hasattr(hint, "model_fields"):
        fields = {name: field for name, field in hint.model_fields.items() if everything or field.is_required()}
        return hint(**{name: _example(field.annotation, everything) for name, field in fields.items()})
    return {str: ID, int: 3, float: 0.5}[hint]


def sent(client: type, name: str, values: list[Any], /, **keywords: Any) -> Sent:
    """What the method `name` of a client sends for these arguments."""
    heard: list[Sent] = []

    def hear(request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = request.headers
        heard.append(Sent(request.method, path, query, headers["x-api-key"], headers["content-type"], request.read()))
        return httpx.Response(500, json={"error": "only listening"})

    made = client(URL, "mtk_test")
    kind = type(made._client)
    made._client = kind(base_url=URL, headers=made._client.headers, transport=httpx.MockTransport(hear))
    try:
        answer = getattr(made, name)(*values, **keywords)
        if inspect.isawaitable(answer):
            asyncio.run(_awaited(answer))
    except Exception as error:
        if str(error) != "only listening":
            raise
    (one,) = heard
    return one


async def _awaited(answer: Any) -> Any:
    return await answer
