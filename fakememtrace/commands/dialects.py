"""``fakememtrace dialects``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import json_option
from .output import Output
from .tables import show_table

if TYPE_CHECKING:
    from ..memory.dialect import Attribute

__all__ = ["command", "markdown"]

_COLUMNS = ("attribute", "0.2.0", "documented", "what it means for an agent")
_PAGE = """\
# The two dialects

Memtrace's released server and its documentation disagree. The fake speaks both, and each difference is one attribute
of `Dialect`: `World("documented")` takes a whole preset, `Dialect("0.2.0").replace(context_scope="agent")` changes one
attribute. `0.2.0` is the default: a fake that is kinder than the real server hides bugs.

{table}

The attributes that are the same in both belong to a deployment: they are off unless you replace them.

This page is what `fakememtrace dialects --markdown` prints.
"""


@click.command("dialects", short_help="In what the server and its documentation differ.")
@json_option("The table")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the table as the page docs/dialects.md.")
def command(json_file: str | None, as_markdown: bool) -> None:
    """Show in what the released server (0.2.0) and its documentation differ, and what that means for an agent.

    Example:  fakememtrace dialects --json
    """
    from ..errors import UsageError
    from ..memory.dialect import ATTRIBUTES

    out = Output(json_file)
    if out.is_json and as_markdown:
        raise UsageError("--json and --markdown were both given, and only one thing can be printed. Give one of them.")
    attributes = list(ATTRIBUTES.values())
    out.document({"attributes": [_value(attribute) for attribute in attributes]})
    if as_markdown:
        click.echo(markdown(attributes), nl=False)
    elif not out.is_json:
        show_table(_COLUMNS, _rows(attributes))


def markdown(attributes: list[Attribute]) -> str:
    """The page ``docs/dialects.md``."""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS)]
    rows += [
        (f"`{name}`", f"`{released}`", f"`{documented}`", *rest)
        for name, released, documented, *rest in _rows(attributes)
    ]
    return _PAGE.format(table="\n".join(f"| {' | '.join(row)} |" for row in rows))


def _rows(attributes: list[Attribute]) -> list[tuple[str, ...]]:
    return [(entry.name, str(entry.released), str(entry.documented), entry.meaning) for entry in attributes]


def _value(attribute: Attribute) -> dict[str, Any]:
    return {
        "attribute": attribute.name,
        "0.2.0": attribute.released,
        "documented": attribute.documented,
        "values": list(attribute.values),
        "meaning": attribute.meaning,
    }
