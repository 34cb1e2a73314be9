"""What pages show of our words, where nothing is typed to get them: it is what is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.evals.datasets.locomo import load

from .folders import broken_set
from .pages import PAGES, ROOT, Block, blocks, read

EXPLANATIONS = [block for page in PAGES if "/explanation/" in page for block in blocks(page, "python")]


@pytest.mark.parametrize("block", EXPLANATIONS, ids=str)
def test_every_explanation_is_true(block: Block) -> None:
    """What a page explains with a program is what the program does, which asserts it."""
    assert "assert " in block.text
    exec(compile(block.text, block.page, "exec"), {"__name__": "page"})


def test_a_broken_data_set_is_told_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The complaint of docs/datasets.md is the one about such a file, word for word."""
    monkeypatch.chdir(tmp_path)
    broken_set(tmp_path)
    with pytest.raises(Exception, match="evidence") as refused:
        load(Path("locomo10.json"))
    assert f"{refused.value}\n" == blocks("docs/datasets.md", "text")[0].text


def test_the_funnel_is_that_of_the_evals_it_names() -> None:
    """The funnel of docs/evals.md is the first line that the command before it prints."""
    (words,) = re.findall(r"^`fakememtrace eval (.*)` prints", read("docs/evals.md"), re.MULTILINE)
    done = CliRunner().invoke(cli, ["eval", "--evals", str(ROOT / "evals"), *words.split()])
    (shown,) = blocks("docs/evals.md", "text")
    assert done.stdout.startswith(shown.text)
