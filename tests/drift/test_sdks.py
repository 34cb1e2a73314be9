"""Drift between versions of the SDK, each of which is a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakememtrace import UsageError
from fakememtrace.drift.sdks import default_root, sdk, versions_in
from fakememtrace.drift.text import comparison_lines

from ..sdk.versions import VERSIONS, folder, is_installed
from .helpers import HEAD, Agent, told

# Two versions of a library called memtrace: the second knows one call less, and quotes what it puts into a path.
FIRST = """\
import os
import httpx

def get(path):
    key = {"x-api-key": os.environ["MEMTRACE_API_KEY"]}
    return httpx.get(os.environ["MEMTRACE_URL"] + "/api/v1" + path, headers=key).json()

def named(name):
    return get("/agents/" + name)

def listed():
    return get("/agents")
"""
SECOND = FIRST.replace('"/agents/" + name', '"/agents?name=" + name').partition("\ndef listed")[0]
PROGRAM = "me = agent()\nask('Be kind.', str(library.named('ada')) + '?')\nlibrary.listed()\n"
# The first of them as it is recorded, in the program itself.
INSIDE = f"{FIRST}\nclass library:\n    named, listed = staticmethod(named), staticmethod(listed)\n\n"
PIP = """\
import io, os, sys, tarfile
arguments = sys.argv[1:]
target = arguments[arguments.index("--target") + 1] if "--target" in arguments else ""
if target and os.environ.get("PIP_GIVES") == "code":
    os.makedirs(os.path.join(target, "memtrace"))
    open(os.path.join(target, "memtrace", "__init__.py"), "w").write(f"made_by = {arguments[-1]!r}")
elif os.environ.get("PIP_GIVES") == "source" and not target:
    with tarfile.open(os.path.join(arguments[arguments.index("--dest") + 1], "sdk.tar.gz"), "w:gz") as tar:
        entry = tarfile.TarInfo("memtrace-sdk-0.1.0/src/memtrace/__init__.py")
        entry.size = len(b"made_by = 'a source'")
        tar.addfile(entry, io.BytesIO(b"made_by = 'a source'"))
elif os.environ.get("PIP_GIVES") == "error":
    sys.exit("ERROR: Could not find a version\\n\\nERROR: No matching distribution found for " + arguments[-1])
"""


def library(root: Path, version: str, code: str) -> tuple[str, Path]:
    """A version of the library."""
    (root / version / "memtrace").mkdir(parents=True)
    (root / version / "memtrace" / "__init__.py").write_text(code, "utf-8")
    return version, root / version


def stand_in_pip(root: Path, monkeypatch: pytest.MonkeyPatch, gives: str) -> None:
    """Let ``python -m pip`` be a module that gives ``code``, ``nothing``, a ``source`` or an ``error``."""
    (root / "pip").mkdir()
    (root / "pip" / "__init__.py").touch()
    (root / "pip" / "__main__.py").write_text(PIP, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("PIP_GIVES", gives)


def agent(root: Path) -> Agent:
    """A program that imports the library, recorded with the first version."""
    made = Agent(root, INSIDE + PROGRAM)
    made.write("program.py", HEAD + "import memtrace as library\n" + PROGRAM)
    return made


def test_versions_that_ask_otherwise(tmp_path: Path) -> None:
    """What each version asks Memtrace for stands side by side, with the request that it changes, and why one ends."""
    versions = library(tmp_path / "sdks", "0.1.0", FIRST), library(tmp_path / "sdks", "0.1.1", SECOND)
    one = agent(tmp_path).drift(*versions)
    assert (one.first, one.second) == ("memtrace-sdk 0.1.0", "memtrace-sdk 0.1.1")
    assert told(one) == [
        ("program", [], "Your agent does not come to its end with memtrace-sdk 0.1.1."),
        ("calls", [], "Your agent asks Memtrace otherwise with memtrace-sdk 0.1.1."),
    ]
    assert one.findings[0].detail == (
        "demo/program.py, line 35: the program raised AttributeError: module 'memtrace' has no attribute 'listed'\n"
        "Expected: it comes to its end."
    )
    places = [(place.first, place.second, place.requests) for place in one.findings[1].places]
    assert ("GET /api/v1/agents/ada -> 200", "nothing", [1]) in places
    # However long the name of a side is, what it answers does not run into it.
    lines = [line.text for line in comparison_lines(one)]
    assert "      memtrace-sdk 0.1.0  GET /api/v1/agents/ada -> 200" in lines
    assert "      asked               GET /api/v1/agents/ada" in lines
    assert [(row.state, row.findings, row.answered[1].how) for row in one.rows] == [("differs", [2], "assumed")]


def test_the_same_version_twice_is_no_drift(tmp_path: Path) -> None:
    """Two folders with the same code give the same requests."""
    versions = library(tmp_path / "sdks", "0.1.0", FIRST), library(tmp_path / "sdks", "0.1.1", FIRST)
    assert agent(tmp_path).drift(*versions).is_well


@pytest.mark.parametrize("version", VERSIONS)
def test_the_released_versions(tmp_path: Path, version: str) -> None:
    """A program that uses what all of them have is the same with each of them."""
    if not is_installed(version):
        pytest.skip(f"memtrace-sdk {version} is not in .venv/sdks; python -m tests.sdk.versions installs it")
    body = (
        "import memtrace as sdk\n"
        "client = sdk.Memtrace(os.environ['MEMTRACE_URL'], os.environ['MEMTRACE_API_KEY'])\n"
        "client.remember('ada', 'Likes tea')\nask('Be kind.', client.recall('ada').memories[0].content + '?')\n"
    )
    one = Agent(tmp_path, body).drift((version, folder(version)))
    assert (one.first, one.second, one.is_well) == ("memtrace-sdk installed", f"memtrace-sdk {version}", True)


def test_a_version_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made by pip in a folder of its own, and found there the next time; nothing else is left."""
    stand_in_pip(tmp_path, monkeypatch, "code")
    made = sdk("0.1.1", tmp_path / "sdks")
    monkeypatch.setenv("PIP_GIVES", "error")
    assert sdk("0.1.1", tmp_path / "sdks") == made == tmp_path / "sdks" / "0.1.1"
    assert (made / "memtrace" / "__init__.py").read_text("utf-8") == "made_by = 'memtrace-sdk==0.1.1'"
    assert [path.name for path in (tmp_path / "sdks").iterdir()] == ["0.1.1"]


def test_pip_finds_no_such_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip says is told, and what to do; no folder is left."""
    stand_in_pip(tmp_path, monkeypatch, "error")
    with pytest.raises(UsageError) as caught:
        sdk("9.9", tmp_path / "sdks")
    assert str(caught.value) == (
        "memtrace-sdk 9.9 cannot be installed: pip ended with exit code 1.\n"
        "  ERROR: Could not find a version\n"
        "  ERROR: No matching distribution found for memtrace-sdk==9.9\n"
        "Expected a released version, and a network or what pip has in its cache.\n"
        "What to do: name another version with --sdk, or a folder that has them with --sdk-dir DIR: "
        "DIR/9.9/memtrace is the package then."
    )
    assert list((tmp_path / "sdks").iterdir()) == []


def test_a_version_without_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither the wheel nor the source has a package, that is said."""
    stand_in_pip(tmp_path, monkeypatch, "nothing")
    with pytest.raises(UsageError) as caught:
        sdk("0.1.0", tmp_path / "sdks")
    assert str(caught.value) == (
        "memtrace-sdk 0.1.0 was installed, and there is no package memtrace in it.\n"
        "Name another version with --sdk, or put its code into the folder of that version below --sdk-dir."
    )


def test_the_code_of_a_source_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the wheel has no code in it, the package of the source distribution is."""
    stand_in_pip(tmp_path, monkeypatch, "source")
    made = sdk("0.1.0", tmp_path / "sdks")
    assert (made / "memtrace" / "__init__.py").read_text("utf-8") == "made_by = 'a source'"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Where the versions cannot be kept, the folder and the option are named."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        sdk("0.1.1", tmp_path / "file")
    assert str(caught.value) == (
        f"memtrace-sdk 0.1.1 cannot be kept in {tmp_path / 'file'}: File exists.\n"
        "Name a folder that can be written with --sdk-dir DIR."
    )


def test_versions_are_kept_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless told otherwise they are below the user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "fakememtrace" / "sdks"


def test_versions_are_read() -> None:
    """They stand between commas."""
    assert versions_in("0.1.1, 0.2.0") == ["0.1.1", "0.2.0"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "0.1.1,latest",
            (
                "--sdk 0.1.1,latest: 'latest' is no version of memtrace-sdk.\n"
                "Expected versions with commas between them: --sdk 0.1.1,0.2.0."
            ),
        ),
        ("0.1.1,0.1.1", "--sdk 0.1.1,0.1.1: 0.1.1 stands there twice. Name each version once."),
    ],
)
def test_what_is_no_list_of_versions(given: str, message: str) -> None:
    """It is refused with what was expected."""
    with pytest.raises(UsageError) as caught:
        versions_in(given)
    assert str(caught.value) == message
