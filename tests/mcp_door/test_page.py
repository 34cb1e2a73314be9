"""docs/mcp.md is true: its programs run, its configurations start a server, and its tables are the code's."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import mcp
import pytest

from fakememtrace import World
from fakememtrace.commands.mcp import command
from fakememtrace.doors.mcp.tools import TOOLS

from .helpers import ROOT, ask

DOCS = ROOT / "docs"
PAGE = (DOCS / "mcp.md").read_text("utf-8")
# Where the command is, as it is for somebody who has installed it.
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def blocks(language):
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def rows(heading):
    """The cells of the table whose first heading it is."""
    table = re.search(rf"^\| {heading} \|.*\n\|[- |]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [line.strip("| ").split(" | ") for line in table[1].splitlines()]


@pytest.mark.parametrize("number", range(2))
def test_every_program_runs(number, tmp_path):
    """The one with the command prints what is shown; the one within the process holds."""
    (tmp_path / "program.py").write_text(blocks("python")[number], "utf-8")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, blocks("text")[0] if number == 0 else "", "")
    assert len(blocks("python")) == 2


def test_a_configuration_starts_a_server_that_remembers(tmp_path, monkeypatch):
    """After the file is made as shown, the second one begins with it, and what is remembered is in it."""
    monkeypatch.chdir(tmp_path)
    configuration = json.loads(blocks("json")[1])["mcpServers"]["memtrace"]
    (made,) = re.findall(r"^\$ (fakememtrace .*)", PAGE, re.MULTILINE)
    subprocess.run(made, shell=True, env={**os.environ, "PATH": PATH}, check=True, timeout=60)
    assert World(seed="memory.json").memory.memories() == []

    async def remembered():
        async with mcp.Client(mcp.StdioServerParameters(**configuration, env={"PATH": PATH})) as client:
            return await client.call_tool("memtrace_remember", {"agent_id": "a", "content": "tea"})

    assert not asyncio.run(remembered()).is_error
    assert [memory.content for memory in World(seed="memory.json").memory.memories()] == ["tea"]


def test_every_command_shown_can_be_given():
    """What the configurations and Claude Code's command start is this command, with options that it has."""
    configured = [json.loads(block)["mcpServers"]["memtrace"] for block in blocks("json")]
    added = re.findall(r"^\$ claude mcp add memtrace -- (.*)", PAGE, re.MULTILINE)
    shown = [[one["command"], *one["args"]] for one in configured] + [shlex.split(line) for line in added]
    assert len(shown) == 3
    for name, group, *options in shown:
        assert (name, group) == ("fakememtrace", "mcp")
        command.make_context("mcp", options)


def test_every_option_is_in_the_table():
    """The table has each of the command's options, in their order, and no other."""
    known = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    assert [row[0] for row in rows("option")] == [f"`{option}`" for option in known]


def test_every_tool_is_in_the_table():
    """The table has each tool with its arguments, their defaults and which are needed, and its method and path."""

    def shown(arguments, name):
        default = arguments.schemas[name].get("default")
        words = f"**{name}**" if name in arguments.required else name
        return words if default is None else f"{words} ({default})"

    def asked(tool):
        ask = tool.ask(dict.fromkeys(tool.arguments.required, "{id}"))
        return f"`{ask.method} {ask.path.replace('%7Bid%7D', '{id}')}`"

    assert [[row[0], row[1], row[2].removesuffix(", newest first")] for row in rows("tool")] == [
        [f"`{name}`", ", ".join(shown(tool.arguments, each) for each in tool.arguments.schemas), asked(tool)]
        for name, tool in TOOLS.items()
    ]


def test_every_error_is_in_the_words_shown():
    """The two errors of the page are what the tool says."""
    _, refused, wrong = (text.rstrip("\n") for text in blocks("text"))
    world = World()
    assert ask(world, "remember", agent_id="a", content="").text == refused
    assert ask(world, "remember", agent_id="a", text="x", memory_type="fact").text == wrong


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    assert [name for name in re.findall(r"\]\((.*?)\)", PAGE) if not (DOCS / name).is_file()] == []
