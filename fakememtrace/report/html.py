"""A report as one HTML file that needs nothing else: no network, no other file, and no script to be read.

What is shown is hostile until shown otherwise: every value is escaped, what nobody sees stands there in words
(:mod:`.visible`), and the page's policy lets only our own style and script in, by their digests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..clock import rfc3339
from ..errors import UsageError
from ..files import write_whole
from .model import Account, Page, Text
from .overview import overview
from .text import explained
from .views import View, counts, pieces
from .visible import marked, visible

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["document", "render", "write"]

_HERE = Path(__file__).parent / "templates"
# With more on a page, what is far away waits: below it everything is there from the start.
_MANY = 1_500
_MOST_LINKS, _FEW_LINKS, _MOST_PLACES, _MOST_PROBLEMS, _SHORT = 40, 12, 4, 10, 80
_STYLES = {"red": "diff-old", "green": "diff-new", "yellow": "bad-text", "bold": "advice"}


def write(page: Page, path: str | os.PathLike[str]) -> None:
    """Write the report to the file `path`, whole or not at all; the same page gives the same bytes.

    Raises:
        FileError: it cannot be written.
        UsageError: Jinja2 is not installed.
    """
    write_whole(path, render(page))


def render(page: Page) -> str:
    """The whole file as text."""
    far = sum(map(_size, (*page.accounts, *(one for each in page.comparisons for one in each.accounts)))) > _MANY
    views = [View(account, f"a{number}-", far) for number, account in enumerate(page.accounts, 1)]
    beside = [
        [View(account, f"c{number}-a{side}-", far) for side, account in enumerate(comparison.accounts, 1)]
        for number, comparison in enumerate(page.comparisons, 1)
    ]
    return document("report.html", page=page, views=views, beside=beside, overview=overview(page))


def document(
    template: str,
    styles: tuple[str, ...] = (),
    filters: Mapping[str, Callable[..., Any]] | None = None,
    **values: Any,
) -> str:
    """The page that a `template` of the folder ``templates`` makes, which extends ``base.html``.

    `styles` are further files of styles there and `filters` further filters; `values` are what the template is told.
    """
    style = "\n".join(_file(name) for name in ("page.css", *styles))
    script = _file("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    made = environment()
    if filters:
        made = made.overlay()
        made.filters = {**made.filters, **filters}
    own = {"style": _as_is(style), "script": _as_is(script), "policy": policy}
    return made.get_template(template).render(**own, **values)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja2 with our templates: it escapes everything, and knows no value that it is not told."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError:
        raise UsageError('an HTML report needs Jinja2. Install it with: pip install "jinja2>=3.1"') from None
    from .. import __version__

    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "few_links": _FEW_LINKS,
        "most_links": _MOST_LINKS,
        "most_places": _MOST_PLACES,
        "most_problems": _MOST_PROBLEMS,
        "styles": _STYLES,
        "version": __version__,
    }
    made.filters |= {
        "as_json": _as_json,
        "clock": lambda micros: f"{rfc3339(micros)[11:19]}.{micros // 1000 % 1000:03}",
        "counted": _counted,
        "counts": counts,
        "explained": explained,
        "has_memory": lambda text: any(line.marks for line in text.lines),
        "marked": marked,
        "memories_of": lambda line: dict.fromkeys(mark.memory for mark in line.marks),
        "moment": lambda micros: rfc3339(micros).replace("T", " ").replace("Z", " UTC"),
        "pieces": pieces,
        "short": lambda text: text if len(text) <= _SHORT else f"{text[:_SHORT]}…",
        "whole": _whole,
    }
    return made


def _size(account: Account) -> int:
    return len(account.steps) + len(account.memories)


def _finalized(value: Any) -> Any:
    """What stands in a page: of others' text what can be seen, of our own markup what it is."""
    return visible(value) if type(value) is str else value


def _as_is(ours: str) -> Any:
    from markupsafe import Markup

    return Markup(ours)


@lru_cache(maxsize=8)
def _file(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


@lru_cache(maxsize=8)
def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _whole(text: Text) -> str:
    return "\n".join(line.text for line in text.lines)
