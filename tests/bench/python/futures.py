"""Jobs for threads."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def same(job):
    return job


def submit():
    with ThreadPoolExecutor(1) as executor:
        start = time.perf_counter()
        for job in range(20_000):
            assert executor.submit(same, job).result() == job
        print("us", (time.perf_counter() - start) / 20_000 * 1e6)


def completed():
    with ThreadPoolExecutor(2) as executor:
        start = time.perf_counter()
        futures = [executor.submit(same, job) for job in range(10_000)]
        assert sum(future.result() for future in as_completed(futures)) == sum(range(10_000))
        print("k/s", 10 / (time.perf_counter() - start))


if __name__ == "__main__":
    {"submit": submit, "completed": completed}[sys.argv[1]]()
