"""Which cassettes are being written, and by whom: two that write one file would lose what one of them has paid for."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

__all__ = ["Claims"]

_lock = threading.Lock()
# Of this process: what is written now by worlds that are in no run of pytest; by whom, and how that one is called.
_taken: dict[Path, tuple[object, str]] = {}
# How long somebody needs at most to write a name down, in seconds.
_PATIENCE = 2.0


class Claims:
    """Who writes which file: in this process, or, with a `folder`, among all processes that were given the same one.

    Args:
        folder: where the claims are kept; they are not taken back, so one folder is for one run.
        run: keeps runs apart that share the folder.
    """

    def __init__(self, folder: Path | None = None, run: str = "") -> None:
        self._folder, self._run = folder, run

    @property
    def of_a_run(self) -> bool:
        """Whether what is claimed stays so to the end of the run."""
        return self._folder is not None

    def take(self, path: Path, taker: object, owner: str) -> str:
        """Claim the file `path` for `taker`, who is called `owner`; the name of who has it already, if anybody.

        Without a folder two takers are always two; with one they are the same when they are called so.
        """
        path = Path(os.path.realpath(path))
        if self._folder is None:
            with _lock:
                holder, name = _taken.setdefault(path, (taker, owner))
            return "" if holder is taker else name
        name = _written(self._file(self._folder, path), owner)
        return "" if name == owner else name

    def holder(self, path: Path) -> str:
        """How the one is called who has claimed the file `path`; empty when nobody has."""
        path = Path(os.path.realpath(path))
        if self._folder is None:
            return _taken.get(path, (None, ""))[1]
        claim = self._file(self._folder, path)
        return _read(claim) if claim.exists() else ""

    def give_back(self, path: Path, taker: object) -> None:
        """Let others write the file `path`; where there is a folder, the claim holds to the end of the run."""
        path = Path(os.path.realpath(path))
        with _lock:
            if path in _taken and _taken[path][0] is taker:
                del _taken[path]

    def _file(self, folder: Path, path: Path) -> Path:
        return folder / f"claim-{hashlib.sha256(f'{self._run} {path}'.encode()).hexdigest()[:32]}"


def _written(claim: Path, owner: str) -> str:
    try:
        handle = os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read(claim)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        # The line break says that the name is whole.
        file.write(f"{owner}\n")
    return owner


def _read(claim: Path) -> str:
    until = time.monotonic() + _PATIENCE
    while not (text := claim.read_text("utf-8")).endswith("\n") and time.monotonic() < until:
        time.sleep(0.001)
    return text.removesuffix("\n") or "another process"
