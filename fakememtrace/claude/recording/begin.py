"""From what a world is told about recording to what its Claude answers from."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ..cassette import Cassette
from ..fake import FakeClaude
from ..redact import suspicious
from .hearing import Forward
from .modes import NONE, Recording, need_key
from .places import refuse_name
from .recorder import Recorder
from .rehearsal import Rehearsal
from .secrets import Secrets

__all__ = ["begin"]


def begin(
    claude: FakeClaude,
    cassette: Any,
    recording: Recording,
    forward: Forward,
    apart: Callable[[], AbstractContextManager[object]],
) -> None:
    """Let `claude` answer from `cassette` as `recording` says.

    Args:
        claude: the fake.
        cassette: as for a world.
        recording: how to record, or that nothing is.
        forward: asks the real API.
        apart: a context in which the world goes on while somebody waits for the API.

    Raises:
        UsageError: there is no key for what may be asked, or no file to record into, or its name holds a secret;
            or `recording` has no lists.
        CassetteError: the cassette is missing, broken or foreign.
    """
    secrets = Secrets(recording)
    # Refuses what cannot be allowed before anybody is asked.
    suspicious("", recording.allow, secrets.redactor)
    claude.again = recording.again
    claude.clean = secrets.clean
    if recording.mode == NONE and not recording.rehearse:
        claude.answer_from(cassette)
    elif recording.rehearse:
        claude.answer_from(Rehearsal(_file(cassette, recording), recording, claude.player_of))
    else:
        path = _file(cassette, recording)
        refuse_name(path, recording, secrets.redactor)
        need_key(recording.mode, f"record={recording.mode!r}")
        claude.record_with(Recorder(path, recording, claude.player_of, forward, apart, secrets))


def _file(cassette: Any, recording: Recording) -> Path:
    if isinstance(cassette, Cassette) and cassette.path is not None:
        return cassette.path
    if isinstance(cassette, (str, os.PathLike)):
        return Path(cassette)
    found = "no cassette" if cassette is None else type(cassette).__name__
    raise UsageError(
        f"record={recording.mode!r} needs a file to record into; found {found}.\n"
        'Expected the path of a cassette, which need not exist: World(cassette="cassette.json", '
        f"record={recording.mode!r})."
    )
