"""``python -m fakememtrace.evals.datasets.locomo PATH``: print the table; 1 when a figure is off its anchor."""

from __future__ import annotations

import os
import sys

from ....errors import FakememtraceError
from .table import table, text

_USAGE = "usage: python -m fakememtrace.evals.datasets.locomo PATH\nPATH is locomo10.json, or the folder it is in."


def main(arguments: list[str]) -> int:
    """Print the table of the data set that is named."""
    if len(arguments) != 1:
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        found = table(arguments[0], workers=os.cpu_count() or 1)
    except FakememtraceError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(text(found), end="")
    return 0 if all(row.is_near for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
