"""What a client raises: the errors of the server under the SDK's names, and requests that cannot be sent."""

from __future__ import annotations

from ..errors import UsageError

__all__ = [
    "AuthenticationError",
    "ConflictError",
    "InvalidRequest",
    "MemtraceError",
    "NoArcInstanceError",
    "NotFoundError",
]


class MemtraceError(Exception):
    """An answer of the server that is an error, or cannot be read.

    ``message`` is the server's text, ``status_code`` the HTTP status.
    """

    def __init__(self, message: str, status_code: int = 0) -> None:
        super().__init__(message)
        self.message, self.status_code = message, status_code


class AuthenticationError(MemtraceError):
    """401: no API key, or one that opens nothing."""

    def __init__(self, message: str = "Invalid or missing API key") -> None:
        super().__init__(message, 401)


class NotFoundError(MemtraceError):
    """404: there is none, at least not in this key's organization."""

    def __init__(self, message: str = "Resource not found") -> None:
        super().__init__(message, 404)


class ConflictError(MemtraceError):
    """409: it exists already, such as a duplicate memory."""

    def __init__(self, message: str = "Conflict") -> None:
        super().__init__(message, 409)


class NoArcInstanceError(MemtraceError):
    """503: the organization has no Arc instance to keep memories in."""

    def __init__(self, message: str = "no arc instance configured for this org") -> None:
        super().__init__(message, 503)


class InvalidRequest(UsageError, ValueError):
    """A request that was not sent, because no server could make sense of it."""
