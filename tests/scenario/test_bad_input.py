"""What is wrong with a scenario or its program is said in words, with file and place, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fakememtrace import CassetteError, ScenarioError, UnknownName, replay
from fakememtrace.scenario.scenario import find_scenarios, load_scenario

from .helpers import ASK, Folder, command

# How many lines the program has to which a test adds its own.
END = ASK.count("\n")
PARTS = "A scenario has program.py, script.toml, cassette.json and expectations.toml."


@pytest.fixture
def folder(tmp_path):
    """A whole scenario."""
    return Folder(tmp_path)


@pytest.mark.parametrize("part", ["program.py", "script.toml", "expectations.toml"])
def test_a_missing_part_is_named(folder, part):
    """A folder without one of its parts says which, and what is there."""
    (folder.path / part).unlink()
    found = sorted({"cassette.json", "program.py", "script.toml", "expectations.toml"} - {part})
    with pytest.raises(ScenarioError) as refused:
        load_scenario(folder.path)
    assert str(refused.value) == (
        f"{folder.path}: there is no {part} in this folder.\n{PARTS} Found: {found[0]}, {found[1]} and {found[2]}."
    )


def test_a_missing_cassette_is_named(folder):
    """A scenario without its recordings says where they should be."""
    (folder.path / "cassette.json").unlink()
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"fakememtrace: {folder.path / 'cassette.json'}: there is no such cassette.\n"
        f"JSON files in {folder.path}: nothing. Check the path.\n"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"format": "fakememtrace-cassette", "version": 1, "inter', "the file ends in the middle: it was cut short."),
        ("interactions:\n- request: {}\n", "this is no fakememtrace cassette but a VCR cassette in YAML."),
        ('{"log": {}}', "this is no fakememtrace cassette but a HAR file."),
    ],
)
def test_a_broken_cassette_ends_the_command_in_words(folder, text, problem):
    """A truncated or foreign cassette is a usage error that names the file."""
    folder.write("cassette.json", text)
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert result.returncode == 2
    assert problem in result.stderr
    assert str(folder.path / "cassette.json") in result.stderr
    assert "Traceback" not in result.stderr


NO_DURATION = (
    "is no duration. Expected numbers with a unit (us, ms, s, m, h, d, w), "
    'such as "90m", "1h30m" or "2d", or a datetime.timedelta.'
)

SCRIPTS = [
    ("title = ", ": this is not TOML: Invalid value (at end of document).", "Correct the file there."),
    ('title = "x"\n', ": there is no [[run]].", "Add one for each time the program runs, with the lines it reads."),
    ('title = "x"\n[[run]]\n', ", line 2, [[run]] 1: 'says' is missing.", "Add it: a list of strings."),
    ("[[run]]\nsays = []\n", ": 'title' is missing.", "Add it: a string."),
    (
        'title = "x"\nrun = 3\n',
        ', line 2, "run": expected tables, found 3.',
        "Write each one below a line [[run]].",
    ),
    (
        'title = "x"\n[[run]]\nsays = []\n[[run]]\nsay = []\n',
        ", line 5, [[run]] 2: unknown key 'say'. Did you mean 'says'?",
        "Known here: says and after.",
    ),
    (
        'title = "x"\n[[run]]\nsays = "hi"\n',
        ", line 3, [[run]] 1, \"says\": expected a list of strings, found 'hi'.",
        "Correct the value.",
    ),
    (
        'title = "x"\n[[run]]\nsays = [1]\n',
        ', line 3, [[run]] 1, "says": expected a list of strings, found [1].',
        "Put every item in quotes.",
    ),
    (
        'title = "x"\n[[run]]\nsays = ["a\\nb"]\n',
        ", line 3, [[run]] 1, \"says\": 'a\\nb' has a line break.",
        "Make it one line, or two entries.",
    ),
    (
        'title = "x"\n[[run]]\nsays = []\nafter = "soon"\n',
        f", line 4, [[run]] 1, \"after\": 'soon' {NO_DURATION}",
        "Correct the value.",
    ),
    (
        'title = "x"\nstart = "noon"\n[[run]]\nsays = []\n',
        (
            ", line 2, \"start\": 'noon' is no moment in time. "
            'Expected ISO 8601 with a time zone, such as "2026-02-07T12:00:00Z".'
        ),
        "Correct the value.",
    ),
    (
        'title = "x"\nmax_turns = 0\n[[run]]\nsays = []\n',
        ', line 2, "max_turns": expected a number above 0, found 0.',
        "Correct the value.",
    ),
    (
        'title = "x"\ntimeout = "1s"\n[[run]]\nsays = []\n',
        ", line 2, \"timeout\": expected a number, found '1s'.",
        "Correct the value.",
    ),
    (
        'title = "x"\npatience = 0\n[[run]]\nsays = []\n',
        ', line 2, "patience": expected a number above 0, found 0.0.',
        "Correct the value.",
    ),
    (
        'title = "x"\nmax_turns = true\n[[run]]\nsays = []\n',
        ', line 2, "max_turns": expected a whole number, found True.',
        "Correct the value.",
    ),
]


@pytest.mark.parametrize(("text", "problem", "advice"), SCRIPTS)
def test_a_broken_script_is_refused_with_its_place(folder, text, problem, advice):
    """File, table and field of what is wrong in a script, and what to do."""
    folder.write("script.toml", text)
    with pytest.raises(ScenarioError) as refused:
        load_scenario(folder.path)
    assert str(refused.value) == f"{folder.path / 'script.toml'}{problem}\n{advice}"


EXPECTED = [
    (
        "",
        ": nothing is expected, so this scenario could not fail.",
        "Add at least one of [[memory]], [[request]], [[tools]], [[call]], [[recalled]] and [[sent]].",
    ),
    (
        '[[memory]]\ncontains = "x"\n\n[[memoy]] # of it\ncontains = "y"\n\n[[memoy]]\n',
        ", line 4: unknown key 'memoy'. Did you mean 'memory'?",
        "Known here: memory, request, tools, call, recalled and sent.",
    ),
    (
        '[[memory]]\ntype = "x"\n',
        ", line 1, [[memory]] 1: says nothing about the text.",
        'Add "content" (the whole text) or "contains" (a part).',
    ),
    (
        '[[request]]\nrun = 2\ncontains = ["x"]\n',
        ', line 2, [[request]] 1, "run": there is no run 2.',
        "The script has 1.",
    ),
    (
        "[[request]]\nrun = 1\n",
        ", line 1, [[request]] 1: says nothing about the request.",
        'Add "contains" or "lacks", lists of texts.',
    ),
    (
        "[[tools]]\nrun = 1\n",
        ", line 1, [[tools]] 1: 'called' is missing.",
        'Add it: a list of strings; or "at_least" or "never".',
    ),
    (
        "[[tools]]\nrun = 0\ncalled = []\n",
        ', line 2, [[tools]] 1, "run": expected a number above 0, found 0.',
        "Correct the value.",
    ),
]


@pytest.mark.parametrize(("text", "problem", "advice"), EXPECTED)
def test_broken_expectations_are_refused_with_their_place(folder, text, problem, advice):
    """File, table and field of what is wrong in expectations, and what to do."""
    folder.write("expectations.toml", text)
    with pytest.raises(ScenarioError) as refused:
        load_scenario(folder.path)
    assert str(refused.value) == f"{folder.path / 'expectations.toml'}{problem}\n{advice}"


def test_what_is_no_text_is_refused(folder):
    """A script in another encoding is refused with the byte."""
    (folder.path / "script.toml").write_bytes(b'title = "\xe4"\n')
    with pytest.raises(ScenarioError) as refused:
        load_scenario(folder.path)
    assert str(refused.value) == (f"{folder.path / 'script.toml'}, byte 9: this is not UTF-8 text.\nSave it as UTF-8.")


def test_folders_without_scenarios_are_named(tmp_path):
    """A wrong folder, an empty one and a wrong name each say what was expected."""
    with pytest.raises(ScenarioError) as refused:
        find_scenarios(tmp_path / "nowhere")
    assert str(refused.value) == (
        f"{tmp_path / 'nowhere'}: there is no such folder.\nName the folder of your scenarios with --scenarios DIR."
    )
    with pytest.raises(ScenarioError) as refused:
        find_scenarios(tmp_path)
    assert str(refused.value) == f"{tmp_path}: there is no scenario in this folder.\n{PARTS}"
    with pytest.raises(ScenarioError) as refused:
        load_scenario(tmp_path / "nowhere")
    assert str(refused.value) == f"{tmp_path / 'nowhere'}: there is no such folder.\n{PARTS}"
    Folder(tmp_path, "demo")
    with pytest.raises(UnknownName) as unknown:
        find_scenarios(tmp_path, ("dmo",))
    assert str(unknown.value) == "unknown scenario 'dmo'. Did you mean 'demo'? Known: demo."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dialect", "documentd"], "Did you mean 'documented'?"),
        (["dmo"], "Did you mean 'demo'?"),
        (["--dilect", "0.2.0"], "--dialect"),
        (["--max-turns", "0"], "--max-turns"),
        (["--timeout", "soon"], "--timeout"),
        (["--json", "nowhere/out.json"], "--json nowhere/out.json: this cannot be written"),
        (["--scenarios", "nowhere"], "nowhere: there is no such folder."),
    ],
)
def test_wrong_arguments_are_usage_errors(folder, arguments, words):
    """An unknown dialect, name or option ends with 2, one message, and no file."""
    before = folder.files()
    result = command(
        "replay", *(["--scenarios", "."] if "--scenarios" not in arguments else []), *arguments, cwd=folder.root
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert folder.files() == before


ENDS = [
    (
        ASK + "\n\ndef main():\n    return {}['x']\n\n\nmain()\n",
        f"demo/program.py, line {END + 4}, in main: the program raised KeyError: 'x'\nExpected: it comes to its end.",
    ),
    (
        ASK + "def broken(:\n",
        f"demo/program.py, line {END + 1}: the program raised SyntaxError: invalid syntax",
    ),
    (
        ASK + "import sys\nsys.exit(3)\n",
        f"demo/program.py, line {END + 2}: the program ended with exit code 3.\nExpected: it comes to its end",
    ),
    (
        ASK + "raise SystemExit('no more')\n",
        f"demo/program.py, line {END + 1}: the program ended saying: no more.\nExpected: it comes to its end",
    ),
    (
        ASK + "import os\nos._exit(7)\n",
        "demo/program.py: the process ended with exit code 7 before the program came to its end.\nWhat to do: look",
    ),
]


@pytest.mark.parametrize(("program", "stopped"), ENDS)
def test_a_program_that_does_not_come_to_its_end(folder, program, stopped):
    """A program that raises or exits fails its scenario with the line it stood at, not with a traceback."""
    folder.write("program.py", program)
    before = folder.files()
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert result.returncode == 1
    indented = "stopped\n" + "".join(f"  {line}\n" for line in stopped.split("\n"))
    assert indented.rstrip() in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert result.stdout.splitlines()[-1].startswith("FAILED demo (0.2.0): ")
    assert folder.files() == before


def test_a_program_that_exits_with_zero_came_to_its_end(folder):
    """sys.exit(0) is an end like any other."""
    folder.write("program.py", ASK + "sys.exit(0)\n")
    assert replay(folder.path).passed


@pytest.mark.parametrize(
    ("tail", "place"),
    [
        ("def spin():\n    while True:\n        pass\n\nspin()\n", "in spin"),
        ("import time\ntime.sleep(3600)\n", f"line {END + 2}"),
        ("import threading\nthreading.Event().wait()\n", f"line {END + 2}"),
    ],
)
def test_a_program_that_never_ends_is_stopped(folder, tail, place):
    """Past its wall time a program is stopped, with the line it stood at and what it had done by then."""
    folder.write("program.py", ASK + tail)
    outcome = replay(folder.path, timeout=3)
    where, rest = outcome.stopped.split(": ", 1)
    assert where.startswith("demo/program.py, line ")
    assert place in where
    assert rest == (
        "the program did not end within 3 s of wall time.\n"
        "What to do: look for a loop or a wait there; a program that needs longer gets it with "
        "--timeout SECONDS, or timeout = SECONDS in script.toml."
    )
    assert [event["text"] for event in outcome.runs[0]["events"]] == ["hi", "hello"]
    assert outcome.output == "hello\n"


def test_a_program_that_asks_without_end_is_stopped(folder):
    """Past its number of requests to Claude a program is stopped, although it catches every Exception."""
    folder.write(
        "program.py",
        ASK
        + """
while True:
    try:
        ask("more")
    except Exception:
        pass
""",
    )
    outcome = replay(folder.path, max_turns=5)
    assert outcome.stopped == (
        "demo/program.py, line 6, in ask: the program was stopped: it asked Claude more than 5 times.\n"
        "What to do: look for a loop there; a program that needs more gets it with "
        "--max-turns N, or max_turns = N in script.toml."
    )
    assert outcome.calls == 5


def test_a_daemon_thread_does_not_keep_the_replay(folder):
    """A daemon thread ends with the program, as in any process."""
    thread = "threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()\n"
    assert replay(folder.write("program.py", ASK + "import threading, time\n" + thread).path).passed


def test_a_thread_that_never_ends_is_stopped(folder):
    """A thread that keeps the program from ending is stopped with it, and its place is named."""
    folder.write(
        "program.py",
        ASK + "import threading\ndef wait():\n    threading.Event().wait()\nthreading.Thread(target=wait).start()\n",
    )
    outcome = replay(folder.path, timeout=3)
    assert outcome.stopped.startswith(
        f"demo/program.py, line {END + 3}, in wait: the program did not end within 3 s of wall time.\n"
    )


def test_what_a_program_does_at_its_very_end_belongs_to_it(folder):
    """What threads and atexit functions do after the last line is part of the run."""
    folder.record(("hi", "hello"), ("from a thread", "t"), ("at the end", "e")).write(
        "program.py",
        ASK
        + """
import atexit, threading, time
atexit.register(ask, "at the end")
threading.Thread(target=lambda: (time.sleep(0.3), ask("from a thread"))).start()
""",
    )
    outcome = replay(folder.path)
    assert outcome.passed, outcome
    said = [event["text"] for event in outcome.runs[0]["events"] if event["who"] == "user"]
    assert said == ["hi", "from a thread", "at the end"]


def test_each_run_finds_what_a_new_process_finds(folder):
    """Modules, folder, variables and signal handlers of one run are not there in the next."""
    folder.write("script.toml", 'title = "t"\n[[run]]\nsays = ["hi"]\n[[run]]\nsays = ["hi"]\n')
    folder.record(("hi", "hello"), ("hi", "hello")).write("helper.py", "count = 0\n").write(
        "program.py",
        ASK
        + """
import os, signal, helper
helper.count += 1
assert helper.count == 1, "a module was still there"
assert not os.environ.get("LEFT"), "a variable was still there"
os.environ["LEFT"] = "1"
assert os.path.exists("demo"), "the folder was not the same"
os.chdir("/")
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, "a handler was still there"
signal.signal(signal.SIGTERM, signal.SIG_IGN)
""",
    )
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert result.returncode == 0, result.stdout


def test_lines_that_nobody_reads_are_noticed(folder):
    """A program that ends before it read its script fails the scenario."""
    folder.write("script.toml", 'title = "t"\n[[run]]\nsays = ["hi", "never", "nor this"]\n')
    folder.write("program.py", ASK.replace("for line in sys.stdin:", "for line in [input()]:"))
    assert replay(folder.path).problems == [
        (
            "run 1 ended before the program read all of its script: 2 lines, the first of them 'never'.\n"
            "What to do: look at what ends the program's conversation; or take the lines out of script.toml."
        )
    ]


@pytest.mark.parametrize(
    "reading", ["sys.stdin.read()", "''.join(sys.stdin)", "sys.stdin.buffer.read().decode()", "input()"]
)
def test_a_program_reads_its_script_as_it_likes(folder, reading):
    """Text, bytes, line by line or all at once: the script is like any standard input."""
    folder.write("program.py", ASK.replace("for line in sys.stdin:", f"for line in [{reading}]:"))
    assert replay(folder.path).passed


@pytest.mark.slow
def test_a_program_stuck_in_c_is_told_from_a_crash(folder):
    """When nothing in the process can say where it stands, the limit is named all the same."""
    folder.write("program.py", ASK + "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')\n")
    assert replay(folder.path, timeout=2).stopped == (
        "demo/program.py: the program did not end within 2 s of wall time, and where it stood cannot be told: "
        "something in C did not let go.\n"
        "What to do: look for a regular expression or a library call that takes for ever; a program that needs "
        "longer gets it with --timeout SECONDS, or timeout = SECONDS in script.toml."
    )


def test_the_limit_of_requests_cannot_be_swallowed(folder):
    """A request past the limit fails the scenario also where it was made in a thread."""
    folder.write("program.py", ASK + "import threading\nthreading.Thread(target=ask, args=('more',)).start()\n")
    outcome = replay(folder.path, max_turns=1)
    assert not outcome.passed
    assert "it asked Claude more than 1 time" in outcome.problems[0]


@pytest.mark.parametrize("messages", ['["hi"]', '"hi"', '[{"role": "user", "content": ["hi"]}]', "[None]", "7"])
def test_a_malformed_request_is_a_miss_like_any_other(folder, messages):
    """Whatever the program sends, and even if it swallows the answer, the scenario fails with an explanation."""
    folder.write(
        "program.py",
        ASK + f'httpx.post("https://api.anthropic.com/v1/messages", json={{"model": "m", "messages": {messages}}})\n',
    )
    outcome = replay(folder.path)
    assert not outcome.stopped
    assert "no recorded answer for this request to Claude: m, " in outcome.problems[0]


def test_what_lies_in_the_current_folder_is_not_imported(folder, monkeypatch):
    """A file in the folder that we are in is not taken for a module."""
    (folder.root / "random.py").write_text("raise SystemExit('the wrong module')\n", "utf-8")
    monkeypatch.chdir(folder.root)
    assert replay(folder.path).passed


def test_one_broken_scenario_is_told_before_any_runs(folder):
    """All scenarios are looked at before the first is replayed."""
    Folder(folder.root, "zzz").write("script.toml", "")
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert (result.returncode, result.stdout) == (2, "")
    assert "zzz/script.toml" in result.stderr


def test_odd_targets_of_json_are_written_to(folder):
    """A link is followed, a file keeps its mode, and what is no file is written to."""
    target, link = folder.root / "target.json", folder.root / "link.json"
    target.write_text("old", "utf-8")
    target.chmod(0o600)
    link.symlink_to(target)
    assert command("replay", "--scenarios", ".", "--json", str(link), cwd=folder.root).returncode == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith('{\n  "outcomes"')
    assert target.stat().st_mode & 0o777 == 0o600
    assert command("replay", "--scenarios", ".", "-q", "--json", "/dev/null", cwd=folder.root).returncode == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_command_that_is_ended_cleans_up(folder, tmp_path_factory, name, code):
    """Ended from outside, the command leaves no scratch folder and no process behind."""
    scratch, marker = tmp_path_factory.mktemp("scratch"), folder.root / "pid"
    folder.write("program.py", f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(50)\n")
    replaying = subprocess.Popen(
        [sys.executable, "-m", "fakememtrace", "replay", "--scenarios", "."],
        cwd=folder.root,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    child = int(eventually(lambda: marker.exists() and marker.read_text()))
    replaying.send_signal(getattr(signal, name))
    assert replaying.wait(10) == code
    assert list(scratch.iterdir()) == []
    assert eventually(lambda: not is_alive(child))


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"COLUMNS": "20"}, {"TERM": "dumb"}])
def test_any_terminal_can_show_the_output(folder, monkeypatch, variables):
    """What a terminal cannot show is escaped, and its width does not matter."""
    plain = command("replay", "--scenarios", ".", cwd=folder.root).stdout
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == plain.replace("·", "\\xb7" if "PYTHONIOENCODING" in variables else "·")


def test_a_process_that_a_program_leaves_does_not_keep_it(folder):
    """A process that outlives the program, with its output still open, does not hold the replay up."""
    folder.write("program.py", ASK + "import subprocess\nsubprocess.Popen(['sleep', '20'])\n")
    began = time.monotonic()
    assert replay(folder.path).passed
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("command", ["replay", "drift", "diff"])
def test_ctrl_c_is_no_failure_and_leaves_nothing(folder, command, tmp_path_factory):
    """It ends with 130 and one line, the program ends with it, and no file of ours is left."""
    marker, scratch = folder.root / "pid", tmp_path_factory.mktemp("scratch")
    folder.write("program.py", f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(50)\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "fakememtrace", command, "--scenarios", "."],
        cwd=folder.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    child = int(eventually(lambda: marker.exists() and marker.read_text()))
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err.strip()) == (130, "fakememtrace: interrupted")
    assert eventually(lambda: not is_alive(child))
    assert list(scratch.iterdir()) == []


STARTS = """\
import os, subprocess, sys, time
def note(name):
    with open(name, "w") as file:
        file.write(str(os.getpid()))
    time.sleep(50)
if not os.fork():
    note("forked")
code = "import os, time; open('started', 'w').write(str(os.getpid())); time.sleep(50)"
subprocess.Popen([sys.executable, "-c", code])
while not (os.path.exists("forked") and os.path.exists("started")):
    time.sleep(0.01)
"""


@pytest.mark.parametrize("how", ["it ends", "its time is over", "Ctrl-C"])
def test_what_a_program_starts_does_not_outlive_the_replay(folder, how):
    """However the program comes to its end, the processes that it started end with it."""
    folder.write("program.py", STARTS + ("time.sleep(50)\n" if how != "it ends" else ""))
    timeout = "3" if how == "its time is over" else "40"
    replaying = subprocess.Popen(
        [sys.executable, "-m", "fakememtrace", "replay", "--scenarios", ".", "--timeout", timeout],
        cwd=folder.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    files = folder.root / "forked", folder.root / "started"
    numbers = [int(eventually(lambda file=file: file.exists() and file.read_text())) for file in files]
    if how == "Ctrl-C":
        replaying.send_signal(signal.SIGINT)
    assert replaying.wait(timeout=60) == (130 if how == "Ctrl-C" else 1)
    assert all(eventually(lambda number=number: not is_alive(number)) for number in numbers)


def test_a_replay_that_is_killed_takes_its_program_along(folder):
    """When the command is killed, the process of the program ends, too."""
    marker = folder.root / "pid"
    folder.write("program.py", f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(50)\n")
    replaying = subprocess.Popen(
        [sys.executable, "-m", "fakememtrace", "replay", "--scenarios", "."], cwd=folder.root, stdout=subprocess.PIPE
    )
    with replaying:
        child = int(eventually(lambda: marker.exists() and marker.read_text()))
        replaying.kill()
    assert eventually(lambda: not is_alive(child))


def is_alive(process):
    """Whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/stat").read_text().split(")")[1][:3] if Path("/proc").exists() else True


def eventually(look):
    """What `look` gives once it gives something, within ten seconds."""
    for _ in range(200):
        try:
            found = look()
        except FileNotFoundError:
            found = True
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


REFUSED = "was refused: the host {!r} is neither faked nor on this machine, and a replay has no network.\n"
CALLS = [
    (
        "import httpx\nhttpx.get('https://weather.example/today')\n",
        "GET https://weather.example/today " + REFUSED.format("weather.example"),
    ),
    (
        "import urllib.request\nurllib.request.urlopen('http://weather.example/today')\n",
        "socket.getaddrinfo('weather.example', 80) " + REFUSED.format("weather.example"),
    ),
    (
        "import socket\nsocket.create_connection(('192.0.2.7', 80))\n",
        "socket.getaddrinfo('192.0.2.7', 80) " + REFUSED.format("192.0.2.7"),
    ),
]


@pytest.mark.parametrize("swallowed", [False, True])
@pytest.mark.parametrize(("call", "problem"), CALLS)
def test_a_program_that_calls_the_network_fails(folder, call, problem, swallowed):
    """A call that would leave the machine is refused by name and fails the scenario, also when it is caught."""
    if swallowed:
        first, second = call.splitlines()
        call = f"{first}\ntry:\n    {second}\nexcept Exception:\n    pass\n"
    folder.write("program.py", ASK + call)
    outcome = replay(folder.path)
    assert not outcome.passed
    assert any(problem in text for text in outcome.problems)
    assert bool(outcome.stopped) is not swallowed


def test_the_whole_refusal_of_a_replay(folder):
    """It has the program's line, and the advice is for a scenario."""
    folder.write("program.py", ASK + "import socket\nsocket.gethostbyname('weather.example')\n")
    assert replay(folder.path).problems[0].partition("\n")[2] == (
        f"demo/program.py, line {END + 2}: socket.gethostbyname('weather.example') was refused: the host "
        "'weather.example' is neither faked nor on this machine, and a replay has no network.\n"
        "Served here, to httpx and httpx2: memtrace at http://localhost:9100, claude at https://api.anthropic.com; "
        "other loopback addresses are passed on.\n"
        "What to do: leave the call out of the scenario, or answer it with something on this machine."
    )


def test_a_program_may_talk_to_itself(folder):
    """Loopback and socket pairs are no network."""
    folder.write(
        "program.py",
        ASK
        + """
import asyncio, socket, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

server = HTTPServer(("127.0.0.1", 0), Hello)
Thread(target=server.serve_forever, daemon=True).start()
assert urllib.request.urlopen(f"http://localhost:{server.server_port}/").status == 204
socket.socketpair()
asyncio.run(asyncio.sleep(0))
""",
    )
    outcome = replay(folder.path)
    assert outcome.passed, outcome


def test_a_program_that_asks_nothing_fails(folder):
    """A scenario in which nothing happened does not pass."""
    folder.write("program.py", "print('done')\n").record()
    outcome = replay(folder.path)
    assert not outcome.passed
    assert outcome.problems[0] == (
        "no request was made to Claude, so nothing was replayed.\n"
        "What to do: look at what the program does with its input; the script says what it reads."
    )


def test_a_miss_that_the_program_swallows_fails(folder):
    """A scenario fails for a request that is not recorded although its program goes on."""
    folder.write(
        "program.py",
        ASK
        + """
try:
    ask("hey")
except httpx.HTTPStatusError:
    print("never mind")
""",
    )
    result = command("replay", "--scenarios", ".", cwd=folder.root)
    assert result.returncode == 1
    assert (
        "  no such conversation: no recorded answer for this request to Claude: claude-x, 1 message, "
        'the last from user: "hey".\n'
        "  Expected the one conversation in demo/cassette.json, which begins with:\n"
        '      "hi": interaction 1, 1 played\n'
    ) in result.stdout
    assert "  never mind\n" in result.stdout


def test_an_unplayed_answer_fails(folder):
    """A scenario whose program asks less than is recorded fails."""
    folder.record(("hi", "hello"), ("bye", "see you"))
    assert "1 of 2 recorded answers in " in replay(folder.path).problems[0]


def test_the_error_classes_are_usage_errors(folder):
    """From Python the same complaints are exceptions of the package."""
    with pytest.raises(UnknownName):
        replay(folder.path, "documentd")
    folder.write("cassette.json", "")
    with pytest.raises(CassetteError):
        replay(folder.path)
