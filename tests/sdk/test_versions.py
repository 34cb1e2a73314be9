"""The released SDKs, unchanged, all of them, in both forms, against both dialects."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from fakememtrace.memory.routes import ROUTES

from .calls import CALLS
from .versions import ROOT, VERSIONS, folder, is_installed

WAYS = [f"{way} {dialect}" for way in ("sync", "async") for dialect in ("0.2.0", "documented")]
LATER = {"delete_agent", "get_agent_memories", "get_session_memories", "list_agents", "list_sessions"}
BAD_TAG = "invalid tag 'a b': invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars"

each_version = pytest.mark.parametrize("version", VERSIONS)
each_way = pytest.mark.parametrize("way", WAYS)


@functools.cache
def report(version: str) -> Any:
    """What tests.sdk.program found out about that version."""
    if not is_installed(version):
        pytest.skip(f"memtrace-sdk {version} is not in .venv/sdks; python -m tests.sdk.versions installs it")
    environment = {**os.environ, "PYTHONPATH": str(folder(version))}
    command = [sys.executable, "-W", "error", "-m", "tests.sdk.program"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@each_version
def test_it_is_the_version_that_is_meant(version: str) -> None:
    """Not another one that happens to be on the path: the wheel of 0.1.0 has no code, and would not be noticed."""
    assert report(version)["version"] == version


@each_version
@pytest.mark.parametrize("form", ["sync", "async"])
def test_every_public_method_is_in_the_table(version: str, form: str) -> None:
    """A method that the SDK has and the table of calls has not is a method that nobody has tried."""
    missing = set(report(version)["methods"][form]) - set(CALLS)
    assert missing == set()


def test_the_table_has_no_method_that_the_latest_sdk_has_not() -> None:
    """A call of something that is gone would never be made, and look covered."""
    assert set(CALLS) == set(report("0.2.0")["methods"]["sync"])


@each_version
def test_both_forms_of_the_sdk_are_one(version: str) -> None:
    """The asynchronous client has the same methods, and they ask for the same routes."""
    found = report(version)
    assert found["methods"]["sync"] == found["methods"]["async"]
    assert found["sends"]["sync"] == found["sends"]["async"]


@each_version
@each_way
def test_every_method_is_answered_by_the_route_it_asks_for(version: str, way: str) -> None:
    """What a recording transport sees of the SDK is the row of the fake's table that answered the call."""
    found = report(version)
    for method, route in found["sends"][way.split()[0]].items():
        assert route in found["served"][way][method], method


@each_version
def test_the_sdk_asks_for_no_route_that_the_fake_has_not(version: str) -> None:
    """The routes come out of the SDK, not out of our own list."""
    assert set(report(version)["sends"]["sync"].values()) <= {str(route) for route in ROUTES}


def test_the_sdk_has_no_method_for_these_routes() -> None:
    """What is left of the API is for those who reach through the SDK's client."""
    left = {str(route) for route in ROUTES} - set(report("0.2.0")["sends"]["sync"].values())
    assert left == {"GET /health", "GET /ready", "GET /api/v1/memories/{id}"}


@each_version
@each_way
def test_every_exception_class_is_raised(version: str, way: str) -> None:
    """Each class that the SDK offers is what some answer of the fake turns into."""
    found = report(version)
    # The SDK knows a missing Arc by its text, and reads the field in which the documentation has a code.
    unheard = {"NoArcInstanceError"} if way.endswith("documented") else set()
    raised = {name for name, *_ in found["raised"][way].values()}
    assert raised == set(found["exceptions"]) - unheard


@each_version
@pytest.mark.parametrize("form", ["sync", "async"])
def test_the_exceptions_tell_the_servers_text(version: str, form: str) -> None:
    """Class, status, message and text of each, from the released server."""
    raised = report(version)["raised"][f"{form} 0.2.0"]
    unknown, no_arc = "agent not found", "no arc instance configured for this org"
    taken = "agent 'twin' already exists in this organization"
    assert raised == {
        "no such agent": ["NotFoundError", 404, unknown, unknown],
        "same name": ["ConflictError", 409, taken, taken],
        "bad tag": ["MemtraceError", 400, BAD_TAG, BAD_TAG],
        "slash in a name": raised["slash in a name"],
        "wrong key": ["AuthenticationError", 401, "invalid API key", "invalid API key"],
        "no arc": ["NoArcInstanceError" if version == "0.2.0" else "MemtraceError", 503, no_arc, no_arc],
    }


@each_version
@pytest.mark.parametrize("form", ["sync", "async"])
def test_the_exceptions_tell_the_documentations_code(version: str, form: str) -> None:
    """Of the documented error the SDK reads the code, so the text is lost, and a missing Arc is any error."""
    raised = report(version)["raised"][f"{form} documented"]
    assert raised == {
        "no such agent": ["NotFoundError", 404, "not_found", "not_found"],
        "same name": ["ConflictError", 409, "conflict", "conflict"],
        "bad tag": ["MemtraceError", 400, "invalid_request", "invalid_request"],
        "slash in a name": raised["slash in a name"],
        "wrong key": ["AuthenticationError", 401, "unauthorized", "unauthorized"],
        "no arc": ["MemtraceError", 503, "internal_error", "internal_error"],
    }


def test_0_1_0_has_no_code_in_its_wheel() -> None:
    """``pip install memtrace-sdk==0.1.0`` gives nothing to import, so its code is the source distribution's."""
    report("0.1.0")
    (record,) = folder("0.1.0").glob("*.dist-info/RECORD")
    assert ".py," not in record.read_text("utf-8")


def test_0_1_0_has_five_methods_and_two_models_less() -> None:
    """All that lists or deletes came with 0.1.1."""
    first, second = report("0.1.0"), report("0.1.1")
    assert set(second["methods"]["sync"]) - set(first["methods"]["sync"]) == LATER
    assert set(second["models"]) - set(first["models"]) == {"AgentList", "SessionList"}


@each_way
def test_0_1_0_does_not_quote_ids(way: str) -> None:
    """A name with a slash in it asks 0.1.0 for a path that does not exist; later ones ask for the agent."""
    raised = report("0.1.0")["raised"][way]["slash in a name"]
    assert raised[:3] == ["NotFoundError", 404, "Cannot GET /api/v1/agents/a/b"]
    text = "agent not found" if way.endswith("0.2.0") else "not_found"
    for later in ("0.1.1", "0.2.0"):
        assert report(later)["raised"][way]["slash in a name"] == ["NotFoundError", 404, text, text]


def test_0_2_0_adds_an_exception_and_nothing_else() -> None:
    """The one difference from 0.1.1 is that a missing Arc has a class of its own."""
    second, third = report("0.1.1"), report("0.2.0")
    assert set(third["exceptions"]) - set(second["exceptions"]) == {"NoArcInstanceError"}
    for what in ("methods", "models", "sends", "served"):
        assert third[what] == second[what]
