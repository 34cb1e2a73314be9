"""Where the cassette of a test is, unless it says otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...hashing import sha256

__all__ = ["FOLDER", "cassette_of"]

FOLDER = "cassettes"

_PARAMETERS = re.compile(r"\[(.*)\]", re.DOTALL)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
# Longer names are cut: most file systems take 255 bytes, and something is to be added.
_LONGEST = 100


def cassette_of(test_file: Path, names: Sequence[str]) -> Path:
    """``cassettes/test_it/TestCase.test_one-a.json`` beside ``test_it.py``, for TestCase and ``test_one[a]``.

    What no file can be called, and capitals in parameters, which some file systems do not tell apart,
    are told apart by a digest: no two tests have the same file.
    """
    return test_file.parent / FOLDER / test_file.stem / f"{_plain('.'.join(names))}.json"


def _plain(name: str) -> str:
    written = _PARAMETERS.sub(r"-\1", name)
    plain = _UNSAFE.sub("-", written)
    parameters = _PARAMETERS.search(name)
    folded = parameters[1] if parameters else ""
    if plain == written and len(plain) <= _LONGEST and folded == folded.lower():
        return plain
    return f"{plain[:_LONGEST]}-{sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"
