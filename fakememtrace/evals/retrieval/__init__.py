"""Plans: ways in which an agent gets memories for a question out of Memtrace, by requests that it could make."""

from __future__ import annotations

from .plans import BM25, CONTEXT, NEWEST, SUBSTRING, Plan, plan, plans
from .reader import Found, Reader, ReadFailed

__all__ = ["BM25", "CONTEXT", "NEWEST", "SUBSTRING", "Found", "Plan", "ReadFailed", "Reader", "plan", "plans"]
