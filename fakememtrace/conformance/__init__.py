"""The contract as data, and a runner that any Memtrace server can be put under.

The vectors stand in ``vectors/``, one file for each part of the contract; ``README.md`` says how
they are written.  ``fakememtrace conform`` runs them against a URL; in a program:

    run = Run(Stage(send, key, "0.2.0", "a1"))
    outcomes = [run.check(vector) for vector in load()]
    run.clean_up()
"""

from __future__ import annotations

from .reading import chosen, load
from .runner import NoAnswer, Outcome, Run, Stage
from .vector import Vector

__all__ = ["NoAnswer", "Outcome", "Run", "Stage", "Vector", "chosen", "load"]
