"""The same memories in DuckDB, asked with the SQL that the real server sends."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fakememtrace.memory.records import Memory

__all__ = ["Duck"]

_COLUMNS = {"time": "BIGINT", **dict.fromkeys(Memory._fields[2:10], "VARCHAR"), "importance": "DOUBLE"}


class Duck:
    """A table in memory, with DuckDB's own choice of threads."""

    def __init__(self, memories: Iterable[Memory]) -> None:
        import duckdb

        self.version: str = duckdb.__version__
        self._connection = duckdb.connect()
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        self._connection.execute(f"CREATE TABLE events ({columns})".replace("time BIGINT", "time TIMESTAMP"))
        with TemporaryDirectory() as folder:
            path = Path(folder, "events.csv")
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(map(_row, memories))
            self._connection.execute(
                f"INSERT INTO events SELECT make_timestamp(time), * EXCLUDE (time) FROM "
                f"read_csv('{path}', header = false, columns = {_COLUMNS})"
            )

    def insert(self, memory: Memory) -> None:
        """Store `memory`."""
        marks = ", ".join("?" * (len(_COLUMNS) - 1))
        self._connection.execute(f"INSERT INTO events VALUES (make_timestamp(?::BIGINT), {marks})", _row(memory))

    def contents(self, conditions: Sequence[str], limit: int) -> list[str]:
        """The contents of the newest memories that meet all `conditions`."""
        where = " AND ".join(("org_id = 'org_default'", *conditions))
        rows = self._ask(f"SELECT * FROM events WHERE {where} ORDER BY time DESC LIMIT {limit}")
        return [row[6] for row in rows]

    def has_key(self, key: str, after: int) -> bool:
        """Whether there is a memory with that dedup key."""
        where = f"org_id = 'org_default' AND dedup_key = '{key}' AND {later(after)}"
        return bool(self._ask(f"SELECT count(*) FROM events WHERE {where}")[0][0])

    def tally(self, agent_id: str, after: int) -> tuple[int, int, int]:
        """How many memories the agent has, how many of them are recent, how many of those errors."""
        recent = f"count(*) FILTER ({later(after)})"
        errors = f"count(*) FILTER ({later(after)} AND event_type = 'error')"
        where = f"org_id = 'org_default' AND agent_id = '{agent_id}'"
        rows = self._ask(
            f"SELECT memory_type, count(*), {recent}, {errors} FROM events WHERE {where} GROUP BY memory_type"
        )
        return tuple(sum(row[column] for row in rows) for column in (1, 2, 3))  # type: ignore[return-value]

    def _ask(self, sql: str) -> list[Any]:
        return self._connection.execute(sql).fetchall()


def later(after: int) -> str:
    """The condition that a memory is later than that, in microseconds since 1970."""
    return f"time > make_timestamp({after}::BIGINT)"


def has(column: str, text: str) -> str:
    """The condition that `text`, which has nothing to escape, is part of the column."""
    return f"{column} LIKE '%{text}%' ESCAPE '\\'"


def _row(memory: Memory) -> tuple[Any, ...]:
    return (memory.time, *memory[2:10], float(memory.importance))
