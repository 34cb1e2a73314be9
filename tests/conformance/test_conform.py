"""The command, against a server of our own on loopback."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fakememtrace import World
from fakememtrace.clock import RealClock
from fakememtrace.commands.conform import command
from fakememtrace.conformance import NoAnswer, Run
from fakememtrace.conformance.server import Server
from fakememtrace.errors import UnknownName, UsageError
from fakememtrace.memory.dialect import Dialect
from fakememtrace.wire import Request, Response

KEY = "mtk_conform"


@contextmanager
def serving(dialect: str = "0.2.0", control: bool = False) -> Iterator[tuple[World, str]]:
    """A world and the URL of its server."""
    world = World(dialect, api_key=KEY)
    with world.serve(control=control) as url:
        yield world, url


def conform(url: str, *args: str, key: str = KEY) -> Result:
    """The command's result; what it raises is raised here."""
    return CliRunner().invoke(
        command, ["--url", url, "--key", key, *args], standalone_mode=False, catch_exceptions=True
    )


def refused(url: str, *args: str, key: str = KEY) -> str:
    """The text of the error that the command ends with; its exit code is 2."""
    problem = conform(url, *args, key=key).exception
    assert isinstance(problem, UsageError)
    assert problem.exit_code == 2
    return str(problem)


def plain(text: str) -> str:
    """Names of a run and ids, which differ from run to run, made equal; lines without spaces at their end."""
    text = re.sub(r"conf_[0-9a-f]{8}_", "conf_RUN_", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_a_server_that_keeps_the_contract_passes() -> None:
    """A row for each section, the sum, what was skipped and why, what was left; exit code 0."""
    with serving() as (_, url):
        result = conform(url, "errors", "stats/agent-id")
    assert result.exit_code == 0
    assert (
        plain(result.output)
        == """skipped because it needs an org without an Arc instance:
    errors/no-arc
give it with --given bare_org=KEY

section  vectors  passed  differing  skipped
stats          1       1          0        0
errors         6       5          0        1
all            7       6          0        1

deleted 1 of 1 agents; the API deletes no session and no memory, so those stay."""
    )


def test_a_difference_is_shown_with_its_exchange() -> None:
    """The fact, the request without the key, the answer, and what was expected; exit code 1."""
    with serving() as (_, url):
        result = conform(url, "errors/conflict", "--dialect", "documented", "--patience", "0")
    assert result.exit_code == 1
    assert (
        plain(result.output)
        == """errors/conflict: the body of a 409 is the text (documented: conflict and the text)
    POST /api/v1/agents
    x-api-key: {key}
    content-type: application/json
    {"name":"conf_RUN_0001"}

    409
    content-type: application/json
    content-length: 74
    {"error":"agent 'conf_RUN_0001' already exists in this organization"}

    - body.error: "conflict"
    + body.error: "agent 'conf_RUN_0001' already exists in this organization"
    - body.message: "agent 'conf_RUN_0001' already exists in this organization"
    + body.message: (absent)

section  vectors  passed  differing  skipped
errors         1       0          1        0
all            1       0          1        0

deleted 1 of 1 agents; the API deletes no session and no memory, so those stay."""
    )
    assert KEY not in result.output


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_our_own_server_passes_as_it_is_started(dialect: str) -> None:
    """Everything that needs no second org, with the clock moved through the control surface."""
    with serving(dialect, control=True) as (_, url):
        result = conform(url, "--dialect", dialect, "--control")
    assert result.exit_code == 0
    total = next(line for line in result.output.splitlines() if line.startswith("all "))
    assert total.split()[3] == "0"
    assert "needs a clock" not in result.output


def test_without_control_the_clock_stays() -> None:
    """What needs it moved is skipped, and says so."""
    with serving(control=True) as (world, url):
        before = world.clock.now()
        result = conform(url, "windows")
        assert (world.clock.now() - before).total_seconds() < 1
    assert "skipped because it needs a clock that can be moved:\n    windows/minutes\n" in result.output


def test_the_outcomes_as_json(tmp_path: Path) -> None:
    """Every vector and its state; of what differs the exchange, without the key."""
    target = tmp_path / "out.json"
    with serving() as (_, url):
        conform(url, "errors", "--dialect", "documented", "--patience", "0", "--json", str(target))
    text = target.read_text("utf-8")
    report = json.loads(text)
    assert (report["format"], report["version"], report["url"], report["dialect"]) == (
        "fakememtrace-conformance",
        1,
        url,
        "documented",
    )
    assert report["sections"] == [{"section": "errors", "vectors": 6, "passed": 1, "differing": 4, "skipped": 1}]
    assert report["left"] == {"deleted": 1, "kept": []}
    states = {vector["id"]: vector for vector in report["vectors"]}
    assert states["errors/plain-404"] == {
        "id": "errors/plain-404",
        "fact": "the plain text of an unknown path is the same in both",
        "state": "passed",
    }
    assert states["errors/no-arc"]["reason"] == "it needs an org without an Arc instance"
    assert states["errors/unauthorized"]["exchange"][0] == "GET /api/v1/agents"
    assert states["errors/unauthorized"]["differences"] == [
        {"place": "body.error", "expected": '"unauthorized"', "found": '"missing API key"'},
        {"place": "body.message", "expected": '"missing API key"', "found": "(absent)"},
    ]
    assert KEY not in text


def test_only_what_was_created_is_deleted() -> None:
    """What was in the server stays, also what looks like ours."""
    with serving() as (world, url):
        headers = {"x-api-key": KEY, "content-type": "application/json"}
        Server(url).send(Request("POST", url, "/api/v1/agents", headers=headers, body=b'{"name":"conf_mine"}'))
        conform(url, "agents")
        names = [agent.name for agent in world.memory.agents()]
        with_sessions = {session.agent_id for session in world.memory.sessions()}
        kept = {agent.id for agent in world.memory.agents()} - with_sessions
    assert "conf_mine" in names
    assert len(kept) == 1


def test_ctrl_c_cleans_up_and_shows_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents are deleted, the table is there, and the exit code says that it was interrupted."""
    check = Run.check

    def interrupted(run: Run, vector: Any) -> Any:
        if vector.id == "agents/missing-name":
            raise KeyboardInterrupt
        return check(run, vector)

    monkeypatch.setattr(Run, "check", interrupted)
    with serving() as (world, url):
        result = conform(url, "agents/config", "agents/empty-name", "agents/missing-name", "agents/same-name")
        assert world.memory.agents() == []
    assert result.exit_code == 130
    assert result.output.endswith("interrupted after 2 of 4 vectors\n")
    assert "\nagents         2       2          0        0\n" in result.output


def test_a_signal_cleans_up_too() -> None:
    """The same from outside, with a real Ctrl-C."""
    program = (
        "import sys\nfrom fakememtrace.commands.conform import command\n"
        "from fakememtrace.conformance import Run\n"
        "check = Run.check\n"
        "def slow(run, vector):\n"
        "    outcome = check(run, vector)\n"
        "    print(vector.id, flush=True)\n"
        "    import time\n"
        "    time.sleep(30)\n"
        "Run.check = slow\n"
        "command()\n"
    )
    with serving() as (world, url):
        args = [sys.executable, "-c", program, "--url", url, "--key", KEY, "agents/config", "agents/id"]
        with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"agents/id\n"
            assert len(world.memory.agents()) == 1
            process.send_signal(signal.SIGINT)
            output = process.stdout.read().decode()
        assert world.memory.agents() == []
    assert process.returncode == 130
    assert "interrupted after 0 of 2 vectors" in output


def test_another_machine_needs_a_yes() -> None:
    """Nothing is sent without it."""
    assert refused("https://memtrace.example.org/base/") == (
        "https://memtrace.example.org/base is not on this machine, and a run creates agents, sessions and memories "
        "there that the API cannot all delete.\nNothing was sent. If that is what you want, add --yes."
    )


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://localhost:9100", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9:80", True),
        ("http://[::1]:9100", True),
        ("http://0.0.0.0:9100", False),
        ("http://192.168.0.1", False),
        ("http://localhost.example.org", False),
        ("https://127.0.0.1.example.org", False),
    ],
)
def test_what_is_this_machine(url: str, is_loopback: bool) -> None:
    """Loopback addresses and localhost, and no name that only looks like them."""
    assert Server(url).is_loopback is is_loopback


def test_a_yes_lets_it_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is sent then."""
    asked = []

    def send(self: Server, request: Request) -> Response:
        asked.append(request)
        raise NoAnswer("no network here")

    monkeypatch.setattr(Server, "send", send)
    assert refused("http://memtrace.example.org", "--yes").startswith(
        "http://memtrace.example.org does not answer (no network here)."
    )
    assert [request.path for request in asked] == ["/api/v1/agents"]


@pytest.mark.parametrize(
    "url", ["localhost:9100", "ftp://localhost", "http://", "http://localhost:0", "http://[::1", "http://a?b"]
)
def test_what_is_no_url(url: str) -> None:
    """It is refused with an example."""
    assert refused(url) == (
        f"{url!r} is no URL of a server. Expected scheme, host and where needed a port, "
        'such as "http://localhost:9100". Correct it.'
    )


def test_a_server_that_is_not_there() -> None:
    """The reason, and how to have one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        text = refused(url)
    assert re.fullmatch(
        re.escape(url) + r" does not answer \(ConnectionRefusedError: .*\)\. Expected a Memtrace server there\.\n"
        r"Start it \(a fake one: fakememtrace serve\), or correct --url\.",
        text,
    )


def test_a_key_that_the_server_does_not_know() -> None:
    """It is told before anything is created."""
    with serving() as (world, url):
        assert refused(url, key="wrong") == f"{url} does not know the key. Expected one of its own; correct --key."
        assert world.memory.agents() == []


@pytest.mark.parametrize("key", ["", " ", "a\nb", "ключ"])
def test_a_key_that_cannot_be_sent(key: str) -> None:
    """Neither nothing nor what no header can hold."""
    assert refused("http://localhost:9100", key=key) == (
        "--key: this cannot be sent in a header. Expected a key of the server, such as mtk_..."
    )


def test_a_server_that_is_none_of_memtrace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more is sent to it."""
    monkeypatch.setattr(Server, "send", lambda self, request: Response(404))
    assert refused("http://localhost:1") == (
        "http://localhost:1 answers GET /api/v1/agents with 404, and a Memtrace server answers it with 200.\n"
        "Correct --url."
    )


def test_control_of_a_server_that_has_none() -> None:
    """How to start one that has."""
    with serving() as (_, url):
        assert refused(url, "--control") == (
            f"--control: {url} has no clock that can be moved.\n"
            "Start it with: fakememtrace serve --control, or leave --control out."
        )
    with World(api_key=KEY, clock=RealClock()).serve(control=True) as url:
        assert refused(url, "--control") == (
            f"--control: the clock of {url} is the machine's own, and cannot be moved.\n"
            "Start the server with --clock virtual, or leave --control out."
        )


def test_unknown_names_are_refused_before_anything_is_sent() -> None:
    """A dialect, and a section."""
    dialect = conform("http://localhost:1", "--dialect", "0.2").exception
    assert isinstance(dialect, UnknownName)
    assert str(dialect) == "unknown dialect '0.2'. Did you mean '0.2.0'? Known: 0.2.0 and documented."
    assert isinstance(conform("http://localhost:1", "contexts").exception, UnknownName)


def test_patience_waits_for_what_is_late() -> None:
    """A server whose Arc shows memories late passes when it is given the time, and differs when not."""
    world = World(Dialect("0.2.0").replace(visibility_delay="50ms"), api_key=KEY, clock=RealClock())
    with world.serve() as url:
        assert conform(url, "stats/memory-count").exit_code == 0
        assert conform(url, "stats/memory-count", "--patience", "0").exit_code == 1


def test_a_path_before_the_api_is_kept() -> None:
    """A server behind a prefix is asked below it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/base/"
        listener.settimeout(10)
        asked = _one_request(listener, b"HTTP/1.1 204 No Content\r\n\r\n")
        response = Server(url).send(Request("GET", url, "/a%2Fb", "c=%20"))
        assert response.status == 204
        assert asked() == b"GET /base/a%2Fb?c=%20 HTTP/1.1"


def test_a_broken_answer_is_none() -> None:
    """It is told by what is wrong."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        _one_request(listener, b"nonsense\r\n\r\n")
        with pytest.raises(NoAnswer, match=r"^BadStatusLine: nonsense"):
            Server(url).send(Request("GET", url, "/"))


def _one_request(listener: socket.socket, answer: bytes) -> Any:
    """Answer one connection in a thread; a call that gives the first line it sent."""
    lines: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            lines.append(connection.recv(65536).split(b"\r\n")[0])
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()

    def first_line() -> bytes:
        thread.join(10)
        return lines[0]

    return first_line
