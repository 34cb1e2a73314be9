"""``import memtrace`` as the documentation means it: the name stands for this client instead of the released SDK."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["standing_in"]

_NAME = "memtrace"
# Where the SDK keeps what its package shows, as far as programs import from there.
_SUBMODULES = ("exceptions",)
_CLIENT = __name__.rpartition(".")[0]


@contextmanager
def standing_in() -> Iterator[ModuleType]:
    """Let ``import memtrace`` give the client of the documentation until the end of the block.

    A program that is run meanwhile finds it in whatever way it imports; what was imported before keeps
    what it has.
    """
    before = {name: module for name, module in sys.modules.items() if _is_of(name)}
    for name in before:
        del sys.modules[name]
    module = _module()
    sys.modules[_NAME] = module
    for name in _SUBMODULES:
        sys.modules[f"{_NAME}.{name}"] = getattr(module, name)
    try:
        yield module
    finally:
        for name in [name for name in sys.modules if _is_of(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_of(name: str) -> bool:
    return name == _NAME or name.startswith(f"{_NAME}.")


def _module() -> ModuleType:
    """A module called ``memtrace`` that has what the client shows, and says of what it has not."""
    client = importlib.import_module(_CLIENT)
    module = ModuleType(_NAME, client.__doc__)
    # No package: what is not below is not found in the SDK either, by mistake.
    module.__dict__.update({name: getattr(client, name) for name in client.__all__})
    module.__dict__.update({name: importlib.import_module(f"{_CLIENT}.{name}") for name in _SUBMODULES})
    module.__dict__["__file__"] = client.__file__
    module.__dict__["__all__"] = list(client.__all__)
    module.__dict__["__getattr__"] = _missing
    return module


def _missing(name: str) -> object:
    if name.startswith("__"):
        raise AttributeError(f"module {_NAME!r} has no attribute {name!r}")
    from ..errors import did_you_mean

    known = importlib.import_module(_CLIENT).__all__
    raise AttributeError(
        f"the client that the documentation of Memtrace describes has no {name!r}.{did_you_mean(name, known)} "
        "A program for the released SDK runs with --client sdk."
    )
