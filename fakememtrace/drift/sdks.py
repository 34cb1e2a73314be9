"""Released SDKs, each in a folder of its own, which is put first on a program's path."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..errors import UsageError

__all__ = ["PACKAGE", "default_root", "sdk", "versions_in"]

PACKAGE = "memtrace-sdk"
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc|\.post|\.dev)\d+)?")
_LAST_LINES = 3


def default_root() -> Path:
    """Where they are kept unless told otherwise: below the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fakememtrace", "sdks")


def versions_in(text: str) -> list[str]:
    """The versions in ``0.1.1,0.2.0``.

    Raises:
        UsageError: one of them is no version, or stands there twice.
    """
    versions = [part.strip() for part in text.split(",")]
    for version in versions:
        if not _VERSION.fullmatch(version):
            raise UsageError(
                f"--sdk {text}: {version!r} is no version of {PACKAGE}.\n"
                "Expected versions with commas between them: --sdk 0.1.1,0.2.0."
            )
        if versions.count(version) > 1:
            raise UsageError(f"--sdk {text}: {version} stands there twice. Name each version once.")
    return versions


def sdk(version: str, root: Path) -> Path:
    """The folder of that version below `root`; it is installed there when it is not yet.

    Raises:
        UsageError: it cannot be installed.
    """
    folder = root / version
    if not _is_whole(folder):
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{version}-", dir=root) as scratch:
                _install(version, Path(scratch))
                _put(Path(scratch, "sdk"), folder)
        except OSError as error:
            raise UsageError(
                f"{PACKAGE} {version} cannot be kept in {root}: {error.strerror or error}.\n"
                "Name a folder that can be written with --sdk-dir DIR."
            ) from None
    return folder


def _is_whole(folder: Path) -> bool:
    return (folder / "memtrace" / "__init__.py").is_file()


def _put(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        # Somebody else was quicker; theirs is as good.
        if not _is_whole(folder):
            raise


def _install(version: str, scratch: Path) -> None:
    """Make the folder ``sdk`` in `scratch`."""
    target, requirement = scratch / "sdk", f"{PACKAGE}=={version}"
    _pip(version, "install", "--no-deps", "--target", str(target), requirement)
    if not _is_whole(target):
        # 0.1.0 is published as a wheel without any code in it.
        _pip(version, "download", "--no-deps", "--no-binary", PACKAGE, "--dest", str(scratch), requirement)
        for archive in scratch.glob("*.tar.gz"):
            _unpack(archive, target)
    if not _is_whole(target):
        raise UsageError(
            f"{PACKAGE} {version} was installed, and there is no package memtrace in it.\n"
            "Name another version with --sdk, or put its code into the folder of that version below --sdk-dir."
        )


def _unpack(archive: Path, target: Path) -> None:
    """The package that is below ``src`` in a source distribution."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            inside = member.name.partition("/src/")[2]
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None and inside.startswith("memtrace/") and ".." not in inside:
                (target / inside).parent.mkdir(parents=True, exist_ok=True)
                (target / inside).write_bytes(content.read())


def _pip(version: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise UsageError(
            f"{PACKAGE} {version} cannot be installed: pip ended with exit code {ended.returncode}.\n"
            f"{_said(ended.stderr.splitlines() or ended.stdout.splitlines())}"
            "Expected a released version, and a network or what pip has in its cache.\n"
            "What to do: name another version with --sdk, or a folder that has them with --sdk-dir DIR: "
            f"DIR/{version}/memtrace is the package then."
        )


def _said(lines: Iterable[str]) -> str:
    told = [line for line in lines if line.strip()][-_LAST_LINES:]
    return "".join(f"  {line.strip()}\n" for line in told)
