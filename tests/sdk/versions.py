"""The released SDKs, each in a folder of its own: ``python -m tests.sdk.versions`` installs them.

``memtrace-sdk`` 0.1.0 is on PyPI as a wheel without any code in it, so ``pip install`` gives nothing that could be
imported; its code is taken from the source distribution.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SDKS = ROOT / ".venv" / "sdks"
VERSIONS = ("0.1.0", "0.1.1", "0.2.0")


def folder(version: str) -> Path:
    """Where the SDK of that version is, for PYTHONPATH."""
    return SDKS / version


def is_installed(version: str) -> bool:
    """Whether it is there, code and all."""
    return (folder(version) / "memtrace" / "__init__.py").is_file()


def install(version: str) -> None:
    """Put the SDK of that version into its folder."""
    requirement = f"memtrace-sdk=={version}"
    _pip("install", "--no-deps", "--upgrade", "--target", str(folder(version)), requirement)
    if not is_installed(version):
        with tempfile.TemporaryDirectory() as scratch:
            _pip("download", "--no-deps", "--no-binary", ":all:", "--dest", scratch, requirement)
            (archive,) = Path(scratch).glob("*.tar.gz")
            _unpack(archive, folder(version))


def _unpack(archive: Path, target: Path) -> None:
    """The package that is below ``src`` in a source distribution."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            inside = member.name.partition("/src/")[2]
            if member.isfile() and inside.startswith("memtrace/") and ".." not in inside:
                content = tar.extractfile(member)
                assert content is not None
                (target / inside).parent.mkdir(parents=True, exist_ok=True)
                (target / inside).write_bytes(content.read())


def _pip(*arguments: str) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *arguments], check=True)


if __name__ == "__main__":
    for wanted in VERSIONS:
        if not is_installed(wanted):
            install(wanted)
        print(f"memtrace-sdk {wanted} is in {folder(wanted).relative_to(ROOT)}")
