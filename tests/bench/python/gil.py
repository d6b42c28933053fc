"""Counting on one thread and on two."""

import threading
import time


def count(steps):
    while steps:
        steps -= 1


def on_threads(threads, steps):
    start = time.perf_counter()
    started = [threading.Thread(target=count, args=(steps // threads,)) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return time.perf_counter() - start


if __name__ == "__main__":
    times = [(on_threads(1, 10_000_000), on_threads(2, 10_000_000)) for _ in range(3)]
    one, two = (min(column) for column in zip(*times))
    print("under", two / one)
