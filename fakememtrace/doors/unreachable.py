"""What is raised where a socket would leave this machine."""

from __future__ import annotations

import errno
from typing import Any

from ..errors import NetworkRefused

__all__ = ["UNREACHABLE", "SocketRefused"]

# What a machine without a network says.
UNREACHABLE = errno.ENETUNREACH


class SocketRefused(NetworkRefused, OSError):
    """A socket that would have left this machine.

    It is an OSError as well, so that a program which survives an unreachable host survives this one; and since
    some libraries show nothing of an error but its ``strerror``, the words are there too.
    """

    def __init__(self, problem: str) -> None:
        OSError.__init__(self, UNREACHABLE, problem)

    def __str__(self) -> str:
        # Without the number, which would stand before the words.
        return str(self.strerror)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self),)
