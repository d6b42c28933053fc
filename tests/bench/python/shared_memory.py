"""A counter that two processes add to, under its lock."""

import multiprocessing
import time

TIMES = 500_000


def add(counter):
    for _ in range(TIMES):
        with counter.get_lock():
            counter.value += 1


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    counter = multiprocessing.Value("q", 0)
    children = [multiprocessing.Process(target=add, args=(counter,)) for _ in range(2)]
    start = time.perf_counter()
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert counter.value == 2 * TIMES
    print("M/s", 2 * TIMES / (time.perf_counter() - start) / 1e6)
