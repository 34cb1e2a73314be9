"""Python runs this at the start of each process below a program under ``fakememtrace run``: it is served as well."""

import os
import sys
from pathlib import Path

_HERE = Path(__file__).absolute().parent


def _served() -> None:
    url = os.environ.get("FAKEMEMTRACE_WORLD")
    if not url:
        return
    root = str(_HERE.parents[2])
    sys.path.append(root)
    try:
        from fakememtrace.running.serving import Forwarded

        hosts = os.environ.get("FAKEMEMTRACE_HOSTS", "")
        Forwarded(url, filter(None, hosts.split(","))).__enter__()
    finally:
        sys.path.remove(root)


def _next() -> None:
    """Run the ``sitecustomize`` that this one stands before, if any."""
    import importlib.machinery
    import importlib.util

    others = [entry for entry in sys.path if Path(entry).absolute() != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_served()
_next()
