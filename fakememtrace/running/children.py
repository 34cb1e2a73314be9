"""The processes that a program starts: they are served by its world, over loopback.

Their environment says where.  A Python among them finds a ``sitecustomize`` of ours, with which its httpx and
its sockets are served and guarded as in the program itself; a process that is forked asks the program's.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import os
import shlex
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..claude.recording.modes import STAND_IN_KEY
from ..errors import UsageError
from ..wire import Request
from .serving import RunWorld

__all__ = ["Children"]

# They tell a Python where it is served, and which hosts are allowed.
_WORLD, _HOSTS = "FAKEMEMTRACE_WORLD", "FAKEMEMTRACE_HOSTS"
_SITE = Path(__file__).parent / "site"
_REPLACED = (
    "{call} replaces the program by another one, of which nothing could be told any more.\n"
    "Expected a program that ends, or starts a process of its own.\n"
    "What to do: use subprocess.run there{other}"
)
_NO_SERVER = (
    "the program starts {command}, a Python of its own, which cannot be served: uvicorn is not installed.\n"
    "Expected a program of one process.\n"
    'What to do: pip install "fakememtrace[server]", with which it is served, too.'
)


class Children:
    """Lets the processes that this one starts be served by `world`; the server begins with the first of them."""

    def __init__(self, world: RunWorld) -> None:
        self._world = world
        self._process = os.getpid()
        self._open = ExitStack()
        self._lock = threading.Lock()
        self._started: set[int] = set()

    def begin(self) -> None:
        """Be asked wherever this process starts another one.  It stays so: the process is the program's own."""
        popen: Any = subprocess.Popen
        popen.__init__ = self._popen(popen.__init__)
        # What multiprocessing starts its processes with, where there is such a thing.
        low = importlib.import_module("_posixsubprocess") if os.name == "posix" else None
        for module, name, make in (
            (os, "system", self._around),
            (low, "fork_exec", self._around),
            (low, "fork_exec", self._kept),
            (os, "fork", self._kept),
            (os, "forkpty", self._kept),
            (os, "posix_spawn", self._spawn),
            (os, "posix_spawnp", self._spawn),
            (os, "execv", self._exec),
            (os, "execve", self._exec),
        ):
            if hasattr(module, name):
                setattr(module, name, make(getattr(module, name)))
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._serve)
        # The server has a thread.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)

    def close(self) -> None:
        """Stop the server, if there is one."""
        self._open.close()

    def end(self) -> None:
        """End those that still run: whoever would end them, or tell them to, is ended hard itself."""
        for number in sorted(self._started):
            # One that was awaited is no child any more, and its number may be somebody else's.
            with contextlib.suppress(OSError):
                if os.waitpid(number, os.WNOHANG) == (0, 0):
                    os.kill(number, signal.SIGTERM)

    def _keep(self, number: int) -> None:
        if os.name == "posix" and number > 0 and os.getpid() == self._process:
            self._started.add(number)

    def _serve(self) -> str:
        """The URL of the server; empty where there cannot be one."""
        if os.getpid() != self._process:
            return self._world.url_of_server
        with self._lock:
            if not self._world.url_of_server:
                with contextlib.suppress(UsageError):
                    self._world.url_of_server = self._open.enter_context(self._world.serve())
        return self._world.url_of_server

    def _variables(self) -> dict[str, str]:
        url = self._serve()
        if not url:
            return {}
        above = os.environ.get("PYTHONPATH", "")
        path = [str(_SITE), *(entry for entry in above.split(os.pathsep) if entry not in ("", str(_SITE)))]
        return {
            "MEMTRACE_URL": url,
            "MEMTRACE_API_KEY": self._world.api_key,
            "ANTHROPIC_BASE_URL": url,
            "ANTHROPIC_API_KEY": STAND_IN_KEY,
            "PYTHONPATH": os.pathsep.join(path),
            _WORLD: url,
            _HOSTS: ",".join(self._world.addresses.allowed),
        }

    def _popen(self, original: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def __init__(*args: Any, **kwargs: Any) -> None:  # noqa: N807
            bound = signature.bind(*args, **kwargs)
            variables = self._variables()
            if not variables:
                self._refuse_python(bound.arguments.get("args"))
            given = bound.arguments.get("env")
            bound.arguments["env"] = {**(os.environ if given is None else given), **variables}
            original(*bound.args, **bound.kwargs)
            self._keep(bound.arguments["self"].pid)

        return __init__

    def _kept(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """What starts a process and gives its number, or the number and something else."""

        @functools.wraps(original)
        def start(*args: Any, **kwargs: Any) -> Any:
            started = original(*args, **kwargs)
            self._keep(started[0] if isinstance(started, tuple) else started)
            return started

        return start

    def _around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """What starts a process with our environment, as that is."""

        @functools.wraps(original)
        def start(*args: Any, **kwargs: Any) -> Any:
            with _set(self._variables()):
                return original(*args, **kwargs)

        return start

    def _spawn(self, original: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(original)
        def spawn(path: Any, argv: Any, env: Mapping[Any, Any], **options: Any) -> int:
            number = original(path, argv, {**env, **self._variables()}, **options)
            self._keep(number)
            return number

        return spawn

    def _exec(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def replace(path: Any, argv: Any, *env: Any) -> Any:
            if os.getpid() == self._process:
                call = f"os.{original.__name__}"
                self._refuse(f"exec://{path}", _REPLACED.format(call=call, other=_itself(path, argv[1:])))
            if env:
                return original(path, argv, {**env[0], **self._variables()})
            os.environ.update(self._variables())
            return original(path, argv)

        return replace

    def _refuse_python(self, command: Any) -> None:
        words = shlex.split(command) if isinstance(command, str) else [os.fsdecode(word) for word in command or ()]
        if any(_is_python(word) for word in words):
            self._refuse("exec://python", _NO_SERVER.format(command=shlex.join(words)))

    def _refuse(self, url: str, problem: str) -> None:
        self._world.journal.record(self._world.clock.micros(), "network", Request("START", url, ""), None, problem)
        raise UsageError(problem)


def _is_python(word: str) -> bool:
    return Path(word).name.startswith("python") or word == sys.executable


def _itself(path: Any, arguments: Sequence[Any]) -> str:
    """How to run the program that a Python at `path` is to run; nothing where it is to run none from a file."""
    words = [os.fsdecode(argument) for argument in arguments]
    if not words or words[0].startswith("-") or not _is_python(os.fsdecode(path)):
        return ""
    return f", or run the other program itself: fakememtrace run {shlex.join(words)}"


@contextlib.contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    """Have the environment so; another thread that looks meanwhile is served over loopback itself."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
