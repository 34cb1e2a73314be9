from __future__ import annotations

# Here already when pytest runs inside pytest, which takes away what it has imported itself, and then imports it anew.
import anthropic  # noqa: F401
import memtrace  # noqa: F401

from fakememtrace.doors import respx_router  # noqa: F401
from fakememtrace.in_pytest import clients, collected, fixtures, saying  # noqa: F401

from ..inside import run  # noqa: F401
