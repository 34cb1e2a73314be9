"""docs/metrics.md, docs/datasets.md and the synthetic set's README are true: examples run, tables are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakememtrace.evals import metrics
from fakememtrace.evals.datasets import Variant, measured
from fakememtrace.evals.datasets.locomo import anchors
from fakememtrace.evals.datasets.synthetic import load
from fakememtrace.evals.retrieval import plans

ROOT = Path(__file__).parents[2]
METRICS, DATASETS, SYNTHETIC = (
    (ROOT / name).read_text("utf-8") for name in ("docs/metrics.md", "docs/datasets.md", "evals/synthetic/README.md")
)


def rows(page, heading):
    """The cells of the tables whose first heading it is."""
    tables = re.findall(rf"^\| {heading} \|.*\n\|[- |]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert tables, heading
    return [line.strip("| ").split(" | ") for table in tables for line in table.splitlines()]


@pytest.mark.parametrize("page", [METRICS, DATASETS], ids=["metrics", "datasets"])
def test_the_examples_run(page):
    """Each block of Python, as it stands."""
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    exec(compile(blocks[0], "page", "exec"), {})


def test_every_metric_has_its_rule():
    """The names in the tables are those that there are, but for what only carries or shows them."""
    told = {re.sub(r"\(.*", "", cells[0].strip("`")) for cells in rows(METRICS, "metric")}
    functions = {name for name in metrics.__all__ if name[0].islower()}
    assert told == functions - {"holds", "mean", "percent", "ranked", "tokens"}


def test_every_plan_is_told():
    """One row each."""
    assert sorted(cells[0].strip("`") for cells in rows(DATASETS, "plan")) == [
        name.replace("24h", "7d") for name in plans()
    ]


def test_the_measured_figures_are_near_the_anchors():
    """What the page says was measured is within the tolerance, row by row."""
    variants = ("newest, 0.2.0", "substring, 0.2.0", "substring, documented", "bm25, 0.2.0")
    told = [[float(cell) for cell in cells[1:]] for cells in rows(DATASETS, "retrieval")]
    for variant, figures in zip(variants, told, strict=True):
        for figure, anchor in zip(figures, anchors.RETRIEVALS[variant].values(), strict=True):
            assert abs(figure - anchor) < anchors.TOLERANCE + 1e-9


def test_the_synthetic_figures_are_measured():
    """The README's table is what comes out."""
    names = ("newest", "substring", "bm25")
    found = measured(load(), [Variant(name, "0.2.0", (5,)) for name in names])
    for category, *told in rows(SYNTHETIC, "category"):
        means = [found.mean(f"{name}, 0.2.0", 5, lambda ranks: ranks.recall, category).value for name in names]
        assert told == [metrics.percent(value) for value in means]


def test_the_synthetic_families_are_told_with_their_sizes():
    """Memories and questions, family by family."""
    told = {cells[0]: cells[1] for cells in rows(SYNTHETIC, "family")}
    sizes = [str(len(history.entries)) for history in load().histories]
    assert told.pop("distractors x0, x10, x100") == ", ".join(sizes[:3])
    assert list(told.values()) == sizes[3:]
