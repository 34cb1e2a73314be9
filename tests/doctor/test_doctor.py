"""``fakememtrace doctor``: what is there, whether it is served, and what is wrong."""

from __future__ import annotations

import importlib
import json
import types
from importlib import metadata

import httpx
import pytest
from click.testing import CliRunner

from fakememtrace.commands.doctor import command
from fakememtrace.doctor.finding import STATES, Finding
from fakememtrace.doctor.installed import installed
from fakememtrace.doctor.intercepted import intercepted
from fakememtrace.doctor.variables import variables

ABOUT_PATCHES = (
    "Look which other tool patches this library, and in which order; `-p no:NAME` leaves a pytest plugin out."
)


def named(findings, name):
    """The finding of that name."""
    (found,) = [one for one in findings if one.name == name]
    return found


@pytest.fixture
def without(monkeypatch):
    """Lets a distribution be one that is not installed."""

    def without(*names):
        known = metadata.version

        def version(name):
            if name in names:
                raise metadata.PackageNotFoundError(name)
            return known(name)

        monkeypatch.setattr(metadata, "version", version)

    return without


def test_everything_here_is_served():
    """Both HTTP libraries and both SDKs are served by a world, and the guard holds."""
    found = list(intercepted())
    assert [(one.name, one.state) for one in found] == [
        ("httpx", "ok"),
        ("httpx2", "ok"),
        ("memtrace", "ok"),
        ("anthropic", "ok"),
        ("the guard", "ok"),
    ]


def test_a_library_that_somebody_else_answers_is_wrong(monkeypatch):
    """A library whose requests another tool takes first is found, with what to do."""
    real = importlib.import_module
    answer = types.SimpleNamespace(json=lambda: {"service": "another"})
    taken = types.SimpleNamespace(get=lambda url: answer)
    monkeypatch.setattr(importlib, "import_module", lambda name, *rest: taken if name == "httpx" else real(name, *rest))
    assert named(intercepted(), "httpx") == Finding(
        "intercepted", "httpx", "wrong", "what it asks Memtrace is not served by the fake", ABOUT_PATCHES
    )


def test_a_library_that_fails_is_wrong(monkeypatch):
    """An error of the library is told and not raised."""

    def broken(*_):
        raise httpx.ConnectError("no")

    monkeypatch.setattr(httpx, "get", broken)
    assert named(intercepted(), "httpx").words == "ConnectError: no"


def test_a_library_that_cannot_be_imported_is_wrong(monkeypatch):
    """An SDK whose HTTP library is missing is told apart from one that is not installed."""
    real = importlib.import_module

    def imported(name, *rest):
        if name in ("anthropic", "memtrace"):
            raise ModuleNotFoundError("No module named 'httpx2'", name="httpx2" if name == "anthropic" else name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", imported)
    found = list(intercepted())
    assert named(found, "anthropic") == Finding(
        *("intercepted", "anthropic", "wrong"),
        "cannot be imported: ModuleNotFoundError: No module named 'httpx2'",
        "Install what it needs, or install it anew: pip install -U anthropic",
    )
    assert "memtrace" not in [one.name for one in found]


def test_an_extra_that_is_not_there_says_how_to_get_it(without):
    """An extra of which something is missing is absent, which is no error, with the command that brings it."""
    without("respx")
    assert named(installed({}), "extra respx") == Finding(
        "installed", "extra respx", "absent", "without respx", 'Where you need it: pip install "fakememtrace[respx]"'
    )
    assert named(installed({}), "extra yaml").state == "ok"


def test_the_extras_of_its_developers_are_not_listed():
    """Only what is for users is an extra here."""
    assert not [one for one in installed({}) if one.name in ("extra dev", "extra test", "extra bench", "extra docs")]


def test_a_plugin_that_pytest_does_not_load_is_wrong():
    """Where plugins are not loaded by themselves, that is said with the way around it."""
    assert named(installed({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}), "pytest plugin") == Finding(
        *("installed", "pytest plugin", "wrong"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD is set, so pytest does not load it",
        "Unset the variable, or load the plugin by name: pytest -p fakememtrace.plugin",
    )
    assert named(installed({}), "pytest plugin").state == "ok"


def test_a_plugin_that_pytest_does_not_know_is_wrong(monkeypatch):
    """Without the entry point the plugin is not found."""
    monkeypatch.setattr(metadata, "entry_points", lambda group: metadata.EntryPoints())
    assert named(installed({}), "pytest plugin").words == "pytest does not know it"


def test_without_pytest_there_is_no_plugin_to_speak_of(without):
    """Who has no pytest is told that, and nothing about its plugins."""
    without("pytest")
    found = list(installed({}))
    assert named(found, "pytest") == Finding("installed", "pytest", "absent", "not installed")
    assert "pytest plugin" not in [one.name for one in found]


def test_addresses_are_shown_and_keys_are_not():
    """Variables that point somewhere are told without credentials; of keys only that they are set."""
    environ = {"MEMTRACE_URL": "http://ada:secret@memory.local:9100/x", "ANTHROPIC_API_KEY": "sk-ant-secret"}
    found = list(variables(environ))
    assert [(one.name, one.state, one.words) for one in found] == [
        ("MEMTRACE_URL", "note", "is http://memory.local:9100: a world serves that address, too"),
        ("ANTHROPIC_API_KEY", "note", "is set: only recording uses it, and no world sends it anywhere else"),
    ]
    assert list(variables({"MEMTRACE_URL": ""})) == []


def test_what_is_wrong_is_its_exit_code(monkeypatch):
    """It ends with 0 when nothing is wrong and with 1 otherwise; --quiet shows only that."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    sound = CliRunner().invoke(command, ["--quiet"])
    assert (sound.exit_code, sound.output) == (0, "")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    wrong = CliRunner().invoke(command, ["--quiet"])
    assert wrong.exit_code == 1
    assert wrong.output == (
        "installed\n"
        "  wrong   pytest plugin  PYTEST_DISABLE_PLUGIN_AUTOLOAD is set, so pytest does not load it\n"
        f"{'':25}Unset the variable, or load the plugin by name: pytest -p fakememtrace.plugin\n"
    )


def test_json_has_every_finding():
    """--json gives what is shown as plain data, and every state is a known one."""
    done = CliRunner().invoke(command, ["--json"])
    found = json.loads(done.stdout)["findings"]
    assert [one["part"] for one in found if one["name"] in ("httpx", "the guard")] == [
        "installed",
        "intercepted",
        "intercepted",
    ]
    assert {one["state"] for one in found} <= set(STATES)
