"""Contract evals as tests: ``pytest --memory-evals evals`` collects every case in every dialect.

They are exact, so a case that fails or crashes is a test that fails.  What nobody recorded is unscored: that is no
failure of the case, but at the end of the run it is one, since nobody can say that all is well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ...errors import FakememtraceError
from ..case import DIALECTS, Case
from ..engine import run
from ..outcome import Result
from ..reading import read_file
from ..text import result_lines

__all__ = ["collect_contract"]

# A property, so that it comes from a worker with the report.
_UNSCORED = "memory_eval_unscored"


def collect_contract(config: pytest.Config, given: str) -> None:
    """Also collect the cases in `given`, a file or a folder.

    Raises:
        pytest.UsageError: there are none.
    """
    here = config.invocation_params.dir
    path = (here / given).resolve()
    if not (path.is_file() or any(path.glob("*.toml"))):
        raise pytest.UsageError(
            f"--memory-evals={given}: there are no cases here.\n"
            "What to do: name a folder with case files (*.toml), or one of those."
        )
    named = [(here / argument.partition("::")[0]).resolve() for argument in config.args]
    if not any(path == one or path in one.parents or one in path.parents for one in named):
        config.args.append(str(path))
    config.pluginmanager.register(_Contract(config, path), "fakememtrace-contract")


class _Contract:
    """Collects cases, and remembers which are unscored."""

    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config, self._path = config, path
        self._unscored: list[str] = []

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A file with cases."""
        found = file_path.resolve()
        if found.suffix != ".toml" or self._path not in (found, found.parent):
            return None
        return _File.from_parent(parent, path=file_path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what is unscored, here or in a worker."""
        words = dict(report.user_properties).get(_UNSCORED)
        if words and report.when == "call":
            self._unscored.append(f"{report.nodeid}: {words}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """What is unscored cannot be gated."""
        if self._unscored and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what is unscored."""
        if self._unscored:
            terminalreporter.section("contract evals: cannot be gated")
            for line in sorted(self._unscored):
                terminalreporter.line(line)


class _File(pytest.File):
    """A file with cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """Every case in every dialect."""
        try:
            cases = read_file(self.path)
        except FakememtraceError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            for dialect in DIALECTS:
                yield _Item.from_parent(self, name=f"{case.name}[{dialect}]", case=case, dialect=dialect)


class _Unmet(Exception):
    """A case that failed or crashed."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(result.words)


class _Item(pytest.Item):
    """A case in one dialect."""

    def __init__(self, *, case: Case, dialect: str, **options: Any) -> None:
        super().__init__(**options)
        self._case, self._dialect = case, dialect

    def runtest(self) -> None:
        """Run it."""
        result = run(self._case, self._dialect)
        if result.state == "unscored":
            self.user_properties.append((_UNSCORED, result.words))
            pytest.skip(f"unscored: {result.words}")
        if not result.passed:
            raise _Unmet(result)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was expected and found, and where the facts were lost."""
        if isinstance(excinfo.value, _Unmet):
            return "\n".join(line.text for line in result_lines(excinfo.value.result))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Its heading."""
        return self.path, None, self.name
