# SPDX-License-Identifier: MIT OR Apache-2.0
"""GIL: one lock around a whole interpreter; whoever holds it runs.

The lesson in Python:    python3 lessons/gil/lesson.py        (13 seconds)
"""

import multiprocessing
import platform
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, pretty, run, say, seconds, step  # noqa: E402

# A hundredth of the lesson's: each takes Python about a hundred times as long.
STEPS = 5_000_000


def main():
    with Act("Count down from 5 million under the lock") as act:
        # Only a free-threaded build, from 3.13 on, can be without it.
        on = getattr(sys, "_is_gil_enabled", lambda: True)()
        say(f"Python {platform.python_version()}: the lock is {'on' if on else 'off'}")
        one, two = best_of_three(lambda: count_down(STEPS), on_two_threads)
        say(f"one thread: {pretty(one)}")
        say(f"two threads, half each: {pretty(two)}")
        act.end(f"two threads take {two / one:.2f} of the time of one")

    with Act("The same on two processes, for threads have but one lock") as act:
        with multiprocessing.Pool(2) as pool:
            halves = [STEPS // 2] * 2
            one, two = best_of_three(
                lambda: pool.apply(count_down, [STEPS]), lambda: pool.map(count_down, halves)
            )
        say(f"one process: {pretty(one)}")
        say(f"two processes, half each: {pretty(two)}")
        act.end(f"two processes take {two / one:.2f} of the time of one")

    with Act("Ten waits of a second under the lock") as act:
        with step("one by one"):
            for _ in range(10):
                wait()
        with step("on ten threads"):
            together([threading.Thread(target=wait) for _ in range(10)])
        act.end("waiting needs no lock")

    with Act("Four withdrawals under the lock") as act:
        act.end(f"the account ends at {account_under_the_lock()}")

    with Act("The real one without its lock: a free-threaded Python counts down") as act:
        act.end(count_without_the_lock())


def count_down(n):
    while n > 0:
        n -= 1


def on_two_threads():
    """The threads take turns of `sys.getswitchinterval()`, 5 ms: never two run at once."""
    together([threading.Thread(target=count_down, args=[STEPS // 2]) for _ in range(2)])


def wait():
    """`sleep` lets go of the lock, as whatever waits for the outside world does."""
    time.sleep(seconds(1.0))


def account_under_the_lock():
    """Check and change are two steps; at the till, between them, the others get the lock."""
    balance = 100
    all_checked = threading.Barrier(4)

    def withdraw(amount):
        nonlocal balance
        if balance >= amount:
            all_checked.wait()
            balance -= amount
            say(f"paid {amount}, the balance is {balance}")

    together([threading.Thread(target=withdraw, args=[amount]) for amount in (80, 70, 50, 20)])
    return balance


def count_without_the_lock():
    """An interpreter of its own, python3.13t for example, if there is one on this machine."""
    names = [f"python3.{minor}t" for minor in range(20, 12, -1)]
    python = next(filter(None, map(shutil.which, names)), None)
    if python is None:
        return "no figures: there is no free-threaded Python here"
    command = [python, str(HERE / "count.py")]
    counted = subprocess.run(command, capture_output=True, text=True)
    if counted.returncode != 0:
        return f"no figures from {python}: exit status {counted.returncode}"
    version, one, two = counted.stdout.split()
    say(f"Python {version}: one thread {pretty(float(one))}, two threads {pretty(float(two))}")
    return f"two threads take {float(two) / float(one):.2f} of the time of one"


def together(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def best_of_three(*works):
    """The least time of each: whatever else the machine does only adds to a time."""
    times = [[timed(work) for work in works] for _ in range(3)]
    return map(min, zip(*times))


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    run(__doc__, main)
