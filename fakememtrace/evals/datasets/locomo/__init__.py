"""LoCoMo: ten long conversations, read from a copy that the user has (its licence lets nobody ship it here).

``python -m fakememtrace.evals.datasets.locomo PATH`` prints the table beside the anchors.
"""

from __future__ import annotations

from .anchors import DIGEST
from .load import CATEGORIES, FILE, load
from .shown import survivors
from .table import READS, RETRIEVALS, Row, items, rows, table, text

__all__ = [
    "CATEGORIES",
    "DIGEST",
    "FILE",
    "READS",
    "RETRIEVALS",
    "Row",
    "items",
    "load",
    "rows",
    "survivors",
    "table",
    "text",
]
