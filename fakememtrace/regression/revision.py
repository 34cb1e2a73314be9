"""Scenarios as they were at a commit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ..errors import UsageError, listed, nearest
from .git import Git

__all__ = ["Revision"]

_PARTS = ("script.toml", "cassette.json", "expectations.toml")
_FILES = ("100644", "100755")
_MOST_NAMES = 10


class Revision:
    """The scenarios below `root` at the commit `name`; ``commit`` is the whole hash of that.

    Args:
        root: the folder of the scenarios.
        name: a commit, as git names it.
        scenarios: the names of scenarios, since who says one of them as `name` meant something else.

    Raises:
        UsageError: there is no repository, or no such commit.
    """

    def __init__(self, root: Path, name: str, scenarios: Iterable[str] = ()) -> None:
        self.name, self._git = name, Git(root)
        commit = None if name.startswith("-") else self._git.text("rev-parse", "--verify", "-q", f"{name}^{{commit}}")
        if not commit:
            raise UsageError(self._unknown(scenarios))
        self.commit = commit
        self._blobs = dict(self._listing())

    def __str__(self) -> str:
        return self.name if self.commit.startswith(self.name) else f"{self.name} ({self.commit[:7]})"

    def scenarios(self) -> list[str]:
        """The names of the scenarios that there were."""
        names = {path.split("/")[0] for path in self._blobs if path.count("/") == 1}
        return sorted(name for name in names if self.has(name) and not name.startswith((".", "_")))

    def has(self, scenario: str) -> bool:
        """Whether it was there, recorded and all."""
        return all(f"{scenario}/{part}" in self._blobs for part in _PARTS)

    def write(self, scenario: str, folder: Path) -> None:
        """Write the files of the `scenario`, as they were, below `folder`."""
        for path, blob in self._blobs.items():
            if path.startswith(f"{scenario}/"):
                file = folder / PurePosixPath(path).relative_to(scenario)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(self._git.raw("cat-file", "blob", blob))

    def _listing(self) -> Iterable[tuple[str, str]]:
        """The paths of the files below the root, each with the name of its content."""
        listing = self._git.raw("ls-tree", "-r", "-z", self.commit, "--", ".").decode("utf-8", "surrogateescape")
        for entry in filter(None, listing.split("\0")):
            facts, _, path = entry.partition("\t")
            mode, _, blob = facts.split(" ")
            if mode in _FILES and ".." not in path.split("/"):
                yield path, blob

    def _unknown(self, scenarios: Iterable[str]) -> str:
        names = (self._git.text("for-each-ref", "--format=%(refname:short)") or "").splitlines()
        return (
            f"there is no commit {self.name!r} here.{self._meant(names, scenarios)}\n"
            f"Expected a branch, a tag or a commit; there {_are(names)}.\n"
            f"What to do: {self._advice()}"
        )

    def _meant(self, names: list[str], scenarios: Iterable[str]) -> str:
        if self.name in scenarios:
            return f" It is a scenario: say --only {self.name}."
        near = nearest(self.name, [*names, "HEAD"])
        return f" Did you mean {near!r}?" if near else ""

    def _advice(self) -> str:
        if self._git.text("rev-parse", "--is-shallow-repository") == "true":
            return (
                "fetch it: this clone is shallow and has not all commits; with actions/checkout that is fetch-depth: 0."
            )
        return "name one of them, or fetch it first; without a revision the files are compared as they are."


def _are(names: list[str]) -> str:
    if not names:
        return "is none"
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    shown = [*names[:_MOST_NAMES], *more]
    return f"{'is' if len(names) == 1 else 'are'} {listed(shown)}"
