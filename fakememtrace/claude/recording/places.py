"""Where the cassette of a test is, unless it says otherwise; and whether a file can be written there."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ...errors import CassetteError, UsageError
from ...hashing import sha256
from ..reading import FORMAT
from ..redact import Redactor, suspicious
from ..redaction.kinds import KNOWN, LIKELY
from ..redaction.spans import find, replaced
from .modes import Recording

__all__ = ["FOLDER", "cassette_of", "obstacle", "refuse_foreign", "refuse_name"]

FOLDER = "cassettes"

_PARAMETERS = re.compile(r"\[(.*)\]", re.DOTALL)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
# Longer names are cut: most file systems take 255 bytes, and something is to be added.
_LONGEST = 100


def cassette_of(test_file: Path, names: Sequence[str]) -> Path:
    """``cassettes/test_it/TestCase.test_one-a.json`` beside ``test_it.py``, for TestCase and ``test_one[a]``.

    What no file can be called, and capitals in parameters, which some file systems do not tell apart,
    are told apart by a digest: no two tests have the same file.  So are secrets, which are not in the name.
    """
    return test_file.parent / FOLDER / test_file.stem / f"{_plain('.'.join(names))}.json"


def obstacle(path: Path) -> str:
    """Why the file `path` cannot be written; empty when it can be, and then its folder is there."""
    if path.is_dir():
        return "it is a folder"
    doing = "made"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        doing = "written into"
        # Not os.access, which promises root what a read-only file system does not keep.
        with tempfile.TemporaryFile(dir=path.parent):
            return ""
    except OSError as error:
        return f"its folder cannot be {doing}: {error.strerror}"


def refuse_foreign(path: Path) -> None:
    """Refuse to replace the file `path` where it is somebody else's; one of ours may be broken.

    Raises:
        CassetteError: there is something else in it.
    """
    try:
        content = path.read_bytes()
    except OSError:
        # There is none; or whoever writes says why that cannot be.
        return
    if _is_foreign(content.strip()):
        advice = "Name another file, or put that one elsewhere."
        raise CassetteError(path, "this is no fakememtrace cassette, so nothing is recorded over it.", advice)


def _is_foreign(content: bytes) -> bool:
    """Whether it is something whole that is no cassette, or could not even be the start of one."""
    if not content or f'"{FORMAT}"'.encode() in content:
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return not content.startswith(b"{")
    return True


def refuse_name(path: Path, recording: Recording, redactor: Redactor) -> None:
    """Refuse to record into a file whose name tells a secret, as it is or with what no name can have blanked out.

    Raises:
        UsageError: the name holds one.
    """
    named = [_UNSAFE.sub("-", entry.strip()) for entry in recording.redact if isinstance(entry, str)]
    own = [credential._replace(text=_UNSAFE.sub("-", credential.text)) for credential in redactor.own]
    blanked = Redactor(named, own)
    found = [*suspicious(path.name, recording.allow, redactor), *suspicious(path.name, recording.allow, blanked)]
    if found:
        raise UsageError(
            f"the name of the cassette holds what looks like a secret: {found[0].kind}, {found[0].shown}.\n"
            "Expected a name that anybody may read: it is not redacted.\n"
            'What to do: where it comes from a parameter of the test, give that an id, pytest.param(..., id="key"); '
            "else name another file.  What is no secret, allow by its exact text, allow=[...]."
        )


def _plain(name: str) -> str:
    shown = replaced(name, find(name, (*KNOWN, *LIKELY)))
    written = _PARAMETERS.sub(r"-\1", shown)
    plain = _UNSAFE.sub("-", written)
    parameters = _PARAMETERS.search(shown)
    folded = parameters[1] if parameters else ""
    if plain == written and len(plain) <= _LONGEST and folded == folded.lower():
        return plain
    return f"{plain[:_LONGEST]}-{sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"
