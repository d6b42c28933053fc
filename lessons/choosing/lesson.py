# SPDX-License-Identifier: MIT OR Apache-2.0
"""Choosing: threads, processes or async, by what the work mostly does.

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

# The kinds of work, what a job of it is, the number of runs, and what the rule says.
WORKS = [
    ("Slow waits", "a hundredth of a second", 3, "async"),
    ("Quick waits", "a thousandth of a second", 10, "threads"),
    ("Computing", "a share of the primes below 80,000", 3, "processes"),
]
# Two times are a tie if one is longer by less than this: a busy machine adds as much.
TIE = 0.05
# The primes below this are counted: a fifth of the lesson's, Python computes slower.
LIMIT = 80_000


def one_by_one(jobs):
    return [function(*arguments) for function, *arguments in jobs]


def on_threads(jobs):
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(*job) for job in jobs]]


def in_processes(jobs):
    with ProcessPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(*job) for job in jobs]]


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
    """Answers how many waits there were."""
    time.sleep(length)
    return 1


def primes(core, cores):
    """The cores take turns, a thousand numbers each: the larger ones take longer."""
    share = (number for number in range(2, LIMIT) if number // 1000 % cores == core)
    return sum(all(number % d for d in range(2, math.isqrt(number) + 1)) for number in share)


async def in_task(function, *arguments):
    """A wait lets go of the thread, computing has nothing to wait for and keeps it."""
    if function is wait:
        await asyncio.sleep(*arguments)
        return 1
    return function(*arguments)


def main():
    cores = os.cpu_count()
    jobs = {
        "Slow waits": [(wait, seconds(0.01))] * 100,
        "Quick waits": [(wait, seconds(0.001))] * 10,
        "Computing": [(primes, core, cores) for core in range(cores)],
    }
    table = []
    for work, each, runs, rule in WORKS:
        with Act(f"{work}: {each} each") as act:
            times, total = measure(jobs[work], runs)
            what = "primes" if work == "Computing" else "waits"
            act.end(f"{total} {what}, in each of the ways")
        table.append((work, times, rule))
    print_table(table)


def measure(jobs, runs):
    """The ways take turns: a busy moment of the machine hits a run of each of them."""
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
    [total] = totals  # There is but one answer, or the ways differ.
    return times, total


def print_table(table):
    with Act("The table, and the rule of thumb") as act:
        say(f"{'':12}" + "".join(f"{name:>11}" for name in WAYS))
        for work, times, rule in table:
            say(f"{work:12}" + "".join(f"{pretty(length):>11}" for length in times.values()))
            limit = min(times.values()) * (1 + TIE)
            fastest = [name for name, length in times.items() if length <= limit]
            verdict = "wrong here"
            if rule in fastest:
                verdict = "right here" if len(fastest) == 1 else "a tie here"
            say(f"  fastest: {', '.join(fastest)}; the rule says {rule}: {verdict}")
        act.end(f"within {TIE * 100:.0f} % it is a tie")


if __name__ == "__main__":
    run(__doc__, main)
