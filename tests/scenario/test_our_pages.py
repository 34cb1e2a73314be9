"""The pages about our scenarios."""

from __future__ import annotations

import pytest

from tests.authors.__main__ import AUTHORS
from tests.authors.pages import page_of, with_transcript


@pytest.mark.parametrize("name", sorted(AUTHORS))
def test_the_page_of_a_scenario_ends_with_its_transcript(name):
    """What the documentation shows of a scenario is what a replay prints."""
    assert page_of(name).read_text("utf-8") == with_transcript(name)
