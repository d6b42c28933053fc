# SPDX-License-Identifier: MIT OR Apache-2.0
"""Coroutine: a computation that can pause at an `await`, and only there.

The lesson in Python:    python3 lessons/coroutines/lesson.py        (12 seconds)
"""

import asyncio
import heapq
import itertools
import logging
import re
import sys
import threading
import time
from collections import deque
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, pretty, run, say, seconds  # noqa: E402

BALANCE = 100
WITHDRAWALS = [("till 1", 80), ("till 2", 70), ("till 3", 50), ("till 4", 20)]
THREADS = 1_000
TASKS = 100_000


class RacyAccount:
    """Wrong: while it waits between check and change, other coroutines check as well."""

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
    """Right: between two lines without an `await`, no other coroutine runs."""

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


class EventLoop:
    """A toy event loop. A coroutine that has to wait yields the time at which it is due."""

    def __init__(self):
        self.ready = deque()
        self.timers = []
        self.number = itertools.count()

    def create_task(self, coroutine, name):
        self.ready.append((coroutine, name))

    def run(self):
        while self.ready or self.timers:
            if not self.ready:
                due, _, task = heapq.heappop(self.timers)
                time.sleep(max(0, due - time.monotonic()))
                self.ready.append(task)
            coroutine, name = task = self.ready.popleft()
            try:
                due = coroutine.send(None)
                say(f"the loop polled the {name}: pending")
                heapq.heappush(self.timers, (due, next(self.number), task))
            except StopIteration:
                say(f"the loop polled the {name}: ready")


class Sleep:
    """What stands at the bottom of every `await`: an object that says "not yet"."""

    def __init__(self, length):
        self.due = time.monotonic() + length

    def __await__(self):
        yield self.due


def main():
    asyncio.run(one_after_the_other())
    asyncio.run(both_together())
    asyncio.run(whose_turn())
    asyncio.run(blocking_call(), debug=True)

    with Act("A race: an await between check and change") as act:
        account = RacyAccount(BALANCE)
        asyncio.run(at_once(account))
        act.end(f"the account ends at {account.balance}")

    with Act("No race: check and change, then the await") as act:
        account = Account(BALANCE)
        asyncio.run(at_once(account))
        act.end(f"the account ends at {account.balance}")

    with Act("How many can wait together?") as act:
        threads_wait()
        asyncio.run(tasks_wait())
        act.end("a task costs so little that every wait can have its own")

    with Act("An event loop of our own") as act:
        on_our_own_event_loop()
        act.end("one wait: the loop sleeps until the next timer is due")


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


async def whose_turn():
    """A thread can be interrupted anywhere, a coroutine only at an `await` that has to wait."""

    async def ready():
        pass

    async def turns(pause):
        steps = []

        async def take_steps(name):
            for step in range(1, 4):
                steps.append(f"{name}{step}")
                await pause()

        await asyncio.gather(take_steps("A"), take_steps("B"))
        return " ".join(steps)

    with Act("Whose turn is it?") as act:
        say(f"an await that has to wait  {await turns(lambda: asyncio.sleep(0))}")
        say(f"an await that is ready     {await turns(ready)}")
        act.end("turns change at an await that has to wait, and nowhere else")


class Watchdog(logging.Handler):
    """asyncio's own, in its debug mode: it logs each step that took too long."""

    def emit(self, record):
        late = re.search(r"name='(.+?)'.* took ([0-9.]+)", record.getMessage())
        if late:
            say(f"watchdog: {late[1]} kept the thread for {pretty(float(late[2]))}")


async def blocking_call():
    """`time.sleep` knows nothing of coroutines: the whole thread sleeps, and the toaster with it."""
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


async def at_once(account):
    """Four tills withdraw together, each in a task, on one thread and without a lock."""

    async def work(till, amount):
        async def count_out():
            say(f"{till}: the balance covers {amount}, counting it out")
            await asyncio.sleep(seconds(1.0))

        paid, balance = await account.withdraw(amount, count_out)
        say(f"{till}: {'paid' if paid else 'refused'} {amount}, the balance is {balance}")

    async with asyncio.TaskGroup() as tills:
        for till, amount in WITHDRAWALS:
            tills.create_task(work(till, amount))


def threads_wait():
    before, start = memory(), time.perf_counter()
    threads = []
    try:
        for _ in range(THREADS):
            thread = threading.Thread(target=time.sleep, args=(seconds(1.0),))
            thread.start()
            threads.append(thread)
    except RuntimeError:
        say("the system refuses more threads (see `ulimit -u`)")
    meanwhile = memory()
    for thread in threads:
        thread.join()
    report(len(threads), "threads", start, before, meanwhile)


async def tasks_wait():
    before, start = memory(), time.perf_counter()
    tasks = [asyncio.create_task(asyncio.sleep(seconds(1.0))) for _ in range(TASKS)]
    # Tasks run in the order of their creation: when this one goes on, all others wait.
    await asyncio.sleep(0)
    meanwhile = memory()
    await asyncio.wait(tasks)
    report(TASKS, "tasks", start, before, meanwhile)


def on_our_own_event_loop():
    async def appliance(name, sleep):
        say(f"{name}: on")
        await sleep
        say(f"{name}: done")

    loop = EventLoop()
    for name, length in [("kettle", 1.0), ("toaster", 0.5)]:
        loop.create_task(appliance(name, Sleep(seconds(length))), name)
    loop.run()


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
