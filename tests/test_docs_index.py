"""The site: every page is in the table of contents, and every link of a page leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.name != "index.md")
CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^]]*\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_page_is_in_the_table_of_contents(page):
    """A page that nobody is led to does not exist for its reader."""
    name = page.relative_to(DOCS).with_suffix("").as_posix()
    assert re.search(rf"^{re.escape(name)}$", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_link_leads_somewhere(page):
    """A link to a file is to one that is there."""
    text = CODE.sub("", page.read_text("utf-8"))
    dead = [target for target in LINK.findall(text) if not (page.parent / target).exists()]
    assert dead == []
