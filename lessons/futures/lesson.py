# SPDX-License-Identifier: MIT OR Apache-2.0
"""Future: a handle on a result that is not there yet.

The lesson in Python:    python3 lessons/futures/lesson.py        (9 seconds)
"""

import asyncio
import logging
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor, as_completed
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402

# Three jobs, and how long each takes to print.
JOBS = {"poster": 1.0, "letter": 0.2, "photo": 0.6}


def main():
    two_jobs("Two jobs, one worker", 1, "two waits")
    two_jobs("Two jobs, two workers", 2, "one wait")
    done_or_not()
    in_which_order()
    cancel()
    failures()
    asyncio.run(with_tasks())


async def with_tasks():
    await nothing_until_awaited()
    await limits()
    await tasks_in_which_order()
    await cancel_tasks()
    await task_failure()


def print_out(job, length):
    """What a printer does: it waits, and returns the name of what it has printed."""
    time.sleep(seconds(length))
    return job


async def print_async(job, length):
    await asyncio.sleep(seconds(length))
    return job


def thread_name():
    return threading.current_thread().name


def out_of(what):
    raise RuntimeError(f"out of {what}")


def two_jobs(title, workers, conclusion):
    """`submit` does not wait, so the list is still empty when it is printed first."""
    with Act(title) as act:
        done = []

        def job(name):
            done.append((print_out(name, 1.0), thread_name()))

        with ThreadPoolExecutor(workers) as pool:
            for name in ("letter", "poster"):
                pool.submit(job, name)
            say(f"main does not wait: {done}")
        # The end of `with` has waited. On two workers either job may end first.
        say(f"main has waited: {sorted(done)}")
        act.end(conclusion)


def done_or_not():
    with Act("Is it done? Wait with a limit, or be called") as act:
        with ThreadPoolExecutor(1) as pool:
            letter = pool.submit(print_out, "letter", 1.0)
            say(f"done: {letter.done()}")
            try:
                say(f"in time: {letter.result(timeout=seconds(0.2))}")
            except TimeoutError:
                say("not within the limit, and the job goes on")
            letter.add_done_callback(lambda it: say(f"called, on {thread_name()}: {it.result()!r}"))
        act.end("the time-out ended the wait, and not the job")


def in_which_order():
    """The same three jobs twice, all at once, so that their results come in both orders."""
    with Act("In which order?") as act:
        with ThreadPoolExecutor(2 * len(JOBS)) as pool:
            numbers = {pool.submit(print_out, *job): n for n, job in enumerate(JOBS.items(), 1)}
            others = pool.map(print_out, JOBS, JOBS.values())
            for future in as_completed(numbers):
                say(f"as completed: {future.result()} (number {numbers[future]})")
            for job in others:
                say(f"as submitted: {job}")
        act.end("the quickest first, or in the order of submission")


def cancel():
    """Only a job that has not begun can be cancelled. A thread cannot be stopped."""
    with Act("Cancel a job") as act:
        begun = threading.Event()

        def print_letter():
            begun.set()
            return print_out("letter", 0.5)

        with ThreadPoolExecutor(1) as pool:
            letter = pool.submit(print_letter)
            poster = pool.submit(say, "poster: never printed")
            begun.wait()
            say(f"cancel the letter, which has begun: {letter.cancel()}")
            say(f"cancel the poster, which has not: {poster.cancel()}")
            say(f"letter: {letter.result()!r}")
            try:
                poster.result()
            except CancelledError as error:
                say(f"poster: {error!r}")
        act.end("a job that has begun goes on, a job that has not never will")


def failures():
    """`result()` raises what the job raised. A broken pool breaks all jobs in it."""
    with Act("A job that fails, and a worker that breaks down") as act:
        with ThreadPoolExecutor(1) as pool:
            poster = pool.submit(out_of, "paper")
            say(f"poster: {poster.exception()!r}")
            letter = pool.submit(lambda: "letter")
            say(f"letter, on the same worker: {letter.result()!r}")
        # It would log the traceback: here the exception is enough.
        logging.getLogger("concurrent.futures").disabled = True
        with ThreadPoolExecutor(1, initializer=out_of, initargs=("ink",)) as broken:
            try:
                photo = broken.submit(lambda: "photo")
                say(f"photo: {photo.result()!r}")
            except BrokenExecutor as error:
                # Raised by `result`, or already by `submit` if the worker failed before it.
                say(f"photo: {type(error).__name__}")
        act.end("every job has an outcome, whatever happens to its worker")


async def nothing_until_awaited():
    with Act("Tasks: called, but not awaited") as act:
        letter = print_async("letter", 0.5)
        await asyncio.sleep(seconds(0.5))
        say("called a while ago, and not begun")
        say(f"awaited: {await letter}")
        act.end("it does nothing until it is awaited or made a task")


async def limits():
    """`wait_for` cancels what it waits for. With `shield` it cancels only the wait."""
    with Act("Tasks: a limit on the wait, or on the work") as act:
        limit, late = seconds(0.2), False
        letter = asyncio.create_task(print_async("letter", 1.0))
        try:
            await asyncio.wait_for(asyncio.shield(letter), limit)
        except TimeoutError:
            late = True
        say(f"letter, limit on the wait: late is {late}, done is {letter.done()}")

        poster = asyncio.create_task(two_pages("poster"))
        try:
            await asyncio.wait_for(poster, limit)
        except TimeoutError:
            say(f"poster, limit on the work: cancelled is {poster.cancelled()}")

        letter.add_done_callback(lambda it: say(f"called, on {thread_name()}: {it.result()!r}"))
        await letter
        act.end("a time-out cancels the work, unless `shield` protects it")


async def tasks_in_which_order():
    with Act("Tasks: in which order?") as act:
        some, others = ([print_async(*job) for job in JOBS.items()] for _ in range(2))
        others = asyncio.gather(*others)  # Queued now, awaited below.
        for coroutine in asyncio.as_completed(some):
            say(f"as completed: {await coroutine}")
        for job in await others:
            say(f"as submitted: {job}")
        act.end("the quickest first, or in the order of submission")


async def two_pages(job):
    try:
        for page in (1, 2):
            say(f"{job}: page {page}, on {thread_name()}")
            await print_async(job, 1.0)
    finally:  # `CancelledError` is raised at the `await`.
        say(f"{job}: the printer is free again")


async def cancel_tasks():
    """A task that has begun can be stopped, but only at an `await`."""
    with Act("Tasks: cancel, even what has begun") as act:
        letter = asyncio.create_task(two_pages("letter"))
        await asyncio.sleep(seconds(0.1))
        letter.cancel()
        await asyncio.wait([letter])
        say(f"letter, cancelled: cancelled is {letter.cancelled()}")

        begun, printed = threading.Event(), threading.Event()

        def print_photo():
            begun.set()
            print_out("photo", 0.5)
            say(f"photo: printed to its end, on {thread_name()}")
            printed.set()

        photo = asyncio.create_task(asyncio.to_thread(print_photo))
        await asyncio.to_thread(begun.wait)
        photo.cancel()
        await asyncio.wait([photo])
        say(f"photo, cancelled on its thread: cancelled is {photo.cancelled()}")
        await asyncio.to_thread(printed.wait)
        act.end("a task stops at its await, a thread does not stop, whatever it says")


async def task_failure():
    """The exception is raised where the task is awaited."""

    async def print_poster():
        out_of("paper")

    with Act("Tasks: one that fails") as act:
        poster = asyncio.create_task(print_poster())
        letter = asyncio.create_task(print_async("letter", 0))
        await asyncio.wait([poster, letter])
        say(f"poster: {poster.exception()!r}")
        say(f"letter, on the same thread: {letter.result()}")
        act.end("the other tasks go on")


if __name__ == "__main__":
    run(__doc__, main)
