"""Where a recording goes: into its file at once, or beside it until all went well."""

from __future__ import annotations

from pathlib import Path

from ..cassette import Cassette

__all__ = ["Keeper", "beside", "for_which"]

_MARK = ".unfinished"


def beside(path: Path) -> Path:
    """Where the recordings for the file `path` go that are not whole."""
    return path.with_name(f"{path.stem}{_MARK}{path.suffix}")


def for_which(path: Path) -> Path | None:
    """The file that the recordings in `path` are for, which are not whole; None where they are no such recordings."""
    if not path.stem.endswith(_MARK):
        return None
    return path.with_name(path.stem.removesuffix(_MARK) + path.suffix)


class Keeper:
    """Writes the file `path`, whole each time; with `keeps_old` only when :meth:`finish` is told that all went well."""

    def __init__(self, path: Path, keeps_old: bool) -> None:
        self.path = path
        self._scratch = beside(path) if keeps_old else path
        self._begun = False

    def keep(self, cassette: Cassette) -> None:
        """Write the `cassette` as it is by now.

        Raises:
            FileError: it cannot be written.
            OSError: its folder cannot be made.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cassette.save(self._scratch)
        self._begun = True

    def finish(self, cassette: Cassette, well: bool) -> str:
        """Put the `cassette` in its place if all went `well`; where it is otherwise, in words.

        Raises:
            FileError: the file cannot be written.
        """
        if not self._begun or self._scratch == self.path:
            return ""
        if not well:
            return _unfinished(cassette, Cassette(path=self._scratch))
        cassette.save(self.path)
        self._scratch.unlink(missing_ok=True)
        self._begun = False
        return ""


def _unfinished(cassette: Cassette, scratch: Cassette) -> str:
    state = "stays as it was" if cassette.path is not None and cassette.path.exists() else "was not written"
    return (
        f"{cassette} {state}, since not all went well; what was recorded is in {scratch}.\n"
        "What to do: correct what failed and record again; or, where the recordings are good as they are, give that "
        "file the name of the other."
    )
