"""What an installed wheel must do by itself; run by the Python of the environment that it is installed in.

With ``all`` as its argument every extra is there, else none is.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import fakememtrace
from fakememtrace import World
from fakememtrace.wire import Request

ROOT = Path(fakememtrace.__file__).parent
COMMAND = Path(sys.executable).parent / "fakememtrace"
# pytest itself is no extra: who has no pytest has no use for its plugin.
_PYTEST = "No module named 'pytest'"
_NEEDS = {
    ("serve",): '"fakememtrace[server]"',
    ("mcp",): '"fakememtrace[mcp]"',
    ("mutate", "--", "pytest"): "pytest",
}


def modules() -> list[str]:
    """Every module of the package that is no program of its own."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        if parts[-1] not in ("__main__", "__init__"):
            found.append(".".join(parts))
    return found


def complaint(name: str) -> str:
    """What a module says when it cannot be imported; nothing where it can."""
    try:
        importlib.import_module(name)
    except Exception as error:
        return str(error)
    return ""


def check_imports(has_all: bool) -> None:
    """A module that needs an extra says which, and with all of them there is none left."""
    found = {name: words for name in modules() if (words := complaint(name))}
    silent = {name: words for name, words in found.items() if "fakememtrace[" not in words and words != _PYTEST}
    assert not silent, silent
    assert found if not has_all else not found, found


def check_memory() -> None:
    """The fake takes a memory and gives it back."""
    world = World()
    headers = {"x-api-key": world.api_key, "content-type": "application/json"}
    body = json.dumps({"agent_id": "agent_1", "content": "Ada likes green tea"}).encode()
    stored = world.handle(Request("POST", world.url, "/api/v1/memories", "", headers, body))
    listed = world.handle(Request("GET", world.url, "/api/v1/memories", "agent_id=agent_1", headers))
    assert (stored.status, listed.status) == (201, 200)
    assert [row["content"] for row in json.loads(listed.body)["memories"]] == ["Ada likes green tea"]


def check_command() -> None:
    """The command and each of its commands say how they are used, and one that needs nothing does its work."""
    names = [line.split()[0] for line in run("--help").partition("Commands:")[2].splitlines() if line.strip()]
    assert len(names) > 5, names
    for name in names:
        assert "Usage:" in run(name, "--help")
    assert "documented" in run("dialects")


def check_absent() -> None:
    """A command whose packages are not there says what to install."""
    for words, install in _NEEDS.items():
        ended = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False)
        assert ended.returncode == 2, (words, ended.stderr)
        assert f"pip install {install}" in ended.stderr, (words, ended.stderr)


def check_report() -> None:
    """A report is one file: its templates, its style and its script are in the wheel."""
    from fakememtrace.report.html import render
    from fakememtrace.report.model import Account, Page

    page = render(Page("replay", "a wheel", accounts=(Account("a wheel", "0.2.0"),)))
    assert page.startswith("<!doctype html>"), page[:80]
    assert "</style>" in page
    assert "</script>" in page


def run(*arguments: str) -> str:
    """What the command prints; it has to end well."""
    ended = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{arguments}: {ended.stderr}"
    return ended.stdout


def main() -> None:
    """All checks."""
    has_all = "all" in sys.argv[1:]
    check_imports(has_all)
    if not has_all:
        check_absent()
    check_memory()
    check_command()
    check_report()
    assert (ROOT / "py.typed").is_file()
    print(f"smoke test passed: {len(modules())} modules, {ROOT.parent.name}")


if __name__ == "__main__":
    main()
