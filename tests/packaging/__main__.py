"""Build wheel and sdist, and try the wheel alone in empty environments: ``python -m tests.packaging``.

It prints the table of docs/packaging.md: what each extra brings, and how long an import takes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from statistics import median

from fakememtrace.toml import tomllib

ROOT = Path(__file__).parents[2]
SMOKE = Path(__file__).with_name("smoke.py")
MOST_PACKAGES = 12
_ROUNDS = 5
_IMPORTS = ("fakememtrace", "fakememtrace.plugin", "fakememtrace.cli", "fakememtrace.client", "anthropic")


def main() -> None:
    """Build, install, try, and print."""
    with tempfile.TemporaryDirectory() as folder:
        wheel, sdist = built(Path(folder))
        check_files(wheel, sdist)
        bare = environment(Path(folder) / "bare", str(wheel))
        packages = installed(bare)
        assert len(packages) <= MOST_PACKAGES, packages
        print(smoke(bare))
        # Those that projects which test agents have anyway; the packages are not counted as ours.
        whole = environment(Path(folder) / "whole", f"{wheel}[{','.join(extras())}]", "pytest")
        print(smoke(whole, "all"))
        print(f"\n{len(packages)} packages without extras: {', '.join(packages)}\n")
        for line in table(Path(folder), wheel, whole):
            print(line)


def built(folder: Path) -> tuple[Path, Path]:
    """The wheel, built from the sdist as an index would get it, and the sdist."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True, stdout=subprocess.DEVNULL)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def check_files(wheel: Path, sdist: Path) -> None:
    """Both have every file of the package, and the sdist all that its tests need."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tracked = listed.splitlines()
    in_wheel = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in tracked if name.startswith("fakememtrace/") and name not in in_wheel]
    assert not missing, f"not in the wheel: {missing}"
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    hidden = (".ci/", ".github/", ".gitignore", "Makefile")
    missing = [name for name in tracked if not name.startswith(hidden) and name not in in_sdist]
    assert not missing, f"not in the sdist: {missing}"
    print(f"{wheel.name}: {len(in_wheel)} files; {sdist.name}: {len(in_sdist)} files")


def environment(folder: Path, *what: str) -> Path:
    """The Python of a new environment with nothing but that in it."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *what]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return python


def smoke(python: Path, *arguments: str) -> str:
    """What the smoke test says in that environment, away from this checkout."""
    with tempfile.TemporaryDirectory() as away:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [python, SMOKE, *arguments]
        ended = subprocess.run(command, cwd=away, env=environ, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"the smoke test failed with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return ended.stdout.strip()


def installed(python: Path) -> list[str]:
    """The packages in an environment, but for pip's own."""
    command = [python, "-m", "pip", "--disable-pip-version-check", "list", "--format", "json"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return sorted(package["name"] for package in listed if package["name"] not in ("pip", "setuptools", "wheel"))


def extras() -> list[str]:
    """The extras that are for users."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return sorted(set(project["optional-dependencies"]) - {"bench", "dev", "docs", "test"})


def table(folder: Path, wheel: Path, whole: Path) -> list[str]:
    """What each extra brings beside the package's own, and the times of some imports as Markdown."""
    none = needed(wheel, "")
    lines = ["| extra | packages it adds |", "| --- | --- |"]
    for extra in extras():
        added = sorted(needed(wheel, extra) - none)
        lines.append(f"| `{extra}` | {len(added)}: {', '.join(added)} |")
    lines += ["", "| import | ms beside a bare start |", "| --- | --- |"]
    empty = started(whole, "pass")
    for name in _IMPORTS:
        lines.append(f"| `{name}` | {1000 * (started(whole, f'import {name}') - empty):.0f} |")
    return lines


def needed(wheel: Path, extra: str) -> set[str]:
    """What an installation with that extra would install."""
    what = f"{wheel}[{extra}]" if extra else str(wheel)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--report", "-", what]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    report = json.loads(ended.stdout[ended.stdout.index("{") :])
    return {re.sub(r"[-_.]+", "-", one["metadata"]["name"]).lower() for one in report["install"]}


def started(python: Path, code: str) -> float:
    """The seconds of processor time that a program of this code takes, the median of some."""
    return median(_cpu([str(python), "-c", code]) for _ in range(_ROUNDS))


def _cpu(command: list[str]) -> float:
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
