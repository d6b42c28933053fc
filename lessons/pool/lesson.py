# SPDX-License-Identifier: MIT OR Apache-2.0
"""Process pool: a few worker processes share many jobs.

The lesson in Python:    python3 lessons/pool/lesson.py        (4 seconds)
"""

import itertools
import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from math import isqrt
from multiprocessing import Pool
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds, step  # noqa: E402

# From the documentation of Python; all prime but the last.
NUMBERS = [
    112272535095293,
    112582705942171,
    112272535095293,
    115280095190773,
    115797848077099,
    1099726899285419,
]


def main():
    with Act("Squares on four workers") as act:
        with Pool(4) as pool:
            say(f"apply(10): {pool.apply(square, [10])}")
            handle = pool.apply_async(square, [20])
            say(f"apply_async(20): {handle.get(timeout=60)}")
            say(f"map(0..10): {pool.map(square, range(10))}")
            for number, result in enumerate(pool.imap(square, range(5))):
                say(f"imap(0..5), number {number}: {result}")
        act.end("the answers come in the order of the jobs")

    with Act("Which of six numbers are prime") as act:
        ways = primes()
        act.end(f"prime by each of the ways: {[sum(verdicts) for verdicts in ways]}")

    with Act("A job that fails") as act:
        with Pool(4) as pool:
            for number in ["ten", 10]:
                try:
                    say(f"apply({number}): {pool.apply(square, [number])}")
                except TypeError as error:
                    say(f"apply({number}): the job raised: {error}")
        act.end("the pool goes on")

    with Act("A worker is killed in the middle of a job") as act:
        with Pool(4) as pool:
            handle = pool.map_async(square_until_killed, range(20))
            try:
                say(f"map(0..20): {handle.get(timeout=seconds(1.0))}")
            except multiprocessing.TimeoutError:
                say("map(0..20): no answer in a second; without a limit it never returns")
            say(f"map(14..18): {pool.map(square_until_killed, range(14, 18))}")
        with ProcessPoolExecutor(4) as executor:
            try:
                say(f"executor: {list(executor.map(square_until_killed, range(20)))}")
            except BrokenProcessPool as error:
                say(f"executor: {error}")
        act.end("one job kills a worker, and all 20 have no answer")

    with Act("Jobs without end") as act:
        endless_jobs()
        act.end("three answers are enough")


def square(number):
    return number * number


def is_prime(number):
    if number <= 2 or number % 2 == 0:
        return number == 2
    for divisor in range(3, isqrt(number) + 1, 2):
        if number % divisor == 0:
            return False
    return True


def primes():
    """The same six jobs here and on the workers, whose answers are taken in three ways."""
    with step("here, one by one"):
        here = [is_prime(number) for number in NUMBERS]
    with ProcessPoolExecutor(4) as executor:
        with step("workers, as they complete"):
            jobs = {executor.submit(is_prime, number): number for number in NUMBERS}
            completed = []
            for job in as_completed(jobs):
                say(f"{jobs[job]} {'is' if job.result() else 'is not'} prime")
                completed.append(job.result())
        with step("workers, submitted one by one"):
            jobs = [executor.submit(is_prime, number) for number in NUMBERS]
            submitted = [job.result() for job in jobs]
        with step("workers, map"):
            mapped = list(executor.map(is_prime, NUMBERS))
    return here, completed, submitted, mapped


def square_until_killed(number):
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return square(number)


def endless_jobs():
    """A thread behind `imap` takes jobs as fast as the workers do them, even if you take
    the answers slowly. (Since 3.14 `executor.map` has a `buffersize`.)"""
    taken = 0

    def numbers():
        nonlocal taken
        for taken in itertools.count(1):
            yield taken

    with Pool(4) as pool:
        for result in itertools.islice(pool.imap(square, numbers()), 3):
            say(f"imap(1..): {result}, {taken} jobs taken so far")
            time.sleep(seconds(0.1))


if __name__ == "__main__":
    run(__doc__, main)
