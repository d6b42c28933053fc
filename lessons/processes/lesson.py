# SPDX-License-Identifier: MIT OR Apache-2.0
"""Process: a running program with memory of its own.

The lesson in Python:    python3 lessons/processes/lesson.py        (3 seconds)
"""

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds, step  # noqa: E402

FORK = multiprocessing.get_context("fork")
FORKSERVER = multiprocessing.get_context("forkserver")
SPAWN = multiprocessing.get_context("spawn")

# A hundredth of the lesson's: each takes Python about a hundred times as long.
MILLIONS = 20

balance = 100


class ChildFailed(Exception):
    """Why a child has no result."""


class Child:
    """A process that calls a function; the result comes back through a pipe."""

    def __init__(self, function, *args, context=FORK):
        self.pipe, sender = context.Pipe(duplex=False)
        # A daemon is killed if the parent ends without waiting for it.
        self.process = context.Process(
            target=send_result, args=(sender, function, *args), daemon=True
        )
        self.process.start()
        sender.close()  # The child has the only one now, so its end is the pipe's end.

    def result(self):
        """Waits for the child to end."""
        try:
            result = self.pipe.recv()
        except EOFError:
            result = None
        self.process.join()
        code = self.process.exitcode
        if code < 0:
            raise ChildFailed(f"killed by {signal.Signals(-code).name}")
        if isinstance(result, Exception):
            raise ChildFailed(f"raised: {result}")
        return result


def send_result(sender, function, *args):
    """What a child does. Without this, its parent would see no more than exit code 1."""
    try:
        sender.send(function(*args))
    except Exception as error:
        sender.send(error)
        sys.exit(1)


def main():
    with Act("Five children by fork") as act:
        say(f"the parent is process {os.getpid()}")
        children = [Child(who_am_i) for _ in range(5)]
        for number, child in enumerate(children, start=1):
            say(f"child {number}: {child.result()}")
        went_well = sum(child.process.exitcode == 0 for child in children)
        act.end(f"{went_well} of 5 left with exit status 0")

    with Act("A child pays out 80 of 100") as act:
        say(f"child:  the balance is {Child(pay_out).result()}")
        say(f"parent: the balance is {balance}")
        act.end(f"the parent still has its {balance}")

    with Act("A child that is a fresh start of this program") as act:
        with step("fork, and wait for the child"):
            Child(os.getpid).result()
        Child(os.getpid, context=FORKSERVER).result()  # Starts the server.
        with step("forkserver, and wait for it"):
            Child(os.getpid, context=FORKSERVER).result()
        with step("start anew, and wait for it"):
            said = Child(fresh_child, balance, context=SPAWN).result()
        say(f"child:  {said}")
        act.end("nothing is copied: the child knows what it was given")

    with Act("Count down on all cores") as act:
        say(f"from {MILLIONS} million")
        count, cores = MILLIONS * 1_000_000, os.cpu_count()
        with step("on one process") as one:
            count_down(count)
        with step(f"one process per core ({cores})") as all_cores:
            for child in [Child(count_down, count // cores) for _ in range(cores)]:
                child.result()
        act.end(f"{one.took / all_cores.took:.1f} times as fast")

    with Act("Three children, two of them fail") as act:
        children = [Child(count_till), Child(out_of_paper), Child(signal.pause)]
        # As the system does when memory runs out.
        children[2].process.kill()
        failures = 0
        for number, child in enumerate(children, start=1):
            try:
                say(f"child {number}: {child.result()}")
            except ChildFailed as error:
                failures += 1
                say(f"child {number}: no answer, {error}")
        act.end(f"{failures} have no answer, and the parent knows why")


def who_am_i():
    time.sleep(seconds(1.0))
    return f"I am process {os.getpid()}, my parent is {os.getppid()}"


def pay_out():
    """A thread would change the one `balance` that there is. A child has a copy of it."""
    global balance
    balance -= 80
    return balance


def fresh_child(balance):
    return f"I am process {os.getpid()}, the balance is {balance - 80}"


def count_down(n):
    while n > 0:
        n -= 1


def count_till():
    return "counted the till"


def out_of_paper():
    raise RuntimeError("out of paper")


if __name__ == "__main__":
    run(__doc__, main)
