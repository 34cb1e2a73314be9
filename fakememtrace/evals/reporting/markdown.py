"""A run of evals as Markdown for a pull request.

What memories and models say is anybody's: it stands in code only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...regression.markdown import code, fenced, folded, within
from ...report.text import Line
from ..evaluation import Evaluation
from ..sets.outcome import SetResult
from ..sets.text import set_lines
from ..text import headline, result_lines, summary

__all__ = ["markdown"]

_MOST_ROWS, _MOST_LINES, _LONGEST = 100, 200, 200
_TABLE = ("| eval | | state | why |", "| --- | --- | --- | --- |")
_LEFT_OUT = "*The rest is left out, since a comment has its limits: `fakememtrace eval` shows it.*"


def markdown(evaluation: Evaluation) -> str:
    """The funnel, a table of what did not pass, and below it what was lost and what flipped, folded away."""
    blocks = [f"### Memory evals: {summary(evaluation).text}"]
    if evaluation.results:
        blocks.append(fenced(line.text for line in headline(evaluation.results)))
    rows = list(_rows(evaluation))
    if rows:
        blocks.append("\n".join([*_TABLE, *_shortened(rows)]))
    blocks += _details(evaluation)
    return "\n\n".join(within(blocks, _LEFT_OUT)) + "\n"


def _rows(evaluation: Evaluation) -> Iterator[str]:
    for result in evaluation.results:
        if not result.passed:
            yield _row(result.case, result.dialect, result.state, result.words)
    for one in evaluation.sets:
        if one.state == "crashed":
            yield _row(one.name, one.measure, one.state, one.words)
        for gated in one.variants:
            if gated.verdict.state != "passed":
                yield _row(one.name, gated.variant, gated.verdict.state, "; ".join(gated.verdict.words))


def _row(name: str, what: str, state: str, words: str) -> str:
    short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
    return f"| {code(name)} | {code(what)} | {state} | {code(short)} |"


def _shortened(rows: list[str]) -> list[str]:
    more = len(rows) - _MOST_ROWS
    return [*rows[:_MOST_ROWS], f"| and {more} more | | | |"] if more > 0 else rows


def _details(evaluation: Evaluation) -> Iterator[str]:
    bad = [result for result in evaluation.results if not result.passed]
    if bad:
        yield folded("what did not pass", [_block(line for result in bad for line in result_lines(result))])
    for one in evaluation.sets:
        if not one.passed:
            yield folded(f"{one.name}: {one.state}", [_block(set_lines(one, False))])
        elif any(gated.verdict.flipped for gated in one.variants):
            yield folded(f"{one.name}: passed, and {_flips(one)}", [_block(set_lines(one, False))])


def _flips(result: SetResult) -> str:
    flips = sum(len(gated.verdict.flipped) for gated in result.variants)
    return f"{flips} item{'' if flips == 1 else 's'} flipped"


def _block(lines: Iterable[Line]) -> str:
    texts = [line.text for line in lines]
    more = len(texts) - _MOST_LINES
    return fenced([*texts[:_MOST_LINES], f"... and {more} lines more"] if more > 0 else texts)
