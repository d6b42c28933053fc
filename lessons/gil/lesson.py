# SPDX-License-Identifier: MIT OR Apache-2.0
"""GIL: one lock around a whole interpreter; only the thread that holds it runs.

The lesson in Python:    python3 lessons/gil/lesson.py        (15 seconds)
"""

import math
import multiprocessing
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, Lane, pretty, run, say, seconds, step, turns  # noqa: E402

# A fiftieth of the lesson's: each takes Python about a hundred times as long.
STEPS = 10_000_000


def main():
    with Act("Count down under the lock") as act:
        one, two = best_times(on_one_thread, on_two_threads)
        say(f"one thread: {pretty(one)}")
        say(f"two threads, half of the steps each: {pretty(two)}")
        act.end(f"two threads take {two / one:.2f} of the time of one")

    with Act("Count down without it") as act:
        # Two processes: each has an interpreter of its own, and a lock of its own.
        with multiprocessing.Pool(2) as pool:
            one, two = best_times(
                lambda: pool.map(count_down, [STEPS]),
                lambda: pool.map(count_down, [STEPS // 2] * 2),
            )
        say(f"one process: {pretty(one)}")
        say(f"two processes, half of the steps each: {pretty(two)}")
        act.end(f"two processes take {two / one:.2f} of the time of one")

    with Act("Ten waits of a second under the lock") as act:
        lanes = [Lane(f"thread {number}") for number in range(1, 11)]
        with step("one by one"):
            for lane in lanes:
                wait(lane)
        with step("on ten threads"):
            together([threading.Thread(target=wait, args=[lane]) for lane in lanes])
        act.end("a thread that waits does not hold the lock")

    with Act("Four withdrawals under the lock") as act:
        act.end(f"the account ends at {four_withdrawals()}")

    with Act("CPython itself counts down") as act:
        share = count_in(sys.executable)
        free_threaded = shutil.which("python3.14t") or shutil.which("python3.13t")
        if free_threaded:
            count_in(free_threaded)
        else:
            say("no python3.14t or python3.13t here, which can do without a GIL")
        act.end(f"two threads take {share:.2f} of the time of one")


@turns  # For the timeline.
def count_down(n):
    while n > 0:
        n -= 1


def on_one_thread():
    count_down(STEPS)


def on_two_threads():
    """The threads take turns of `sys.getswitchinterval()`, 5 ms."""
    half = [STEPS // 2]
    together([threading.Thread(target=count_down, args=half) for _ in range(2)])


def wait(lane):
    """`sleep` releases the lock, as does any call that waits for the outside world."""
    with lane.waiting(""):
        time.sleep(seconds(1.0))


def four_withdrawals():
    """Check and change are two steps; the barrier makes all four check first."""
    balance = 100
    all_checked = threading.Barrier(4)

    def withdraw(amount):
        nonlocal balance
        if balance >= amount:
            all_checked.wait()
            balance -= amount
            say(f"paid {amount}, the balance is {balance}")

    amounts = [80, 70, 50, 20]
    together([threading.Thread(target=withdraw, args=[amount]) for amount in amounts])
    return balance


def count_in(python):
    """Has an interpreter run count.py: one with the lock, or a free-threaded one."""
    counted = subprocess.run(
        [python, HERE / "count.py"], capture_output=True, text=True, check=True
    )
    version, gil, *figures = counted.stdout.split()
    one, two, cores = map(float, figures)
    say(
        f"Python {version}, its GIL is {gil}: one thread {pretty(one)}, "
        f"two threads {pretty(two)} on {cores:.2f} cores"
    )
    return two / one


def together(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def best_times(*works):
    """The best of three times of each work, in both orders: other programs on the
    machine can only make a run slower."""
    best = [math.inf, math.inf]
    for work in (0, 1, 1, 0, 0, 1):
        start = time.perf_counter()
        works[work]()
        best[work] = min(best[work], time.perf_counter() - start)
    return best


if __name__ == "__main__":
    run(__doc__, main)
