"""Many tasks and many threads that wait, and what it costs to switch between two of them."""

import asyncio
import sys
import threading
import time


def memory():
    """The memory of this process that is in use now, in bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024


async def tasks(number=100_000):
    before, start = memory(), time.perf_counter()
    started = [asyncio.create_task(asyncio.sleep(1)) for _ in range(number)]
    # Tasks begin in the order of their creation: after this, all of them wait.
    await asyncio.sleep(0)
    meanwhile = memory()
    for task in started:
        await task
    beyond = time.perf_counter() - start - 1
    print("ms", beyond * 1e3)
    print("bytes", (meanwhile - before) / number)
    print("s", beyond)


def threads(number=10_000):
    start = time.perf_counter()
    started = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(number)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    took = time.perf_counter() - start
    print("s", took)
    print("beyond", took - 1)


async def task_switch(switches=400_000):
    async def give_way():
        for _ in range(switches // 2):
            await asyncio.sleep(0)

    start = time.perf_counter()
    await asyncio.gather(give_way(), give_way())
    print("ns", (time.perf_counter() - start) * 1e9 / switches)


def thread_switch(switches=100_000):
    """Two threads that hand a turn over to each other, on one core."""
    mine, other = threading.Lock(), threading.Lock()
    other.acquire()

    def take_turns(mine, other):
        for _ in range(switches // 2):
            mine.acquire()
            other.release()

    start = time.perf_counter()
    thread = threading.Thread(target=take_turns, args=(other, mine))
    thread.start()
    take_turns(mine, other)
    thread.join()
    print("ns", (time.perf_counter() - start) * 1e9 / switches)


if __name__ == "__main__":
    numbers = [int(it) for it in sys.argv[2:]]
    match sys.argv[1]:
        case "tasks":
            asyncio.run(tasks(*numbers))
        case "threads":
            threads(*numbers)
        case "task-switch":
            asyncio.run(task_switch())
        case "thread-switch":
            thread_switch()
