"""A help desk that answers several people at once.

Claude is asked asynchronously; Memtrace's client is a blocking one here, so its calls go to threads; and a thread of
its own writes the log, because the disk of this desk is slow.
"""

import asyncio
import os
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

from anthropic import AsyncAnthropic
from memtrace import Memtrace

QUESTIONS = {"ada": "My router blinks.", "bob": "My bill is wrong.", "cyd": "No sound on channel 4."}


class Log(threading.Thread):
    """What happened, one line after the other."""

    def __init__(self):
        super().__init__()
        self.lines = queue.Queue()
        self.written = []

    def run(self):
        """Write until told to stop."""
        while (line := self.lines.get()) is not None:
            self.written.append(line)


async def serve(customer, claude, store, pool, log):
    loop = asyncio.get_running_loop()
    question = QUESTIONS[customer]
    await loop.run_in_executor(pool, store.remember, f"desk-{customer}", question)
    async with claude.messages.stream(
        model="claude-sonnet-5", max_tokens=100, messages=[{"role": "user", "content": f"{customer}: {question}"}]
    ) as stream:
        answer = await stream.get_final_text()
    await asyncio.sleep(0.01)
    await loop.run_in_executor(pool, store.remember, f"desk-{customer}", f"answered: {answer}")
    known = await asyncio.to_thread(store.recall, f"desk-{customer}")
    log.lines.put(f"{customer}: {known.count} memories")
    return answer


async def main():
    store = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
    log = Log()
    log.start()
    try:
        async with AsyncAnthropic() as claude:
            with ThreadPoolExecutor(2) as pool:
                answers = await asyncio.gather(*(serve(one, claude, store, pool, log) for one in QUESTIONS))
    finally:
        log.lines.put(None)
        log.join()
    for customer, answer in zip(QUESTIONS, answers, strict=True):
        print(f"{customer}: {answer}")
    for line in sorted(log.written):
        print(line)


asyncio.run(main())
