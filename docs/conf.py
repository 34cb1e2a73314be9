"""How the pages become a site: ``make docs``."""

from __future__ import annotations

import inspect
import re
from typing import Any

from fakememtrace import __version__

project = "fakememtrace"
author = "The fakememtrace maintainers"
copyright = author  # noqa: A001
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "sphinx_copybutton"]
html_theme = "furo"
html_title = "fakememtrace"
exclude_patterns = ["_*"]

myst_heading_anchors = 4
# Comments and dots make valid examples for readers, and no valid JSON.
suppress_warnings = ["misc.highlighting_failure"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

# What a page links to that is no page here: in a checkout these lead to the file, on the site to what it became.
_ELSEWHERE = {
    "../evals/README.md": "reference/evals.md",
    "../evals/synthetic/README.md": "reference/synthetic.md",
}
_PROGRAM = re.compile(r"\[([^]]+)\]\((?:\.\./)+(scenarios/\w+/program\.py)\)")


def setup(app: Any) -> None:
    """Let pages link to files of the checkout, and list the fixtures."""
    app.connect("source-read", _for_the_site)
    app.connect("sphinx-click-process-description", _as_it_is)


def _for_the_site(_app: Any, name: str, source: list[str]) -> None:
    text = source[0]
    for there, here in _ELSEWHERE.items():
        text = text.replace(f"]({there})", f"]({here})")
    text = _PROGRAM.sub(r"\1 (`\2`)", text)
    if name == "reference/fixtures":
        text += _fixtures()
    source[0] = text


def _as_it_is(_app: Any, _context: Any, lines: list[str]) -> None:
    """Help is plain text: what ends in an underscore is no link."""
    lines[:] = [re.sub(r"_(?=\W|$)", r"\\_", line) for line in lines]


def _fixtures() -> str:
    """Every fixture of the plugin with what its docstring says."""
    from fakememtrace import plugin

    found = {name: one for name, one in vars(plugin).items() if type(one).__name__ == "FixtureFunctionDefinition"}
    return "".join(f"\n## `{name}`\n\n{inspect.getdoc(found[name])}\n" for name in sorted(found))
