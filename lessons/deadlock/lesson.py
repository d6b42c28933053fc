# SPDX-License-Identifier: MIT OR Apache-2.0
"""Deadlock: threads wait for each other in a circle, for ever.

The lesson in Python:    python3 lessons/deadlock/lesson.py              (5 seconds)
                         python3 lessons/deadlock/lesson.py --hang       (until Ctrl-C)
"""

import sys
import threading
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402


class Account:
    def __init__(self, name):
        self.name = name
        self.balance = 100
        self.lock = threading.Lock()


class Clerk(threading.Thread):
    """Tries until its transfer is done. A daemon: the program does not wait for it to end."""

    def __init__(self, name, source, target, amount, patience):
        super().__init__(name=name, daemon=True)
        self.source, self.target, self.amount = source, target, amount
        self.patience = seconds(patience)
        self.holds_one, self.gave_up = threading.Event(), threading.Event()

    def run(self):
        while not self.transfer():
            say(f"{self.name}: no {self.target.name}, lets go of {self.source.name}")
            self.gave_up.set()
            time.sleep(self.patience / 4)  # So that the other one gets its turn.
        say(f"{self.name}: moved {self.amount} from {self.source.name} to {self.target.name}")

    def meet(self):
        """Both clerks hold their first lock before either asks for its second."""
        self.holds_one.set()
        self.other.holds_one.wait()

    def ask(self):
        say(f"{self.name}: holds {self.source.name}, asks for {self.target.name}")

    def move(self):
        self.source.balance -= self.amount
        self.target.balance += self.amount
        return True


class WrongClerk(Clerk):
    """Wrong: the other one locks in the opposite order."""

    def transfer(self):
        with self.source.lock:
            self.ask()
            self.meet()
            with self.target.lock:
                return self.move()


class ImpatientClerk(Clerk):
    """Waits with a limit. `acquire` returns whether it has the lock: whoever does not look
    at that works on the account without it."""

    def transfer(self):
        with acquired(self.source.lock, self.patience) as first:
            if first:
                self.ask()
                self.meet()
                with acquired(self.target.lock, self.patience) as second:
                    return second and self.move()


class OrderlyClerk(Clerk):
    """Right: whichever way the money goes, the locks are taken in one order."""

    def transfer(self):
        first, second = sorted([self.source, self.target], key=lambda account: account.name)
        with first.lock:
            say(f"{self.name}: holds {first.name}, counts, then asks for {second.name}")
            time.sleep(seconds(0.5))
            with second.lock:
                return self.move()


class ModestClerk(Clerk):
    """Takes both locks or none: it never waits for one while it holds the other."""

    def transfer(self):
        with self.source.lock:
            self.meet()
            if self.name == "clerk 4":
                self.other.gave_up.wait()
            self.ask()
            with acquired(self.target.lock, 0) as second:
                return second and self.move()


@contextmanager
def acquired(lock, limit):
    """As `with lock:`, but with a time limit, and with the answer whether it is held now."""
    held = lock.acquire(timeout=limit)
    try:
        yield held
    finally:
        if held:
            lock.release()


def main():
    with Act("Each locks the account it takes from, then the other") as act:
        opposite_order()
        act.end("mutual exclusion, hold and wait, no preemption, circular wait: all four")

    # Unequal: two that give up and try again at the same moments would do so for ever.
    with Act("The same with a time limit: 2 s for clerk 3, 4 s for clerk 4") as act:
        act.end(f"{both(ImpatientClerk)}; removed: no preemption")

    with Act("One order for all: A before B") as act:
        act.end(f"{both(OrderlyClerk)}; removed: circular wait")

    with Act("Both locks or none") as act:
        act.end(f"{both(ModestClerk)}; removed: hold and wait")


def opposite_order():
    clerks = start(WrongClerk, ["clerk 1", "clerk 2"])
    time.sleep(seconds(1.0))
    while any(stands_at(clerk) != "with self.target.lock:" for clerk in clerks):
        time.sleep(seconds(1.0))
    say("Python has no detector, but it knows at which line each thread stands:")
    for clerk in clerks:
        held, wanted = clerk.source.name, clerk.target.name
        say(f"{clerk.name} holds {held} and waits for {wanted}: {stands_at(clerk)}")
    if "--hang" in sys.argv:
        say("now the lesson waits for them too (Ctrl-C ends it)")
        for clerk in clerks:
            clerk.join()


def stands_at(thread):
    """The line that a thread is in, as `faulthandler` and py-spy show it."""
    return traceback.extract_stack(sys._current_frames()[thread.ident])[-1].line


def both(kind):
    """Two clerks of that kind, and what becomes of the accounts."""
    clerks = start(kind, ["clerk 3", "clerk 4"])
    for clerk in clerks:
        clerk.join()
    a, b = clerks[0].source, clerks[0].target
    return f"A ends at {a.balance}, B at {b.balance}"


def start(kind, names):
    a, b = Account("A"), Account("B")
    one, two = kind(names[0], a, b, 30, patience=2.0), kind(names[1], b, a, 50, patience=4.0)
    one.other, two.other = two, one
    for clerk in one, two:
        clerk.start()
    return one, two


if __name__ == "__main__":
    run(__doc__, main)
