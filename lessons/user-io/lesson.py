# SPDX-License-Identifier: MIT OR Apache-2.0
"""User input: made async without care, a program means something else.

The lesson in Python:    python3 lessons/user-io/lesson.py        (19 seconds)
"""

import asyncio
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402

# Where the countdown needs an input. Inputs are below 20, so it never jumps over one.
MULTIPLES = [80, 60, 40, 20, 0]


def main():
    # Drawn once, so that all acts get the same inputs.
    inputs = [(multiple, random.randint(1, 5)) for multiple in MULTIPLES]
    blocking(inputs)
    asyncio.run(async_and_wrong(inputs))
    asyncio.run(async_and_right(inputs))
    with Act("A countdown that computes, and awaits nothing") as act:
        asyncio.run(computing(inputs, yields_first=False))
        act.end("a second of computing, and then the wait")
    with Act("The same, but it yields once before it computes") as act:
        asyncio.run(computing(inputs, yields_first=True))
        act.end("a second of computing during the wait")


def blocking(inputs):
    """The thread stands still during each wait, and every step knows the inputs before it."""
    with Act("Blocking: wait for each input where it is needed") as act:
        count = 100
        for multiple, value in inputs:
            while count > multiple:
                count -= 1
            count -= arrive_blocking(value)
            say(f"at {multiple}: the input is {value}, {count} is left")
        act.end(f"ends at {count}: minus the last input")


async def async_and_wrong(inputs):
    """Each task subtracts its input when it arrives. By then the countdown has ended."""
    with Act("Async and wrong: create tasks on the way, await them at the end") as act:
        count = 100

        async def subtract(value, multiple):
            nonlocal count
            # Not `count -= await ...`: that reads the count *before* it waits.
            arrived = await arrive(value, multiple)
            count -= arrived
            say(f"an input arrives: it is {arrived}, {count} is left")

        async with asyncio.TaskGroup() as tasks:
            for multiple, value in inputs:
                while count > multiple:
                    count -= 1
                tasks.create_task(subtract(value, multiple))
            say(f"the countdown has ended at {count}")
        act.end(f"ends at {count}: minus the sum of all inputs")


async def async_and_right(inputs):
    """All five wait together, *and* each step of the countdown knows the inputs before it."""
    with Act("Async and right: create tasks first, await each where needed") as act:
        tasks = [asyncio.create_task(arrive(value, multiple)) for multiple, value in inputs]
        count = 100
        for multiple, task in zip(MULTIPLES, tasks):
            while count > multiple:
                count -= 1
            value = await task
            count -= value
            say(f"at {multiple}: the input is {value}, {count} is left")
        act.end(f"ends at {count}: minus the last input")


async def computing(inputs, yields_first):
    """The tasks are queued first. They begin only when the countdown gives up the thread."""
    tasks = [asyncio.create_task(arrive(value, multiple)) for multiple, value in inputs]
    if yields_first:
        await asyncio.sleep(0)
    compute(seconds(1.0))
    say("the countdown has ended")
    await asyncio.gather(*tasks)


def compute(length):
    """Keeps the thread busy for this long."""
    end = time.perf_counter() + length
    while time.perf_counter() < end:
        pass


def arrive_blocking(value):
    """A pretended input: typing it takes two seconds, and the thread stands still."""
    time.sleep(seconds(2.0))
    return value


async def arrive(value, multiple):
    """The same, but other tasks run meanwhile."""
    say(f"asked for the input at {multiple}")
    await asyncio.sleep(seconds(2.0))
    return value


if __name__ == "__main__":
    run(__doc__, main)
