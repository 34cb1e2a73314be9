"""Which packages are there: Python, the SDKs, the HTTP libraries, pytest, and the extras."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata

from .finding import Finding

__all__ = ["installed"]

_PART = "installed"
_PACKAGES = ("memtrace-sdk", "anthropic", "httpx", "httpx2", "pytest", "python-telegram-bot")
_NOT_FOR_USERS = {"bench", "dev", "docs", "test"}
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?(?P<rest>.*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")


def installed(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """What is there, as :class:`Finding`."""
    yield Finding(_PART, "fakememtrace", "ok", f"{_version('fakememtrace')} on Python {platform.python_version()}")
    for name in _PACKAGES:
        version = _version(name)
        yield Finding(_PART, name, "ok" if version else "absent", version or "not installed")
    yield from _plugin(environ)
    for extra, missing in _extras().items():
        yield _extra(extra, missing)


def _plugin(environ: Mapping[str, str]) -> Iterator[Finding]:
    if not _version("pytest"):
        return
    points = metadata.entry_points(group="pytest11")
    if "fakememtrace" not in points.names:
        yield Finding(
            *(_PART, "pytest plugin", "wrong", "pytest does not know it"),
            f"Install fakememtrace into this environment: {sys.executable} -m pip install fakememtrace",
        )
    elif environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        yield Finding(
            *(_PART, "pytest plugin", "wrong", "PYTEST_DISABLE_PLUGIN_AUTOLOAD is set, so pytest does not load it"),
            "Unset the variable, or load the plugin by name: pytest -p fakememtrace.plugin",
        )
    else:
        yield Finding(_PART, "pytest plugin", "ok", "pytest loads it")


def _extra(name: str, missing: list[str]) -> Finding:
    if not missing:
        return Finding(_PART, f"extra {name}", "ok", "there")
    advice = f'Where you need it: pip install "fakememtrace[{name}]"'
    return Finding(_PART, f"extra {name}", "absent", f"without {', '.join(missing)}", advice)


def _extras() -> dict[str, list[str]]:
    """Every extra that is for users, and which of its packages are not installed."""
    found: dict[str, list[str]] = {}
    for requirement in sorted(metadata.requires("fakememtrace") or ()):
        extra, match = _EXTRA.search(requirement), _REQUIREMENT.match(requirement)
        if extra is None or match is None or extra[1] in _NOT_FOR_USERS:
            continue
        missing = found.setdefault(extra[1], [])
        if not _version(match["name"]):
            missing.append(match["name"])
    return dict(sorted(found.items()))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
