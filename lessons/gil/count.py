"""Count down on one thread, then half each on two; print the version and both times."""

import sys
import threading
import time

STEPS = 5_000_000


def count_down(n):
    while n > 0:
        n -= 1


def timed(threads):
    counting = [
        threading.Thread(target=count_down, args=(STEPS // threads,))
        for _ in range(threads)
    ]
    start = time.perf_counter()
    for thread in counting:
        thread.start()
    for thread in counting:
        thread.join()
    return time.perf_counter() - start


print(sys.version.split()[0], timed(1), timed(2))
