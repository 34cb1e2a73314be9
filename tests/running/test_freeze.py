"""With --freeze a program lives by the virtual clock, which its own sleep moves; without, by the machine's."""

from __future__ import annotations

from .helpers import run

CLOCKS = """\
import asyncio, datetime, threading, time, uuid
from datetime import date, datetime as moment
from time import sleep, time as seconds

def now():
    return moment.now().isoformat()

print(seconds(), time.time_ns(), now(), moment.now(datetime.timezone.utc), date.today(), time.localtime()[3])
sleep(90 * 60)
print(now(), time.perf_counter() - started)
"""
NAPS = """\
async def nap(length):
    await asyncio.sleep(length)
    print(length, now())
    return length

async def main():
    print(await asyncio.gather(nap(10), nap(5), nap(20)))
    doomed = asyncio.create_task(nap(3600))
    await asyncio.sleep(1)
    doomed.cancel()
    print(await asyncio.sleep(1, "result"), now())
    print(await asyncio.wait_for(asyncio.to_thread(lambda: "real work"), 60), now())

asyncio.run(main())
"""
THREADS = """\
def work():
    time.sleep(0.05)
    print("worked", now())

thread = threading.Thread(target=work)
thread.start()
thread.join()
late = threading.Thread(target=lambda: (time.sleep(3600), print("an hour later")))
late.start()
while late.is_alive():
    time.sleep(60)
try: time.sleep(-1)
except ValueError as error: print(error)
"""
MEMORY = """\
import os, time
from memtrace import Memtrace
store = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
store.remember("a", "tea")
time.sleep(25 * 3600)
print(store.recall("a").count, round(time.time() - 1770465600))
"""


def test_every_clock_is_the_virtual_one_and_sleep_moves_it(tmp_path):
    """Dates, stamps, sleep in tasks and in threads, in a moment of real time and twice with the same bytes."""
    program = CLOCKS.replace("def now", "started = time.perf_counter()\n\ndef now") + NAPS + THREADS
    first, second = (run(tmp_path, program, "--freeze") for _ in range(2))
    assert first == second
    assert first.out == (
        "1770465600.0 1770465600000000000 2026-02-07T12:00:00 2026-02-07 12:00:00+00:00 2026-02-07 12\n"
        "2026-02-07T13:30:00 5400.0\n"
        "5 2026-02-07T13:30:05\n"
        "10 2026-02-07T13:30:10\n"
        "20 2026-02-07T13:30:20\n"
        "[10, 5, 20]\n"
        "result 2026-02-07T13:30:22\n"
        "real work 2026-02-07T13:30:22\n"
        "worked 2026-02-07T13:30:22.050000\n"
        "an hour later\n"
        "sleep length must be non-negative\n"
    )


def test_dates_in_words_are_of_the_virtual_clock(tmp_path):
    """time.ctime and time.asctime ask the machine in C; what they are given they tell as ever."""
    program = (
        "import time\nfrom time import ctime\ntime.sleep(60)\nprint(ctime(), time.ctime(None), time.asctime())\n"
        "print(time.ctime(0), time.asctime(time.gmtime(0)))\n"
        "try: time.ctime('x')\nexcept TypeError as error: print('no', error)\n"
    )
    ran = run(tmp_path, program, "--freeze")
    assert ran.out == (
        f"{' '.join(['Sat Feb  7 12:01:00 2026'] * 3)}\n{' '.join(['Thu Jan  1 00:00:00 1970'] * 2)}\n"
        "no 'str' object cannot be interpreted as an integer\n"
    )


def test_the_store_lives_by_the_same_clock(tmp_path):
    """After 25 hours of sleep the last 24 hours are empty; without --freeze the world's clock is not the program's."""
    ran = run(tmp_path, MEMORY, "--freeze")
    assert (ran.code, ran.out) == (0, "0 90000\n")
    real = run(tmp_path, MEMORY.replace("25 * 3600", "0.01"))
    assert real.out.startswith("1 ")
    assert real.out != "1 0\n"


def test_a_start_of_ones_own_is_the_programs_too(tmp_path):
    """--start is where the frozen time begins."""
    ran = run(
        tmp_path, "from datetime import date\nprint(date.today())\n", "--freeze", "--start", "2031-05-04T00:00:00Z"
    )
    assert ran.out == "2031-05-04\n"


def test_without_the_library_freezing_is_refused_in_words(tmp_path, monkeypatch):
    """The extra is named."""
    (tmp_path / "time_machine.py").write_text("raise ModuleNotFoundError\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ran = run(tmp_path, "print('begun')\n", "--freeze")
    assert ran == (
        2,
        "",
        'fakememtrace: --freeze needs time-machine. Install it with: pip install "fakememtrace[freeze]"\n',
    )
