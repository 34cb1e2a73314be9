"""``--html``: replay, run, drift and diff write a report, and the same one every time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fakememtrace.report import outcomes
from fakememtrace.report.outcomes import without_paths

from ..drift.helpers import Agent as Drifting
from ..regression.helpers import Agent as Regressing
from ..scenario.helpers import Folder
from .pages import Parsed

TEA = "me = agent()\nremember(me, 'Green Tea')\nfound = memtrace.post('/search', json={'content_contains': 'tea'})\n"
SEARCH = TEA + "ask(shown(found), 'Well?')\n"


def command(*arguments: str, cwd: Path, seed: str = "0") -> int:
    """The exit code of the command."""
    environment = {"PYTHONHASHSEED": seed, "PATH": "", "HOME": str(cwd)}
    done = subprocess.run(
        [sys.executable, "-m", "fakememtrace", *arguments], cwd=cwd, env=environment, capture_output=True, check=False
    )
    return done.returncode


def test_replay_writes_a_report_of_all_that_was_replayed(tmp_path):
    """Every dialect is in one file; two replays write the same bytes, and no path of this machine."""
    Folder(tmp_path / "scenarios")
    both = ("--dialect", "0.2.0", "--dialect", "documented", "--quiet")
    assert command("replay", *both, "--html", "1.html", cwd=tmp_path) == 0
    assert command("replay", *both, "--html", "2.html", cwd=tmp_path, seed="7") == 0
    told = (tmp_path / "1.html").read_text("utf-8")
    assert told == (tmp_path / "2.html").read_text("utf-8")
    assert str(tmp_path) not in told
    page = Parsed(told)
    assert [name for name in page.values("id") if name.endswith("-top")] == [f"a{n}-top" for n in (1, 2)]
    assert "2 of 2 passed" in page.text


def test_a_replay_that_fails_says_why_in_the_report(tmp_path):
    """What was not recorded, the turn that asked for it, and what the program printed; not where its files lie."""
    folder = Folder(tmp_path / "scenarios").record(("something else", "hello"))
    folder.write(
        "program.py", (folder.path / "program.py").read_text("utf-8").replace("import sys", "import sys; print('hm')")
    )
    assert command("replay", "--html", "out.html", cwd=tmp_path) == 1
    told = (tmp_path / "out.html").read_text("utf-8")
    page = Parsed(told)
    assert "What went wrong" in page.text
    assert "The program did not come to its end" in page.text
    assert "turn 1 in the timeline" in page.text
    assert "What the program printed" in page.text
    assert str(tmp_path) not in told


def test_a_program_that_vanishes_has_a_report_too(tmp_path):
    """Where its process could tell nothing, the report says so."""
    folder = Folder(tmp_path / "scenarios")
    folder.write("program.py", "import os\nos._exit(3)\n")
    assert command("replay", "--html", "out.html", cwd=tmp_path) == 1
    assert "the process ended with exit code 3" in Parsed((tmp_path / "out.html").read_text("utf-8")).text


def test_run_writes_a_report(tmp_path):
    """What the program asked is in it, also where it fails."""
    (tmp_path / "agent.py").write_text(
        "import httpx, os\n"
        "url, key = os.environ['MEMTRACE_URL'], os.environ['MEMTRACE_API_KEY']\n"
        "memory = {'agent_id': 'ada', 'content': 'likes green tea'}\n"
        "httpx.post(url + '/api/v1/memories', json=memory, headers={'x-api-key': key})\n"
        "raise SystemExit(3)\n",
        "utf-8",
    )
    assert command("run", "agent.py", "--html", "out.html", cwd=tmp_path) == 3
    page = Parsed((tmp_path / "out.html").read_text("utf-8"))
    assert "likes green tea" in page.text
    assert "0 requests to Claude, 1 memory stored, nothing unexpected, ended with exit code 3" in page.text


def test_drift_writes_both_sides(tmp_path):
    """The causes, the requests side by side with what differs in them, and all that happened on each side."""
    Drifting(tmp_path / "scenarios", SEARCH)
    assert command("drift", "--quiet", "--html", "out.html", cwd=tmp_path) == 1
    told = (tmp_path / "out.html").read_text("utf-8")
    page = Parsed(told)
    assert "on 0.2.0 it does not find what is written with other capitals" in page.text
    assert "content_match: exact_case on 0.2.0, any_case on documented" in page.text
    assert '<div class="words differs first" dir="auto">nothing</div>' in told
    assert '<span class="by"><a href="#c1-a2-m1">m1</a></span> - Green Tea</div>' in told
    assert {"c1-a1-x1", "c1-a2-x1", "c1-a1-m1", "c1-a2-m1", "c1-why1"} <= {*page.values("id")}
    assert {link[1:] for link in page.values("href") if link.startswith("#")} <= {*page.values("id")}


def test_diff_writes_what_has_to_be_recorded_again(tmp_path):
    """Each conversation with what became of it, why, and what that costs."""
    agent = Regressing(tmp_path / "scenarios")
    agent.write("program.py", (agent.path / "program.py").read_text("utf-8").replace("Be brief.", "Be very brief."))
    assert command("diff", "--quiet", "--html", "out.html", cwd=tmp_path) == 1
    page = Parsed((tmp_path / "out.html").read_text("utf-8"))
    assert "changed from turn 1 on: system prompt" in page.text
    assert "to record again" in page.text


@pytest.mark.parametrize("name", ["replay", "drift", "diff"])
def test_a_file_that_cannot_be_written_is_refused_before_any_work(name, tmp_path):
    """Nothing is run for a report that nobody would get."""
    Folder(tmp_path / "scenarios")
    assert command(name, "--html", "no/such/folder.html", cwd=tmp_path) == 2


def test_where_files_lie_is_nobodys_business(monkeypatch, tmp_path):
    """Of a traceback, the folder that we are in is left out, and of other files all but the last two parts."""
    monkeypatch.chdir(tmp_path)
    printed = (
        f'File "{tmp_path}/scenarios/demo/program.py", line 3\n'
        '  File "/usr/lib/python3/site-packages/httpx/_client.py", line 4\n'
        "plain /words stay\n"
        "<World object at 0x7f0d560b0cd0>, and code 0x7f0d560b0cd0\n"
    )
    assert outcomes.without_paths is without_paths
    assert without_paths(printed) == (
        'File "scenarios/demo/program.py", line 3\n  File "…/httpx/_client.py", line 4\nplain /words stay\n'
        "<World object at 0x…>, and code 0x7f0d560b0cd0\n"
    )
