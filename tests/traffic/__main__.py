"""``python -m tests.traffic``: print the tables of docs/real-traffic.md, with the SDK that is installed."""

from __future__ import annotations

import sys

from .table import MISSING, checked, files, header, lines


def main() -> int:
    """Print them; 1 when something was not replayed as it was recorded."""
    entries = files()
    if not entries:
        print(MISSING)
        return 0
    all_checked = [checked(entry["file"]) for entry in entries]
    print(header())
    print()
    print("\n".join(lines(all_checked)))
    wrong = [one for one in all_checked if not one.is_by_value]
    for one in wrong:
        print(f"\nnot by value: {one.entry['file']}\n{one.problem}".rstrip())
    return int(bool(wrong))


sys.exit(main())
