"""Calling tools: of a server in this process, and of the command over its pipes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import mcp

from fakememtrace.doors.mcp.server import server

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-W", "error", "-m", "fakememtrace", "mcp"]
# An SDK of the first generation, which `make sdks` puts there.
OLDER = ROOT / ".venv" / "mcp-1.30.0" / "site-packages"


class Said(NamedTuple):
    """What a call of a tool gives: its text, its structured content, and whether it is an error."""

    text: str
    value: Any
    is_error: bool


def said(result: Any) -> Said:
    """An SDK's result, which must have one text."""
    (content,) = result.content
    return Said(content.text, result.structured_content, bool(result.is_error))


def asked(world, *calls, mode="auto", structured=True, **options):
    """What each of the `calls`, a name and its arguments, gives in `world`, one after the other."""

    async def all_of_them():
        async with mcp.Client(server(world, structured=structured, **options), mode=mode) as client:
            return [said(await client.call_tool(f"memtrace_{name}", arguments)) for name, arguments in calls]

    return asyncio.run(all_of_them())


def ask(world, name, /, **arguments):
    """What one call gives."""
    return asked(world, (name, arguments))[0]


async def walk(client, dialect):
    """All seven tools in one conversation, and an error in it; what each call gave."""
    heard = []

    async def call(tool, /, **arguments):
        heard.append(said(await client.call_tool(f"memtrace_{tool}", arguments)))
        return heard[-1]

    agent = await call("agent_register", name="reviewer", description="reads code")
    own = "reviewer" if dialect == "documented" else json.loads(agent.text)["id"]
    session = await call("session_create", agent_id=own, metadata={"goal": "review <42>"})
    inside = {"agent_id": own, "session_id": json.loads(session.text)["id"]}
    await call("remember", content="Naïve SQL & no tests", tags=["sql", "risk"], importance=0.9, **inside)
    await call("remember", content="Waits for CI", event_type="ci_pending", metadata={"job": 7}, **inside)
    await call("remember", content="not stored", tags=["no spaces"], **inside)
    await call("decide", agent_id=own, decision="Reject it", reasoning="An injection is possible")
    await call("recall", agent_id=own)
    await call("search", agent_id=own, content_contains="SQL", tags=["sql"], min_importance=0.5)
    await call("session_context", session_id=inside["session_id"])
    return heard


def message(number, method, /, **params):
    """One line of the protocol; a notification where there is no number."""
    identity = {} if number is None else {"id": number}
    return json.dumps({"jsonrpc": "2.0", **identity, "method": method, "params": params}) + "\n"


def called(number, tool, /, **arguments):
    """The line that calls a tool."""
    return message(number, "tools/call", name=f"memtrace_{tool}", arguments=arguments)


GREETING = message(
    0, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "test", "version": "1"}
) + message(None, "notifications/initialized")


def started(*options, sdk=None, **how):
    """The command, running, with its three pipes; `sdk` is the folder of another SDK."""
    environ = os.environ if sdk is None else {**os.environ, "PYTHONPATH": str(sdk)}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([*COMMAND, *options], env=environ, **{**pipes, **how})


def spoken(lines, *options, sdk=None):
    """What the command says to `lines`, after which stdin ends: its exit code, its messages, and its stderr."""
    process = started(*options, sdk=sdk)
    try:
        out, err = process.communicate((GREETING + lines).encode(), timeout=60)
    finally:
        process.kill()
    return process.returncode, [json.loads(line) for line in out.splitlines()], err.decode()


def texts(messages):
    """The text that each call got, by its number."""
    results = {answer["id"]: answer["result"] for answer in messages if "result" in answer}
    return {number: result["content"][0]["text"] for number, result in results.items() if "content" in result}
