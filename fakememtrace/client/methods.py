"""From a call to a method: both clients take theirs from ``calls``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from ..errors import UnknownName
from .calls import Call

__all__ = ["dressed", "strict"]

Method = TypeVar("Method", bound=Callable[..., Any])
Given = ParamSpec("Given")
Result = TypeVar("Result")

_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)


def strict(call: Callable[Given, Call[Result]]) -> Callable[Given, Call[Result]]:
    """`call`, which refuses a misspelt keyword with the nearest one."""
    parameters = inspect.signature(call).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return call

    def checked(*args: Given.args, **kwargs: Given.kwargs) -> Call[Result]:
        for name in kwargs:
            if name not in parameters:
                raise UnknownName(f"keyword of {call.__name__}", name, parameters)
        return call(*args, **kwargs)

    return checked


def dressed(method: Method, call: Callable[..., Call[Any]], owner: str) -> Method:
    """`method` of the class `owner`, which sends `call`, with its name, its words and its parameters."""
    signature = inspect.signature(call)
    result = str(signature.return_annotation).removeprefix("Call[").removesuffix("]")
    shown = signature.replace(parameters=[_SELF, *signature.parameters.values()], return_annotation=result)
    method.__name__, method.__doc__ = call.__name__, call.__doc__
    method.__qualname__ = f"{owner}.{call.__name__}"
    method.__signature__ = shown  # type: ignore[attr-defined]
    return method
