"""The exceptions of fakememtrace, and the words they say.

Every message has the same four parts, in this order: what happened, what was expected, the
nearest candidate, what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "CallFailed",
    "CassetteError",
    "ClockError",
    "FakememtraceError",
    "NetworkRefused",
    "ProgramStopped",
    "ScenarioError",
    "SecretFound",
    "UnexpectedTraffic",
    "UnknownName",
    "UsageError",
    "did_you_mean",
    "listed",
    "nearest",
]

_MOST_FINDINGS = 10


class FakememtraceError(Exception):
    """Base of everything that fakememtrace raises.  ``exit_code`` is what the command ends with."""

    exit_code = 1


class UsageError(FakememtraceError):
    """The caller asked for something that cannot be; nothing was done."""

    exit_code = 2


class UnknownName(UsageError, LookupError):
    """A name that does not exist, with the nearest one that does."""

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        super().__init__(f"unknown {kind} {name!r}.{did_you_mean(name, self.known)} Known: {listed(self.known)}.")


class ClockError(UsageError, ValueError):
    """A time or a duration that cannot be read, or a clock asked to run backwards."""


class FileError(UsageError):
    """Something is wrong in a file: its path, the place in it, the problem, and what to do."""

    def __init__(self, path: object, problem: str, advice: str, place: str = "") -> None:
        self.path, self.place, self.problem, self.advice = str(path), place, problem, advice
        where = f"{path}, {place}" if place else f"{path}"
        super().__init__(f"{where}: {problem}\n{advice}")


class CassetteError(FileError):
    """A cassette that is missing, broken, or not a cassette of ours."""


class ScenarioError(FileError):
    """A scenario folder that cannot be run as it is."""


class NetworkRefused(FakememtraceError):
    """A request to a host that is neither faked nor on this machine.

    Inside a World it is also the HTTP library's own ``ConnectError``, so that a program which
    survives an unreachable host survives this one.
    """


class CallFailed(FakememtraceError):
    """The real API gave no whole answer while it was recorded.

    ``kind`` is how the HTTP libraries call that: ``ConnectTimeout``, ``ReadError``, ...  A program
    gets the exception of that name.
    """

    def __init__(self, kind: str, problem: str) -> None:
        self.kind, self.problem = kind, problem
        super().__init__(f"{kind}: {problem}" if problem else kind)


class UnexpectedTraffic(FakememtraceError, AssertionError):
    """What :meth:`fakememtrace.Journal.assert_clean` found."""


class SecretFound(FakememtraceError):
    """What was about to be written holds what looks like a secret; nothing was written.

    ``findings`` are kind, place and what can be shown of each; the secrets are not in here.
    """

    def __init__(self, where: str, findings: Sequence[tuple[str, str, str]]) -> None:
        self.where, self.findings = where, tuple(findings)
        count = len(findings)
        shown = [f"  {place or 'the text'}: {kind}, {masked}\n" for kind, place, masked in findings[:_MOST_FINDINGS]]
        more = f"  ... and {count - _MOST_FINDINGS} more\n" if count > _MOST_FINDINGS else ""
        super().__init__(
            f"{where}: {'1 text looks like a secret' if count == 1 else f'{count} texts look like secrets'}, "
            f"so nothing was written.\n{''.join(shown)}{more}"
            "Expected a recording that anybody may read.\n"
            "What to do: name a secret so that it is replaced, redact=[...] or --claude-redact, or take it out of "
            "what the program sends, such as its prompt; what is no secret, allow by its exact text, allow=[...]."
        )


class ProgramStopped(BaseException):
    """Ends a program under a scenario that went past a limit.

    Not an ``Exception``: SDKs and agents catch those and go on.
    """


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The entry of `known` that `name` most likely meant, or None."""
    found = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` or nothing."""
    candidate = nearest(name, known)
    return f" Did you mean {candidate!r}?" if candidate else ""


def listed(names: Iterable[str]) -> str:
    """``a, b and c``; ``nothing`` when there is none."""
    items = list(names)
    if not items:
        return "nothing"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
