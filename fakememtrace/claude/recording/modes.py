"""How a world records: the modes, and all that a recorder is handed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ...errors import UnknownName, UsageError
from .claims import Claims

__all__ = ["ALL", "CHANGED", "MODES", "NEW", "NONE", "ONCE", "STAND_IN_KEY", "Recording", "has_key", "need_key"]

NONE, ONCE, NEW, CHANGED, ALL = MODES = ("none", "once", "new", "changed", "all")

# The key that a world sets where there is none (fakememtrace.world says the same): it opens nothing.
STAND_IN_KEY = "sk-ant-fakememtrace"
_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def _today() -> str:
    return datetime.now(timezone.utc).date().isoformat()


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True)
class Recording:
    """How a world records.

    Args:
        mode: ``none``, ``once``, ``new``, ``changed`` or ``all``.
        redact: texts and compiled patterns that are secret, beside the kinds that are known.
        allow: texts that only look like secrets.
        owner: who records, for the error about two that write one file.
        claims: which files are taken by whom.
        again: the command that records, up to the mode: ``pytest tests/test_it.py::test_it --claude-record``.
        by_hand: whether somebody else than the end of the world's block says that all went well.
        rehearse: whether nothing is called, and what would be is answered by the recordings most like it.
        announce: told which conversation is recorded again, before its first call.
        seconds: a clock that only goes forward.
        today: the day, ISO 8601.
        patience: how many seconds the end of a recording waits for calls that are still being asked.

    Raises:
        UnknownName: no such mode.
    """

    mode: str = NONE
    redact: Iterable[str | re.Pattern[str]] = field(default=(), repr=False)
    allow: Iterable[str] = ()
    owner: str = "a world"
    claims: Claims = field(default_factory=Claims, repr=False)
    again: str = ""
    by_hand: bool = False
    rehearse: bool = False
    announce: Callable[[str], None] = _silent
    seconds: Callable[[], float] = time.monotonic
    today: Callable[[], str] = _today
    patience: float = 5.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UnknownName("recording mode", self.mode, MODES)
        for name in ("redact", "allow"):
            given = getattr(self, name)
            # They are looked at again and again.  One text instead of a list is refused where they are.
            object.__setattr__(self, name, given if isinstance(given, str) else tuple(given))

    @property
    def keeps_old(self) -> bool:
        """Whether the file stays as it was until all went well."""
        return self.mode in (CHANGED, ALL)


def has_key(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a key for the real API."""
    return any(environment.get(name, "") not in ("", STAND_IN_KEY) for name in _KEYS)


def need_key(mode: str, asked: str, is_sure: bool = False) -> None:
    """Refuse to begin what would call the real API without a key.

    Args:
        mode: how it is recorded; ``once`` may well need none.
        asked: how it was asked for, ``--claude-record=all``.
        is_sure: whether it does call, whatever the mode.

    Raises:
        UsageError: there is no key.
    """
    if (is_sure or mode in (NEW, CHANGED, ALL)) and not has_key():
        raise UsageError(
            f"{asked} asks the real Claude, and there is no key for it.\n"
            f"Expected {_KEYS[0]} (or {_KEYS[1]}) in the environment.\n"
            "What to do: set it, or leave the recording out: what is recorded is replayed without a key."
        )
