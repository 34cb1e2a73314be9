"""Hypothesis strategies for Memtrace, and a state machine that calls every route (extra ``hypothesis``).

The strategies draw what goes over the wire, as plain JSON values, so that they fit any client::

    from hypothesis import given
    from fakememtrace.strategies import memories

    @given(memory=memories())
    def test_my_agent_survives(memory): ...

Each comes with a twin that draws what is refused: ``memories`` and ``invalid_memories``.
:class:`MemtraceMachine` puts them together.
"""

from __future__ import annotations

import importlib

from ..errors import UsageError

try:
    importlib.import_module("hypothesis")
except ModuleNotFoundError:
    raise UsageError(
        'fakememtrace.strategies needs hypothesis. Install it with: pip install "fakememtrace[hypothesis]"'
    ) from None

from .bodies import (
    agents,
    batches,
    invalid_agents,
    invalid_batches,
    invalid_memories,
    invalid_sessions,
    memories,
    sessions,
)
from .machine import MemtraceMachine
from .queries import (
    context_options,
    invalid_context_options,
    invalid_list_options,
    invalid_search_queries,
    list_options,
    search_queries,
)
from .tools import invalid_tool_calls, tool_calls
from .windows import invalid_windows, windows
from .words import contents, ids, invalid_ids, tags

__all__ = [
    "MemtraceMachine",
    "agents",
    "batches",
    "contents",
    "context_options",
    "ids",
    "invalid_agents",
    "invalid_batches",
    "invalid_context_options",
    "invalid_ids",
    "invalid_list_options",
    "invalid_memories",
    "invalid_search_queries",
    "invalid_sessions",
    "invalid_tool_calls",
    "invalid_windows",
    "list_options",
    "memories",
    "search_queries",
    "sessions",
    "tags",
    "tool_calls",
    "windows",
]
