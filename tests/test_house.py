"""The rules of the house: who may import whom, and what a test must say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fakememtrace"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

# From the ground up; a room imports from its own floor's room and from the floors below.
FLOORS = [
    {"errors", "hashing", "wire"},
    {"files", "selection", "toml", "variables"},
    {"clock", "addresses", "conformance"},
    {"faults", "journal"},
    {"memory", "claude", "telegram"},
    {"doors", "recollection", "snapshot"},
    {"client", "world"},
    {"expecting", "fixture"},
    {"scenario", "strategies"},
    {"report"},
    {"doctor", "running", "starting", "syrupy"},
    {"drift", "regression"},
    {"evals"},
    {"in_pytest"},
    {"plugin", "commands"},
    {"cli"},
    {"__init__", "__main__"},
]
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
HTTP = {
    *("anthropic", "httpcore", "httpcore2", "httpx", "httpx2", "mcp", "mcp_types", "memtrace", "requests", "respx"),
    "urllib3",
}


def room_of(path):
    """The room a module stands in: a package, or a module of its own."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Every imported module as its dotted parts, ours relative to the package."""
    package = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (("", *alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [node.module] if node.module else [alias.name for alias in node.names if alias.name[0] != "_"]
            yield from ((*base, *name.split(".")) for name in names)
        elif isinstance(node, ast.ImportFrom):
            yield ("", *node.module.split("."))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_points_back_up(path):
    """A room imports from rooms below it, and two rooms on one floor do not know each other."""
    room = room_of(path)
    for imported in imports(path):
        if imported[0] == "":
            continue
        assert imported[0] == room or FLOOR[imported[0]] < FLOOR[room], f"{room} imports {'.'.join(imported)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_doors_know_an_http_library(path):
    """No other room imports an HTTP library or an SDK, but for the client; the world names respx for its types only."""
    known = {imported[1] for imported in imports(path) if imported[0] == ""} & HTTP
    allowed = {"client": {"httpx"}, "doors": HTTP, "world": {"respx"}}.get(room_of(path), set())
    assert known <= allowed


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_says_what_it_promises(path):
    """Each test has one sentence."""
    silent = [
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_module_is_a_warehouse():
    """A module that grows past 450 lines is split before anybody goes on."""
    assert {str(path): lines for path in MODULES if (lines := path.read_text("utf-8").count("\n")) > 450} == {}
