"""``python -m tests.traffic``: print the tables of docs/real-traffic.md, with the SDK that is installed."""

from __future__ import annotations

import sys

import click

from .table import MISSING, checked, files, header, lines


@click.command()
def main() -> None:
    """Print the tables; end with 1 when something was not replayed as it was recorded."""
    entries = files()
    if not entries:
        click.echo(MISSING)
        return
    all_checked = [checked(entry["file"]) for entry in entries]
    # click.echo, since who reads on is free to stop: "| head".
    click.echo(header())
    click.echo()
    click.echo("\n".join(lines(all_checked)))
    wrong = [one for one in all_checked if not one.is_by_value]
    for one in wrong:
        click.echo(f"\nnot by value: {one.entry['file']}\n{one.problem}".rstrip())
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m tests.traffic")
