"""Asks git, which only ever reads."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ..errors import UsageError

__all__ = ["Git"]

# Inside a hook they point to what the hook is about, and not to the folder that is asked about.
_REMOVED = ("GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE")
_SET = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_WITHOUT = "What to do: leave the revision out, and the files are compared as they are."


class Git:
    """The repository that `folder` is in.

    Raises:
        UsageError: there is none, or no git.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        code, _, problem = self._run("rev-parse", "--git-dir")
        if code:
            said = problem.strip().splitlines() or [f"it ended with exit code {code}"]
            raise UsageError(
                f"{_shown(folder)} is in no git repository that can be read: {said[0]}.\n"
                f"Expected one, since a revision of it is asked for.\n{_WITHOUT}"
            )

    def text(self, *arguments: str) -> str | None:
        """What git prints, without the last line break; None where it fails."""
        code, printed, _ = self._run(*arguments)
        return None if code else printed.decode("utf-8", "surrogateescape").rstrip("\n")

    def raw(self, *arguments: str) -> bytes:
        """The bytes that git prints.

        Raises:
            UsageError: it fails.
        """
        code, printed, problem = self._run(*arguments)
        if code:
            raise UsageError(f"git {' '.join(arguments)} failed: {problem.strip()}\n{_WITHOUT}")
        return printed

    def _run(self, *arguments: str) -> tuple[int, bytes, str]:
        variables = {name: value for name, value in os.environ.items() if name not in _REMOVED}
        command = ["git", "--no-pager", "-C", str(self._folder), *arguments]
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env={**variables, **_SET}
            )
        except OSError as error:
            raise UsageError(
                f"git cannot be run: {error.strerror}.\n"
                f"Expected it to be installed, since a revision is asked for.\n{_WITHOUT}"
            ) from None
        return ended.returncode, ended.stdout, ended.stderr.decode("utf-8", "replace")


def _shown(folder: Path) -> str:
    return f"the folder {folder}"
