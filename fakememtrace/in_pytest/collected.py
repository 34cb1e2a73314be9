"""The tests that are marked, when they are found: what their markers say wrong is an error of the collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import UsageError
from .dialects import DIALECT, give_world, one_dialect
from .markers import CASSETTE, WORLD, said
from .overridden import is_overridden

__all__ = ["refused"]


def refused(items: Iterable[Any]) -> str:
    """Give each of these tests a world, whether it asks for one or not; what is wrong with one that is misused."""
    for item in items:
        # Most have one already, those of unittest have not.
        give_world(item)
        try:
            said(item, CASSETTE)
            if "dialect" in said(item, WORLD) and not is_overridden(item, DIALECT):
                one_dialect(item, None)
        except UsageError as error:
            return str(error)
    return ""
