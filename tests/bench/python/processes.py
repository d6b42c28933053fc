"""Starting processes, and having them compute."""

import multiprocessing
import os
import sys
import time


def nothing():
    pass


def compute(steps):
    while steps:
        steps -= 1


def start_and_wait(method, children):
    context = multiprocessing.get_context(method)
    start = time.perf_counter()
    for _ in range(children):
        child = context.Process(target=nothing)
        child.start()
        child.join()
        assert child.exitcode == 0
    print("us", (time.perf_counter() - start) / children * 1e6)


def in_children(children, steps):
    context = multiprocessing.get_context("fork")
    start = time.perf_counter()
    started = [context.Process(target=compute, args=(steps // children,)) for _ in range(children)]
    for child in started:
        child.start()
    for child in started:
        child.join()
    return time.perf_counter() - start


def split():
    times = [(in_children(1, 10_000_000), in_children(2, 10_000_000)) for _ in range(3)]
    one, two = (min(column) for column in zip(*times))
    print("times", one / two)


def switch(switches=100_000):
    """Two processes that hand a byte over to each other: each sleeps until then."""
    theirs, to_them = os.pipe()
    ours, to_us = os.pipe()

    def hand_over():
        for _ in range(switches // 2):
            os.write(to_us, os.read(theirs, 1))

    child = multiprocessing.get_context("fork").Process(target=hand_over)
    child.start()
    start = time.perf_counter()
    for _ in range(switches // 2):
        os.write(to_them, b"0")
        os.read(ours, 1)
    print("ns", (time.perf_counter() - start) * 1e9 / switches)
    child.join()


if __name__ == "__main__":
    if sys.argv[1] == "fork":
        start_and_wait("fork", 1000)
    elif sys.argv[1] == "spawn":
        start_and_wait("spawn", 20)
    elif sys.argv[1] == "switch":
        switch()
    else:
        split()
