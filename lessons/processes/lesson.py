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
SPAWN = multiprocessing.get_context("spawn")

# A hundredth of the lesson's: each takes Python about a hundred times as long.
COUNT = 20_000_000

balance = 100


class Child:
    """A process that does `work`, and the end of a pipe at which its answer comes out."""

    def __init__(self, work, *args, by=FORK):
        self.answers, parent = by.Pipe(duplex=False)
        # As a daemon it is killed if the parent ends without waiting for it.
        self.process = by.Process(target=answer, args=(parent, work, *args), daemon=True)
        self.process.start()
        parent.close()  # Or the end of the child would not be the end of its pipe.

    def answer(self):
        """What the work returned, or why there is no answer; and the exit code."""
        try:
            answer = self.answers.recv()
        except EOFError:
            answer = "no answer"
        self.process.join()
        code = self.process.exitcode
        if code < 0:
            answer += f", killed by {signal.Signals(-code).name}"
        return answer, code


def answer(parent, work, *args):
    """The whole life of a child. Of an exception the parent would see no more than exit code 1."""
    try:
        parent.send(work(*args))
    except Exception as error:
        parent.send(f"no answer, raised: {error}")
        sys.exit(1)


def main():
    with Act("Five children by fork") as act:
        say(f"the parent is process {os.getpid()}")
        children = [Child(who_am_i) for _ in range(5)]
        answers = [child.answer() for child in children]
        for number, (ids, _) in enumerate(answers, start=1):
            say(f"child {number}: {ids}")
        went_well = sum(code == 0 for _, code in answers)
        act.end(f"{went_well} of 5 left with exit status 0")

    with Act("A child pays out 80 of 100") as act:
        said, _ = Child(pay_out).answer()
        say(f"child:  the balance is {said}")
        say(f"parent: the balance is {balance}")
        act.end(f"the parent still has its {balance}")

    with Act("A child that is a fresh start of this program") as act:
        with step("fork, and wait for the child"):
            Child(os.getpid).answer()
        with step("start anew, and wait for it"):
            said, _ = Child(fresh_child, balance, by=SPAWN).answer()
        say(f"child:  {said}")
        act.end("nothing is copied, all that it knows was given to it")

    with Act(f"Counting down from {COUNT}") as act:
        with step("on one process") as one_by_one:
            count_down(COUNT)
        cores = os.cpu_count()
        with step(f"on {cores} processes, one a core") as together:
            for child in [Child(count_down, COUNT // cores) for _ in range(cores)]:
                child.answer()
        act.end(f"{one_by_one.took / together.took:.1f} times as fast")

    with Act("Three children, two of them come to grief") as act:
        children = [Child(count_till), Child(out_of_paper), Child(wait_for_ever)]
        # As the system does it when memory runs out.
        children[2].process.kill()
        answers = [child.answer() for child in children]
        for number, (said, _) in enumerate(answers, start=1):
            say(f"child {number}: {said}")
        failures = sum(code != 0 for _, code in answers)
        act.end(f"{failures} have no answer, and the parent knows why")


def who_am_i():
    time.sleep(seconds(1.0))
    return f"I am process {os.getpid()}, my parent is {os.getppid()}"


def pay_out():
    """In a thread this would change the one `balance` there is. A child has a copy of it."""
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


def wait_for_ever():
    while True:
        signal.pause()


if __name__ == "__main__":
    run(__doc__, main)
