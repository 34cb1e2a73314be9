"""The pages of our scenarios in docs/scenarios, each of which ends with the transcript."""

from __future__ import annotations

import re
from pathlib import Path

from fakememtrace import replay
from fakememtrace.report.text import outcome_lines, verdict

__all__ = ["page_of", "with_transcript"]

ROOT = Path(__file__).parents[2]
_TRANSCRIPT = re.compile(r"^```text\n(.*)^```\n\Z", re.DOTALL | re.MULTILINE)


def page_of(name: str) -> Path:
    """The page of a scenario."""
    return ROOT / "docs" / "scenarios" / f"{name}.md"


def with_transcript(name: str) -> str:
    """The text of the page with the transcript as it is now."""
    outcome = replay(ROOT / "scenarios" / name)
    lines = [line.text.rstrip() for line in [*outcome_lines(outcome), verdict(outcome)]]
    page, transcript = page_of(name).read_text("utf-8"), "\n".join(lines)
    return _TRANSCRIPT.sub(lambda _: f"```text\n{transcript}\n```\n", page)
