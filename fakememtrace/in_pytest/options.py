"""What can be said to the plugin: its options, the settings of the same names in pytest.ini, and its markers.

Read in every run of pytest, so it imports nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

__all__ = ["MARKERS", "MODES", "NO_REPORTS", "SETTINGS", "add_options", "setting"]

MODES = ("none", "once", "new", "changed", "all")
# What fakememtrace_report_dir is where nobody wants reports.
NO_REPORTS = "none"
_WORLD_MARKER = (
    "fakememtrace(dialect=..., start=..., seed=..., allow_hosts=..., telegram=...): what the world of the test is "
    "like; it has one, whether it asks for the fixture or not. Each keyword is the fixture of that name, "
    'fakememtrace_dialect and so on. With dialect="both" the test is run in each dialect. What stands nearer to the '
    "test counts before what its class or module says. (fakememtrace)"
)
_CASSETTE_MARKER = (
    "claude_cassette(name or path, ignore=..., only=..., normalise=..., matching=..., record=..., redact=..., "
    'allow=...): the recorded Claude of the test. "greeting" is greeting.json in claude_cassette_dir; a path, with a '
    "slash in it, goes from the test's file. ignore, only and normalise, or matching, say when a request is the "
    "recorded one; record is its claude_record_mode. (fakememtrace)"
)
_EVAL_MARKER = (
    "memory_eval(suite=..., baseline=..., data=..., category=..., conversation=..., n=..., k=...): the test is scored: "
    "1 when it passes, 0 when an assertion does not hold, or what the fixture memory_eval is told. It fails nothing by "
    "itself; at the end its suite is compared with the baseline, a file beside the test's. With n it is run with so "
    "many recorded samples, of which k must pass. (fakememtrace)"
)
MARKERS = (_WORLD_MARKER, _CASSETTE_MARKER, _EVAL_MARKER)
# Each is an option and a setting; those of the second kind are lists.
_WORLD = {
    "fakememtrace_dialect": ("DIALECT", "Which Memtrace worlds are: 0.2.0, documented or both. Default: 0.2.0."),
    "fakememtrace_start": ("TIME", "When their clocks start, with a time zone. Default: 2026-02-07T12:00:00Z."),
    "fakememtrace_seed": ("FILE", "What is in them at the beginning, as world.save(FILE) writes it."),
    "fakememtrace_report_dir": (
        "FOLDER",
        "Write an HTML report of each failing test into FOLDER; none writes none. Default: a temporary folder.",
    ),
}
_WORLD_LISTS = {
    "fakememtrace_allow_hosts": ("HOST", "A host beyond this machine that tests may reach all the same."),
}
_CLAUDE = {
    "claude_cassette_dir": (
        "FOLDER",
        "Keep cassettes below FOLDER, and not in a folder cassettes beside each test's file.",
    ),
}
_CLAUDE_LISTS = {
    "claude_redact": ("TEXT", "Replace TEXT in what is recorded."),
    "claude_allow": ("TEXT", "TEXT only looks like a secret, and may be recorded."),
}
_LISTS = {*_WORLD_LISTS, *_CLAUDE_LISTS}
SETTINGS = (*_WORLD, *_WORLD_LISTS, "claude_record", *_CLAUDE, *_CLAUDE_LISTS)
_RECORD = (
    "Ask the real Claude and record it: once (where there is no cassette), new (what is not recorded), "
    "changed (conversations that differ), all (everything anew). Default: none."
)


def add_options(parser: pytest.Parser) -> None:
    """Make them known to pytest."""
    group = parser.getgroup("fakememtrace", "worlds (fakememtrace)")
    _add(parser, group, _WORLD)
    _add(parser, group, _WORLD_LISTS)
    group = parser.getgroup("fakememtrace claude", "recorded Claude (fakememtrace)")
    group.addoption("--claude-record", choices=MODES, help=_RECORD)
    parser.addini("claude_record", _RECORD, type="string", default="")
    _add(parser, group, _CLAUDE)
    _add(parser, group, _CLAUDE_LISTS)
    group.addoption(
        "--claude-plan", action="store_true", help="Call nobody and write nothing; say what would be recorded."
    )
    group.addoption(
        "--claude-prune", action="store_true", help="After a whole run that passed, remove recordings nobody asked for."
    )
    group = parser.getgroup("fakememtrace memory", "memories that go wrong (fakememtrace)")
    group.addoption(
        "--memory-fault", metavar="KIND[,OPTION=VALUE]", help="Put this fault into every world that a fixture opens."
    )
    group.addoption("--memory-fault-report", metavar="FILE", help="Write down where it struck, and what failed.")
    group.addoption("--memory-fault-stop", action="store_true", help="Stop at the first test that notices it.")
    group = parser.getgroup("memory-evals", "memory evals (fakememtrace)")
    group.addoption(
        "--memory-evals", metavar="PATH", help="Also run the contract evals in PATH, each case in each dialect."
    )
    group.addoption(
        "--memory-eval-bless", action="store_true", help="Write what the marked tests are worth into their baselines."
    )
    group.addoption("--memory-eval-json", metavar="FILE", help="Write all scores and verdicts of marked tests to FILE.")


def setting(config: pytest.Config, name: str) -> Any:
    """What the command line says, else what pytest.ini says; empty where neither says anything."""
    return config.getoption(name) or config.getini(name)


def _add(parser: pytest.Parser, group: Any, settings: dict[str, tuple[str, str]]) -> None:
    for name, (metavar, words) in settings.items():
        option = f"--{name.replace('_', '-')}"
        if name in _LISTS:
            group.addoption(option, action="append", metavar=metavar, help=words)
            parser.addini(name, words, type="linelist", default=[])
        else:
            group.addoption(option, metavar=metavar, help=words)
            parser.addini(name, words, type="string", default="")
