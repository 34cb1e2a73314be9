"""What Claude answers in the scenario multi_agent, written by hand."""

from __future__ import annotations

from fakememtrace.claude.author import Turn, text, tool_use

__all__ = ["DATE", "TURNS"]

DATE = "2026-11-22"

REPORT = """\
# The benefits of time-series databases

## Summary

They are made for data that arrives in the order of time and is seldom changed.
There they are smaller and faster than general databases by an order of magnitude.

## Pros

- Compression: metrics become 10 to 20 times smaller on disk.
- Ingestion: one node takes in a million points per second.
- Retention: old data is dropped by whole partitions, in an instant.

## Cons

- Cardinality: with too many distinct series the index outgrows memory.
- Joins and updates are slow or not possible.
- Whatever is no series needs a second database.

## Recommendation

Use one for metrics and sensor data with bounded cardinality, and keep a general database beside it."""

RESEARCH = [
    # "Research this topic: The benefits of time-series databases"
    Turn(
        [
            text("I'll compare what such a database does with its three kinds of work: taking in, keeping, answering."),
            tool_use(
                "memtrace_decide",
                decision="Compare time-series databases with general ones by ingestion, storage and queries",
                reasoning="These three are where their designs differ, and where teams say that they gain or lose.",
            ),
            tool_use(
                "memtrace_remember",
                content=(
                    "Compression: values that change little are stored as differences, "
                    "which makes metrics 10 to 20 times smaller on disk"
                ),
                tags=["storage", "pro"],
                importance=0.9,
            ),
            tool_use(
                "memtrace_remember",
                content=(
                    "Ingestion: rows arrive in the order of time and are only appended, "
                    "so that one node takes in a million points per second"
                ),
                tags=["ingestion", "pro"],
                importance=0.8,
            ),
            tool_use(
                "memtrace_remember",
                content="Retention: old data is dropped by whole partitions, in an instant and without a vacuum",
                tags=["storage", "pro"],
                importance=0.7,
            ),
        ],
        4120,
    ),
    Turn(
        [
            text("Now what speaks against them."),
            tool_use(
                "memtrace_remember",
                content=(
                    "Cardinality: with too many distinct series, such as one per user, "
                    "the index outgrows memory and writes slow down"
                ),
                tags=["ingestion", "con"],
                importance=0.85,
            ),
            tool_use(
                "memtrace_remember",
                content="Joins and updates: changing single rows or joining tables is slow or not possible at all",
                tags=["queries", "con"],
                importance=0.6,
            ),
            tool_use(
                "memtrace_remember",
                content="Teams that run one in production need a second database for everything that is no series",
                tags=["production", "con"],
                importance=0.5,
            ),
        ],
        3380,
    ),
    Turn(
        [
            text(
                "Done: six findings are stored, three for and three against, and the method is logged. "
                "The strongest are compression and ingestion, the gravest limit is cardinality."
            )
        ],
        1760,
    ),
]

SUMMARY = [
    # "Create a report on: The benefits of time-series databases"
    Turn(
        [text("First everything that the researcher stored, in full."), tool_use("memtrace_recall", since="24h")], 1420
    ),
    Turn(
        [
            tool_use("memtrace_search", tags=["pro"]),
            tool_use("memtrace_search", tags=["con"]),
            tool_use("memtrace_search", content_contains="compression"),
        ],
        1610,
    ),
    Turn(
        [
            text("The weightiest ones decide the recommendation."),
            tool_use("memtrace_search", min_importance=0.8),
        ],
        1280,
    ),
    Turn(
        [tool_use("memtrace_remember", content=REPORT, tags=["report", "time-series"], importance=1.0)],
        5230,
    ),
    Turn([text(f"The report is stored. Here it is:\n\n{REPORT}")], 2950),
]

TURNS = [*RESEARCH, *SUMMARY]
