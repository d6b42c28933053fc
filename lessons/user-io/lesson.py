# SPDX-License-Identifier: MIT OR Apache-2.0
"""User input: made async without care, a program means something else.

The lesson in Python:    python3 lessons/user-io/lesson.py        (14 seconds)
"""

import asyncio
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402

# Where the countdown needs an input. The inputs are below 20: they never jump over one.
MULTIPLES = [80, 60, 40, 20, 0]


def main():
    # Drawn once, so that all three get the same inputs.
    inputs = [(multiple, random.randint(1, 5)) for multiple in MULTIPLES]
    blocking(inputs)
    asyncio.run(async_and_wrong(inputs))
    asyncio.run(async_and_right(inputs))


def blocking(inputs):
    """Everything stands still during a wait, and what comes after it knows the input."""
    with Act("Blocking: wait for each input where it is needed") as act:
        count = 100
        for multiple, value in inputs:
            while count > multiple:
                count -= 1
            count -= arrive_blocking(value)
            say(f"at {multiple}: the input is {value}, {count} is left")
        act.end(f"ends at {count}: minus the last input")


async def async_and_wrong(inputs):
    """Each task subtracts its input when it arrives. The countdown is over by then."""
    with Act("Async and wrong: ask where it is needed, wait at the end") as act:
        count = 100

        async def subtract(value):
            nonlocal count
            # Not `count -= await ...`: that looks at the count *before* it waits.
            arrived = await arrive(value)
            count -= arrived
            say(f"an input arrives: it is {arrived}, {count} is left")

        asked = []
        for multiple, value in inputs:
            while count > multiple:
                count -= 1
            asked.append(asyncio.create_task(subtract(value)))
            say(f"at {multiple}: asked for the input")
        await asyncio.gather(*asked)
        act.end(f"ends at {count}: minus the sum of all inputs")


async def async_and_right(inputs):
    """Ask early, wait where it is needed: together, and each step knows what it must."""
    with Act("Async and right: ask at the start, wait where it is needed") as act:
        asked = [(multiple, asyncio.create_task(arrive(value))) for multiple, value in inputs]
        count = 100
        for multiple, task in asked:
            while count > multiple:
                count -= 1
            value = await task
            count -= value
            say(f"at {multiple}: the input is {value}, {count} is left")
        act.end(f"ends at {count}: minus the last input")


def arrive_blocking(value):
    """A pretended input that stops the thread: it takes somebody two seconds to type it."""
    time.sleep(seconds(2.0))
    return value


async def arrive(value):
    """The same without stopping the thread: other tasks run meanwhile."""
    await asyncio.sleep(seconds(2.0))
    return value


if __name__ == "__main__":
    run(__doc__, main)
