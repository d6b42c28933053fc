# SPDX-License-Identifier: MIT OR Apache-2.0
"""Executor: does the jobs that would block an async program: threads, processes.

The lesson in Python:    python3 lessons/executors/lesson.py        (11 seconds)
"""

import asyncio
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402

JOBS = range(1, 11)
WORKERS = 4
TASKS = 25
WAIT = seconds(0.5)

# One list for all the threads of a process, and another one in every process.
done = []


def job(number):
    """Knows nothing of async: it blocks whatever thread it runs on."""
    time.sleep(WAIT)
    done.append(number)  # The GIL keeps the list whole.
    return f"job {number}: the list of its worker is {done}"


def main():
    asyncio.run(jobs_on_threads(1))
    asyncio.run(jobs_on_threads(2))
    asyncio.run(jobs_on_threads(10))
    asyncio.run(jobs_on_processes())
    asyncio.run(a_worker_is_killed())
    asyncio.run(tasks_on_processes())


async def jobs_on_threads(threads):
    """Every thread adds to the one list, in any order. A small pool makes the jobs queue."""
    done.clear()
    loop = asyncio.get_running_loop()
    with Act(f"Ten jobs on a pool of threads: {threads}") as act:
        with ThreadPoolExecutor(threads) as pool:
            jobs = [loop.run_in_executor(pool, job, number) for number in JOBS]
            await asyncio.gather(*jobs)
        say(f"the list: {done}")
        act.end(conclusion(len(done), act))


async def jobs_on_processes():
    """The same job in processes: only an answer comes back."""
    done.clear()
    loop = asyncio.get_running_loop()
    with Act(f"Ten jobs on worker processes: {WORKERS}") as act:
        with ProcessPoolExecutor(WORKERS) as pool:
            jobs = [loop.run_in_executor(pool, job, number) for number in JOBS]
            for answer in await asyncio.gather(*jobs):
                say(answer)
        say(f"the list of the parent: {done}")
        act.end(conclusion(len(JOBS), act))


def killed():
    """A job that comes to the end of `kill -9` in its middle."""
    time.sleep(WAIT / 2)
    os.kill(os.getpid(), signal.SIGKILL)


async def a_worker_is_killed():
    """It breaks the whole pool: no job in it has an answer, and no more are taken."""
    loop = asyncio.get_running_loop()
    with Act("A worker is killed in the middle of its job, and the pool is broken") as act:
        with ProcessPoolExecutor(WORKERS) as pool:
            jobs = [loop.run_in_executor(pool, killed)]
            jobs += [loop.run_in_executor(pool, job, number) for number in (2, 3, 4)]
            answers = await asyncio.gather(*jobs, return_exceptions=True)
            for number, answer in enumerate(answers, 1):
                failed = isinstance(answer, BrokenProcessPool)
                say(f"job {number}: no answer, BrokenProcessPool" if failed else answer)
            try:
                say(f"once more, {await loop.run_in_executor(pool, job, 1)}")
            except BrokenProcessPool:
                say("once more, job 1: refused, BrokenProcessPool")
        with ProcessPoolExecutor(WORKERS) as pool:
            say(f"in a new pool, {await loop.run_in_executor(pool, job, 1)}")
        failures = sum(isinstance(answer, BrokenProcessPool) for answer in answers)
        act.end(f"jobs without an answer: {failures}")


def tasks():
    """In a worker: an event loop of its own, and the number of tasks that it ran."""

    async def wait_together():
        return await asyncio.gather(*(asyncio.sleep(WAIT) for _ in range(TASKS)))

    return len(asyncio.run(wait_together()))


async def tasks_on_processes():
    """A process for each core, and in each of them one thread that waits for many things."""
    loop = asyncio.get_running_loop()
    with Act(f"Worker processes with {TASKS} tasks each: {WORKERS}") as act:
        with ProcessPoolExecutor(WORKERS) as pool:
            processes = [loop.run_in_executor(pool, tasks) for _ in range(WORKERS)]
            ran = sum(await asyncio.gather(*processes))
        act.end(conclusion(ran, act))


def conclusion(jobs, act):
    """So many jobs in the time of how many? At best all in the time of one."""
    waits = (time.perf_counter() - act.start) / WAIT
    return f"{jobs} jobs in the time of {waits:.0f}"


if __name__ == "__main__":
    run(__doc__, main)
