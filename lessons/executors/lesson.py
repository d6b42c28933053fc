# SPDX-License-Identifier: MIT OR Apache-2.0
"""Executor: runs jobs that would block async code, on threads or in processes.

The lesson in Python:    python3 lessons/executors/lesson.py        (11 seconds)
"""

import asyncio
import os
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402

JOBS = 10
WORKERS = 4
TASKS = 25
WAIT = seconds(0.5)

# Shared by all threads of a process. Each worker process has its own.
done = []


def main():
    with Act("Ten jobs on threads, one at a time") as act:
        jobs, waits = in_waits(on_threads(1))
        act.end(f"{jobs} jobs in the time of {waits:.0f}")

    with Act("Ten jobs on threads, two at a time") as act:
        jobs, waits = in_waits(on_threads(2))
        act.end(f"{jobs} jobs in the time of {waits:.0f}")

    with Act("Ten jobs on threads, all at once") as act:
        jobs, waits = in_waits(on_threads(JOBS))
        act.end(f"{jobs} jobs in the time of {waits:.0f}")

    with Act("Ten jobs on four worker processes") as act:
        jobs, waits = in_waits(on_processes())
        act.end(f"{jobs} jobs in the time of {waits:.0f}")

    with Act("A worker is killed in the middle of its job") as act:
        failed, _ = in_waits(a_worker_is_killed())
        act.end(f"jobs without an answer: {failed}")

    with Act("Four worker processes with 25 tasks each") as act:
        tasks, waits = in_waits(tasks_on_processes())
        act.end(f"{tasks} tasks in the time of {waits:.0f}")


def in_waits(act):
    """The result of the act, and its time in waits."""
    say(f"event loop: {place()}")
    start = time.perf_counter()
    result = asyncio.run(act)
    return result, (time.perf_counter() - start) / WAIT


def job(number):
    """An ordinary function: it blocks the thread that calls it."""
    time.sleep(WAIT)
    done.append(number)  # The GIL keeps the list whole.
    return f"job {number}: {place()}, item {len(done)} of its list"


def place():
    """Which process and which thread runs this."""
    return f"process {os.getpid()}, thread {threading.current_thread().name}"


def take_list():
    """The list of this process, which is empty afterwards."""
    taken = done.copy()
    done.clear()
    return taken


async def on_threads(at_once):
    """A pool of its own for the ten jobs, which bounds how many run at once."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(at_once, "pool") as pool:
        jobs = (loop.run_in_executor(pool, job, n + 1) for n in range(JOBS))
        for answer in await asyncio.gather(*jobs):
            say(answer)
    say(f"the list of main: {take_list()}")
    return JOBS


async def on_processes():
    """The same job. Each worker adds to its own list, and only the answer comes back."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(WORKERS) as pool:
        jobs = (loop.run_in_executor(pool, job, n + 1) for n in range(JOBS))
        for answer in await asyncio.gather(*jobs):
            say(answer)
    say(f"the list of main: {take_list()}")
    return JOBS


def killed():
    """Ends in the middle, as a process does that the system kills when memory runs out."""
    time.sleep(WAIT / 2)
    os.kill(os.getpid(), signal.SIGKILL)


async def a_worker_is_killed():
    """It breaks the whole pool: no job has an answer, and the pool takes no more jobs."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(WORKERS) as pool:
        jobs = [loop.run_in_executor(pool, killed)]
        jobs += [loop.run_in_executor(pool, job, number) for number in (2, 3, 4)]
        answers = await asyncio.gather(*jobs, return_exceptions=True)
        failed = 0
        for order, answer in zip(["killed job", "job 2", "job 3", "job 4"], answers):
            if isinstance(answer, BrokenProcessPool):
                failed += 1
                say(f"{order}: no answer, BrokenProcessPool")
            else:
                say(answer)
        try:
            say(f"once more, {await loop.run_in_executor(pool, job, 1)}")
        except BrokenProcessPool:
            say("once more, job 1: refused, BrokenProcessPool")
    with ProcessPoolExecutor(WORKERS) as pool:
        say(f"in a new pool, {await loop.run_in_executor(pool, job, 1)}")
    return failed


async def tasks_on_processes():
    """A process for each core, and in each process one thread that waits for many things."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(WORKERS) as pool:
        loops = (loop.run_in_executor(pool, tasks) for _ in range(WORKERS))
        return sum(await asyncio.gather(*loops))


def tasks():
    """In a worker: an event loop of its own. Returns how many tasks it ran."""

    async def wait_together():
        return await asyncio.gather(*(asyncio.sleep(WAIT) for _ in range(TASKS)))

    return len(asyncio.run(wait_together()))


if __name__ == "__main__":
    run(__doc__, main)
