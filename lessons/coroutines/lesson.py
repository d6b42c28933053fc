# SPDX-License-Identifier: MIT OR Apache-2.0
"""Coroutine: a computation that gives up its thread only at an `await`.

The lesson in Python:    python3 lessons/coroutines/lesson.py        (11 seconds)
"""

import asyncio
import logging
import re
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, pretty, run, say, seconds  # noqa: E402

BALANCE = 100
WITHDRAWALS = [("till 1", 80), ("till 2", 70), ("till 3", 50), ("till 4", 20)]
THREADS = 1_000
TASKS = 100_000


class RacyAccount:
    """Wrong: an `await` between check and change lets other coroutines in."""

    def __init__(self, balance):
        self.balance = balance

    async def withdraw(self, amount, at_till):
        """Whether `amount` was paid, and the balance after it."""
        if self.balance < amount:
            return False, self.balance
        await at_till()
        self.balance -= amount
        return True, self.balance


class Account:
    """Right: nobody comes between two lines without an `await` between them."""

    def __init__(self, balance):
        self.balance = balance

    async def withdraw(self, amount, at_till):
        """Whether `amount` was paid, and the balance after it."""
        if self.balance < amount:
            return False, self.balance
        self.balance -= amount
        after = self.balance
        await at_till()
        return True, after


def main():
    asyncio.run(one_after_the_other())
    asyncio.run(both_together())
    asyncio.run(taking_turns())
    asyncio.run(blocking_call(), debug=True)
    asyncio.run(at_once("A race: an await between check and change", RacyAccount(BALANCE)))
    asyncio.run(at_once("No race: check and change, then the await", Account(BALANCE)))
    with Act("How many can wait together?") as act:
        threads_wait()
        asyncio.run(tasks_wait())
        act.end("a task costs so little that every wait can have its own")


async def one_after_the_other():
    with Act("Two coroutines, one after the other") as act:
        await heat("kettle")
        await heat("toaster")
        act.end("two waits")


async def both_together():
    with Act("Both together, on the same thread") as act:
        await asyncio.gather(heat("kettle"), heat("toaster"))
        act.end("one wait")


async def heat(name):
    say(f"{name}: on, in {threading.current_thread().name}")
    await asyncio.sleep(seconds(1.0))
    say(f"{name}: done, in {threading.current_thread().name}")


async def taking_turns():
    """A thread can be interrupted anywhere, a coroutine nowhere but at an `await`."""
    with Act("Whose turn is it?") as act:
        for places, gives_way in [("after each step", True), ("nowhere", False)]:
            steps = []

            async def take_steps(name):
                for step in range(1, 4):
                    steps.append(f"{name}{step}")
                    if gives_way:
                        await asyncio.sleep(0)

            await asyncio.gather(take_steps("A"), take_steps("B"))
            say(f"an await {places:<16} {' '.join(steps)}")
        act.end("turns change at an await and nowhere else")


class Watchdog(logging.Handler):
    """asyncio's own, in its debug mode: it logs each step that took too long."""

    def emit(self, record):
        late = re.search(r"name='(.+?)'.* took ([0-9.]+)", record.getMessage())
        if late:
            say(f"watchdog: {late[1]} kept the thread for {pretty(float(late[2]))}")


async def blocking_call():
    """`time.sleep` knows nothing of coroutines: the toaster cannot even begin."""
    with Act("A call that blocks the thread") as act:
        asyncio.get_running_loop().slow_callback_duration = seconds(0.5)
        logging.getLogger("asyncio").addHandler(Watchdog())

        async def block():
            say("kettle: on, and the thread sleeps")
            time.sleep(seconds(1.0))
            say("kettle: done")

        kettle = asyncio.create_task(block(), name="kettle")
        toaster = asyncio.create_task(heat("toaster"), name="toaster")
        await asyncio.gather(kettle, toaster)
        act.end("two waits again")


async def at_once(title, account):
    """One thread, and no lock: what is awaited, and where, makes all the difference."""

    async def work(till, amount):
        async def count_out():
            say(f"{till}: the balance covers {amount}, counting it out")
            await asyncio.sleep(seconds(1.0))

        paid, balance = await account.withdraw(amount, count_out)
        say(f"{till}: {'paid' if paid else 'refused'} {amount}, the balance is {balance}")

    with Act(title) as act:
        await asyncio.gather(*(work(till, amount) for till, amount in WITHDRAWALS))
        act.end(f"the account ends at {account.balance}")


def threads_wait():
    before, start = memory(), time.perf_counter()
    threads = []
    try:
        for _ in range(THREADS):
            thread = threading.Thread(target=time.sleep, args=(seconds(1.0),))
            thread.start()
            threads.append(thread)
    except RuntimeError:
        say("the system gives no more threads than these (see `ulimit -u`)")
    meanwhile = memory()
    for thread in threads:
        thread.join()
    report(len(threads), "threads", start, before, meanwhile)


async def tasks_wait():
    before, start = memory(), time.perf_counter()
    tasks = [asyncio.create_task(asyncio.sleep(seconds(1.0))) for _ in range(TASKS)]
    # Tasks take turns in order: when this one goes on, all others wait.
    await asyncio.sleep(0)
    meanwhile = memory()
    await asyncio.wait(tasks)
    report(TASKS, "tasks", start, before, meanwhile)


def report(count, what, start, before, meanwhile):
    each = "memory not measured"
    if count and meanwhile:
        each = f"{(meanwhile - before) // count} bytes each"
    say(f"{count:>6} {what:<7} {pretty(time.perf_counter() - start):>9}   {each}")


def memory():
    """The memory of this process that is in use now, in bytes; 0 if the system does not say."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return 0
    return int(re.search(r"VmRSS:\s*(\d+) kB", status)[1]) * 1024


if __name__ == "__main__":
    run(__doc__, main)
