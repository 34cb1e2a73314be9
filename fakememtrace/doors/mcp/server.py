"""The tools as a server of the official SDK, for its stdio and for its clients in the same process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UsageError
from ..translate import World as DoorWorld
from .calling import Outcome, call
from .tools import INSTRUCTIONS, TOOLS, Tool

try:
    from mcp import types
    from mcp.server.lowlevel import Server
except ModuleNotFoundError:
    raise UsageError(
        'the MCP server needs the official SDK, mcp. Install it with: pip install "fakememtrace[mcp]"'
    ) from None

__all__ = ["server"]

_TITLE = "Memtrace, as fakememtrace plays it"


def server(world: Any, key: str | None = None, *, version: str = "", structured: bool = False) -> Any:
    """An MCP server with Memtrace's seven tools on the store of `world`, which need not be entered.

        async with mcp.Client(server(world)) as client:
            await client.call_tool("memtrace_remember", {"agent_id": "agent_1", "content": "likes tea"})

    Args:
        world: the World that answers, by its dialect, its faults and its clock, and whose journal shows each request.
        key: the API key that the tools send; the world's own unless given, and ``world.org("acme").api_key`` for
            another org.
        version: what the server says its version is.
        structured: give what is JSON as structured content as well; the released MCP server of Memtrace gives text
            only, and an agent that relies on more fails there.
    """
    tools = _Tools(world, world.api_key if key is None else key, structured)
    made: Any = Server
    if hasattr(made, "call_tool"):
        # The SDK before 2.0, whose own words about wrong arguments are not asked for.
        older = made("memtrace", version=version, instructions=INSTRUCTIONS)
        older.list_tools()(tools.all)
        older.call_tool(validate_input=False)(tools.call)
        return older
    return made(
        "memtrace",
        version=version,
        title=_TITLE,
        instructions=INSTRUCTIONS,
        on_list_tools=tools.on_list,
        on_call_tool=tools.on_call,
    )


class _Tools:
    """What an SDK's server does with the tools: for the first generation ``all`` and ``call``, else ``on_...``."""

    def __init__(self, world: DoorWorld, key: str, structured: bool) -> None:
        self._world, self._key, self._structured = world, key, structured

    async def all(self) -> list[types.Tool]:
        return [_described(tool) for tool in TOOLS.values()]

    async def call(self, name: str, given: Mapping[str, Any] | None) -> types.CallToolResult:
        return _result(await call(self._world, self._key, name, given or {}), self._structured)

    async def on_list(self, _context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=await self.all())

    async def on_call(self, _context: Any, params: Any) -> types.CallToolResult:
        return await self.call(params.name, params.arguments)


# By their names on the wire, which are the same in both generations of the SDK.
def _described(tool: Tool) -> types.Tool:
    told = {"name": tool.name, "description": tool.description, "inputSchema": tool.arguments.schema()}
    return types.Tool.model_validate(told)


def _result(outcome: Outcome, structured: bool) -> types.CallToolResult:
    told: dict[str, Any] = {"content": [{"type": "text", "text": outcome.text}], "isError": outcome.is_error}
    if outcome.value is not None and structured:
        told["structuredContent"] = outcome.value
    return types.CallToolResult.model_validate(told)
