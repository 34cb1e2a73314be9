"""Every block of code of every page is run, parsed or compared by a test that is named, or it is said why not."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from .claims import CLAIMS, UNTRIED, Claim
from .pages import PAGES, ROOT, Block, blocks

EVERY = [block for page in PAGES for block in blocks(page)]


def claimed(claim: Claim) -> list[Block]:
    """The blocks that are meant by a claim."""
    return [
        block
        for block in EVERY
        if (block.page, block.language) == (claim.page, claim.language)
        and (not claim.numbers or block.number in claim.numbers)
    ]


def test_every_block_is_somebodys() -> None:
    """A block that nobody runs, parses or compares is a promise that nobody keeps; one is claimed once."""
    times = Counter(block for claim in [*CLAIMS, *UNTRIED] for block in claimed(claim))
    wrong = [block for block in EVERY if times[block] != 1]
    assert [f"{block}: claimed {times[block]} times in tests/docs/claims.py" for block in wrong] == []


def test_every_claim_is_of_blocks_that_are_there() -> None:
    """A claim of a block that is gone hides the next one that comes in its place."""
    assert [
        claim
        for claim in [*CLAIMS, *UNTRIED]
        if not claimed(claim) or len(claim.numbers) not in (0, len(claimed(claim)))
    ] == []


@pytest.mark.parametrize("name", sorted({claim.by for claim in CLAIMS}))
def test_every_test_that_is_named_is_there(name: str) -> None:
    """The test that is to run a block exists, and reads pages."""
    file, _, function = name.partition("::")
    text = (ROOT / file).read_text("utf-8")
    assert function in {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


def test_every_reason_is_one() -> None:
    """What cannot be typed is a handful, and each says what it needs or who does it instead."""
    assert len(UNTRIED) <= 6
    assert all(claim.by.startswith("It ") for claim in UNTRIED)
