"""Counts down on one thread and on two. Prints the version, whether the GIL is on, the best
time of each, and how many cores the two threads kept busy."""

import math
import sys
import threading
import time

STEPS = 10_000_000


def count_down(n):
    while n > 0:
        n -= 1


def timed(threads):
    work = [STEPS // threads]
    counting = [threading.Thread(target=count_down, args=work) for _ in range(threads)]
    start, processor_start = time.perf_counter(), time.process_time()
    for thread in counting:
        thread.start()
    for thread in counting:
        thread.join()
    took = time.perf_counter() - start
    return took, (time.process_time() - processor_start) / took


best = {1: (math.inf,), 2: (math.inf,)}
for threads in (1, 2, 2, 1, 1, 2):
    best[threads] = min(best[threads], timed(threads))

# Only a free-threaded build, from 3.13 on, can be without it.
gil = "on" if getattr(sys, "_is_gil_enabled", lambda: True)() else "off"
(one, _), (two, cores) = best[1], best[2]
print(sys.version.split()[0], gil, one, two, cores)
