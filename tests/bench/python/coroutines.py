"""Many tasks and many threads that wait."""

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


async def tasks():
    before, start = memory(), time.perf_counter()
    started = [asyncio.create_task(asyncio.sleep(1)) for _ in range(100_000)]
    # Tasks begin in the order of their creation: after this, all of them wait.
    await asyncio.sleep(0)
    meanwhile = memory()
    for task in started:
        await task
    print("ms", (time.perf_counter() - start - 1) * 1e3)
    print("bytes", (meanwhile - before) / 100_000)


def threads():
    start = time.perf_counter()
    started = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(10_000)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    print("s", time.perf_counter() - start)


if __name__ == "__main__":
    if sys.argv[1] == "tasks":
        asyncio.run(tasks())
    else:
        threads()
