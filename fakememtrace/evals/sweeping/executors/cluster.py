"""Many machines: the workers of a Dask scheduler."""

from __future__ import annotations

import importlib
import logging
import re
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ....errors import UsageError
from ..running import crash, run_unit
from ..unit import Unit
from ..versions import Versions, differences, here, needed
from .executor import Call, Stopped
from .remote import perform, perform_apart, versions

__all__ = ["Cluster", "Patience"]

_NO_DASK = 'A scheduler needs Dask distributed. Install it with: pip install "fakememtrace[sweep]"'
_ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[[0-9a-fA-F:.]+\]|[^/:\s]+):\d+")
# So many for each thread of a worker are on their way; more would only be in the scheduler's memory.
_AHEAD = 3
_RUNNING = "running"
_DEADLY = "worker after worker was lost while it was run, even in a process of its own"
_LOGS = ("distributed", "tornado")
Outcome = dict[str, Any]


class Patience(NamedTuple):
    """How long is waited, in seconds: for the scheduler, for a worker where there is none, between two looks."""

    scheduler: float = 10.0
    worker: float = 30.0
    look: float = 1.0


class Cluster:
    """Runs units by `call` on the workers of the scheduler at `address` (``tcp://10.0.0.7:8786``).

    When a worker dies, Dask runs its units elsewhere.  A unit with which it happens again and again is run in a
    process of its own on a worker: what ends that, too, has crashed.

    Raises:
        UsageError: the address is none, or Dask is not installed.
    """

    def __init__(self, address: str, call: Call = run_unit, patience: Patience = Patience()) -> None:  # noqa: B008
        if not _ADDRESS.fullmatch(address):
            raise UsageError(
                f"--scheduler {address}: this is no address of a scheduler.\n"
                "Expected one as dask scheduler prints it, such as tcp://10.0.0.7:8786."
            )
        self._dask = _library()
        self._address, self._call, self._patience = address, call, patience

    def results(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, Outcome]]:
        """As they are done."""
        if not units:
            return
        with _quiet(), self._connected() as client:
            self._check(client, needed(units))
            try:
                yield from _Run(self._dask, client, self._call, self._patience, self._address).results(units)
            except (OSError, self._dask.CancelledError):
                raise Stopped(_lost(self._address)) from None

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        try:
            with warnings.catch_warnings():
                # Which versions matter is said below.
                warnings.filterwarnings("ignore", "Mismatched versions found")
                client = self._dask.Client(self._address, timeout=self._patience.scheduler, set_as_default=False)
        except (OSError, self._dask.TimeoutError) as error:
            raise Stopped(
                f"--scheduler {self._address}: there is no answer within {self._patience.scheduler:g} s"
                f"{_reason(error)}.\n"
                "Expected a Dask scheduler there. What to do: start one with dask scheduler, and workers with "
                "dask worker ADDRESS; look at the address and at firewalls."
            ) from None
        try:
            yield client
        finally:
            client.close(timeout=self._patience.look)

    def _check(self, client: Any, libraries: tuple[str, ...]) -> None:
        """Wait for a worker, and refuse those that run other versions."""
        try:
            client.wait_for_workers(1, timeout=self._patience.worker)
        except self._dask.TimeoutError:
            raise Stopped(_no_worker(self._address, self._patience.worker)) from None
        mine = here(libraries)
        for address, theirs in sorted(client.run(versions, libraries, on_error="return").items()):
            if isinstance(theirs, BaseException):
                raise Stopped(_cannot_run(address, theirs))
            _refuse(mine, Versions(*theirs), f"the worker at {address}")


class _Run:
    """The units of one sweep on their way through a scheduler."""

    def __init__(self, dask: Any, client: Any, call: Call, patience: Patience, address: str) -> None:
        self._dask, self._client, self._call, self._patience = dask, client, call, patience
        self._address = address
        self._running: dict[Any, Unit] = {}
        self._without_worker = 0.0

    def results(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, Outcome]]:
        """As they are done; the suspects at the end."""
        suspects: list[Unit] = []
        for unit, found in self._all(perform, units):
            if found is None:
                suspects.append(unit)
            else:
                yield unit, found
        for unit, found in self._all(perform_apart, suspects):
            yield unit, found or crash(_DEADLY)

    def _all(self, function: Any, units: Sequence[Unit]) -> Iterator[tuple[Unit, Outcome | None]]:
        """As they are done; with None those that are suspected of ending workers."""
        left = list(reversed(units))
        while left or self._running:
            room = _AHEAD * max(1, sum(self._client.nthreads().values())) if left else 0
            while left and len(self._running) < room:
                self._submit(function, left.pop())
            for future in self._done():
                if future.status == "error":
                    self._refuse_others(future.exception())
                    yield self._running.pop(future), None
                elif (found := self._found(future)) is not None:
                    yield self._running.pop(future), found

    def _submit(self, function: Any, unit: Unit) -> None:
        versions = tuple(here(needed([unit])))
        self._running[self._client.submit(function, self._call, unit, versions, pure=False)] = unit

    def _done(self) -> list[Any]:
        """Those that are done; none where nothing is within a moment and it is still worth waiting."""
        try:
            with self._client.as_current():
                done = self._dask.wait(list(self._running), self._patience.look, "FIRST_COMPLETED").done
        except self._dask.TimeoutError:
            self._look()
            return []
        return [future for future in self._running if future in done]

    def _refuse_others(self, error: BaseException) -> None:
        """Stop at an error that is no death of workers; a unit has its own as a result."""
        if not isinstance(error, self._dask.KilledWorker):
            raise Stopped(_cannot_run("a worker", error))

    def _found(self, future: Any) -> Outcome | None:
        """The result of a unit; None where it is not there yet."""
        if future.status == "cancelled":
            raise Stopped(_lost(self._address))
        try:
            found = future.result(timeout=self._patience.look) if future.status == "finished" else None
        except self._dask.TimeoutError:
            found = None
        if found is None:
            # The worker that had it is gone meanwhile, and it is computed elsewhere.
            self._look()
            return None
        if "differs" in found:
            _refuse(here(needed([self._running[future]])), Versions(*found["differs"]), "a worker that came later")
        result: Outcome = found["result"]
        return result

    def _look(self) -> None:
        """Stop where the scheduler is gone, or where there has been no worker for too long."""
        if self._client.status != _RUNNING:
            raise Stopped(_lost(self._address))
        if self._client.nthreads():
            self._without_worker = 0.0
            return
        self._without_worker = self._without_worker or time.monotonic()
        if time.monotonic() - self._without_worker > self._patience.worker:
            raise Stopped(_no_worker(self._address, self._patience.worker))


def _library() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise UsageError(_NO_DASK) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what Dask logs about connections: what matters of it is said in our words."""
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _LOGS]
    # Each of Dask's has a level of its own, so that of the first ones is not enough.
    before = {name: logging.getLogger(name).level for name in (*_LOGS, *known)}
    for name in before:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _refuse(mine: Versions, other: Versions, who: str) -> None:
    found = list(differences(mine, other))
    if found:
        raise Stopped(
            f"{who} has {', '.join(found)}.\n"
            "Expected the same as here: results of different versions are not comparable, so none of its are taken. "
            "What to do: install the same on every machine, and start the workers anew."
        )


def _reason(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    return f" ({text})" if text and not text.startswith("Timed out") else ""


def _no_worker(address: str, seconds: float) -> str:
    return (
        f"--scheduler {address}: it has no worker, and none came within {seconds:g} s.\n"
        f"Expected at least one. What to do: start some with dask worker {address}."
    )


def _cannot_run(who: str, error: BaseException) -> str:
    return (
        f"{who} cannot run a unit: {type(error).__name__}: {error}\n"
        "Expected fakememtrace there as it is here. What to do: install the same on every machine, and start the "
        "workers anew."
    )


def _lost(address: str) -> str:
    return f"--scheduler {address}: the connection is lost.\nWhat to do: look whether the scheduler is still running."
