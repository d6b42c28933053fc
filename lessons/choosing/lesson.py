# SPDX-License-Identifier: MIT OR Apache-2.0
"""Choosing: threads, processes or async, by whether the work waits or computes.

The lesson in Python:    python3 lessons/choosing/lesson.py        (6 seconds)
"""

import asyncio
import math
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, pretty, run, say, seconds  # noqa: E402

# Two times are a tie if they differ by less than this: other programs on the machine can
# add as much.
TIE = 0.05
# The primes below this are counted: a fifth of the lesson's, as Python computes slower.
LIMIT = 80_000


def do(job):
    """A job is a function and its arguments."""
    function, *arguments = job
    return function(*arguments)


def one_by_one(jobs):
    return [do(job) for job in jobs]


def on_threads(jobs):
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(do, jobs))


def in_processes(jobs):
    with ProcessPoolExecutor(len(jobs)) as pool:
        return list(pool.map(do, jobs))


def in_tasks(jobs):
    async def all_jobs():
        return await asyncio.gather(*(in_task(*job) for job in jobs))

    return asyncio.run(all_jobs())


WAYS = {
    "one by one": one_by_one,
    "threads": on_threads,
    "processes": in_processes,
    "async": in_tasks,
}


def wait(length):
    """I/O-bound: in real life it waits for a disk or a server."""
    time.sleep(length)
    return 1


def primes(core, cores):
    """CPU-bound. The shares alternate by thousands, as larger numbers take longer."""
    share = (n for n in range(2, LIMIT) if n // 1000 % cores == core)
    return sum(is_prime(number) for number in share)


def is_prime(number):
    divisors = range(2, math.isqrt(number) + 1)
    return all(number % divisor for divisor in divisors)


async def in_task(function, *arguments):
    """A wait gives up the thread. Computing has nothing to await, and keeps the thread."""
    if function is wait:
        await asyncio.sleep(*arguments)
        return 1
    return function(*arguments)


def main():
    cores = os.cpu_count()
    with Act("Slow waits: a hundredth of a second each") as act:
        slow, total = measure([(wait, seconds(0.01))] * 100, 3)
        act.end(f"{total} waits, in each of the ways")

    with Act("Quick waits: a thousandth of a second each") as act:
        quick, total = measure([(wait, seconds(0.001))] * 10, 10)
        act.end(f"{total} waits, in each of the ways")

    with Act("Computing: a share of the primes each") as act:
        computing, total = measure([(primes, core, cores) for core in range(cores)], 3)
        act.end(f"{total} primes, in each of the ways")

    with Act("The table, and the rule of thumb") as act:
        print_table(
            ("Slow waits", slow, "async"),
            ("Quick waits", quick, "threads"),
            ("Computing", computing, "processes"),
        )
        act.end(f"a difference of {TIE * 100:.0f} % is a tie")


def measure(jobs, runs):
    """The ways take turns, so that a busy moment of the machine slows down a run of each."""
    say(f"{len(jobs)} jobs, the fastest of {runs} runs:")
    times = dict.fromkeys(WAYS, math.inf)
    totals = set()
    for _ in range(runs):
        for name, way in WAYS.items():
            start = time.perf_counter()
            totals.add(sum(way(jobs)))
            times[name] = min(times[name], time.perf_counter() - start)
    for name, length in times.items():
        say(f"{name:<32} {pretty(length):>9}")
    [total] = totals  # Raises if the ways differ in their answers.
    return times, total


def print_table(*rows):
    say(f"{'':12}" + "".join(f"{name:>11}" for name in WAYS))
    for work, times, rule in rows:
        say(f"{work:12}" + "".join(f"{pretty(length):>11}" for length in times.values()))
        limit = min(times.values()) * (1 + TIE)
        fastest = [name for name, length in times.items() if length <= limit]
        verdict = "wrong here"
        if rule in fastest:
            verdict = "right here" if len(fastest) == 1 else "a tie here"
        say(f"  fastest: {', '.join(fastest)}; the rule says {rule}: {verdict}")


if __name__ == "__main__":
    run(__doc__, main)
