# SPDX-License-Identifier: MIT OR Apache-2.0
"""Deadlock: threads wait for each other in a circle, and none can continue.

The lesson in Python:    python3 lessons/deadlock/lesson.py              (5 seconds)
                         python3 lessons/deadlock/lesson.py --hang       (until Ctrl-C)
"""

import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402


@dataclass
class Account:
    name: str
    balance: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)


def unordered_transfer(source, target, amount, between_locks):
    """Wrong: a transfer the other way takes the locks in the opposite order."""
    with source.lock:
        between_locks()
        with target.lock:
            source.balance -= amount
            target.balance += amount


def transfer(source, target, amount, between_locks):
    """Right: whichever way the money goes, the locks are taken in one order."""
    if source is target:
        return
    first, second = sorted([source, target], key=lambda account: account.name)
    with first.lock:
        between_locks()
        with second.lock:
            source.balance -= amount
            target.balance += amount


def try_transfer(source, target, amount, between_locks, limit):
    """Whether the money was moved: it waits for the second lock no longer than `limit`."""
    with source.lock:
        between_locks()
        if not target.lock.acquire(timeout=limit):
            return False
        try:
            source.balance -= amount
            target.balance += amount
            return True
        finally:
            target.lock.release()


def main():
    with Act("Each clerk locks the account it takes from, then the other") as act:
        opposite_order()
        act.end("mutual exclusion, hold and wait, no preemption, circular wait: all four")

    with Act("A time limit for each lock: 2 s for clerk 3, 4 s for clerk 4") as act:
        act.end(f"{both(with_time_limit)}; removed: no preemption")

    with Act("One order for all locks: A before B") as act:
        act.end(f"{both(in_one_order)}; removed: circular wait")

    with Act("Try-lock with back-off: both locks or none") as act:
        act.end(f"{both(both_or_none)}; removed: hold and wait")


@dataclass
class Clerk:
    """A clerk has one transfer to make."""

    name: str
    source: Account
    target: Account
    amount: int
    # Unequal: two that give up and try again at the same moments could do so without end.
    patience: float

    def asks_for_second(self):
        say(f"{self.name}: holds {self.source.name}, asks for {self.target.name}")


def clerks(*names):
    a, b = Account("A"), Account("B")
    yield Clerk(names[0], a, b, 30, patience=seconds(2.0))
    yield Clerk(names[1], b, a, 50, patience=seconds(4.0))


def opposite_order():
    both_hold_one = threading.Barrier(2)

    def work(clerk):
        def between_locks():
            both_hold_one.wait()
            clerk.asks_for_second()

        unordered_transfer(clerk.source, clerk.target, clerk.amount, between_locks)

    pair = list(clerks("clerk 1", "clerk 2"))
    # Daemons: the program can end although these threads never do.
    threads = [threading.Thread(target=work, args=[clerk], daemon=True) for clerk in pair]
    for thread in threads:
        thread.start()
    time.sleep(seconds(1.0))
    while any(stands_at(thread) != "with target.lock:" for thread in threads):
        time.sleep(seconds(1.0))
    say("Python has no detector, but it knows at which line each thread is:")
    for clerk, thread in zip(pair, threads):
        held, wanted = clerk.source.name, clerk.target.name
        say(f"{clerk.name} holds {held} and waits for {wanted}: {stands_at(thread)}")
    if "--hang" in sys.argv:
        say("now the lesson waits for them too (Ctrl-C ends it)")
        for thread in threads:
            thread.join()


def stands_at(thread):
    """The line that a thread is at, as `faulthandler` and py-spy show it."""
    return traceback.extract_stack(sys._current_frames()[thread.ident])[-1].line


def with_time_limit(clerk, meet):
    def between_locks():
        meet()
        clerk.asks_for_second()

    return try_transfer(
        clerk.source, clerk.target, clerk.amount, between_locks, clerk.patience
    )


def in_one_order(clerk, meet):
    def between_locks():
        say(f"{clerk.name}: holds A, counts, then asks for B")
        time.sleep(seconds(0.5))

    transfer(clerk.source, clerk.target, clerk.amount, between_locks)
    return True


def both_or_none(clerk, meet):
    def between_locks():
        meet()
        # Clerk 4 asks only when clerk 3 has backed off: so not both of them fail.
        while clerk.name == "clerk 4" and clerk.target.lock.locked():
            time.sleep(0.001)
        clerk.asks_for_second()

    return try_transfer(clerk.source, clerk.target, clerk.amount, between_locks, 0)


def both(attempt):
    """Clerks 3 and 4, each on a thread, until both transfers are done."""
    pair = list(clerks("clerk 3", "clerk 4"))
    both_here = threading.Barrier(2)

    def work(clerk):
        meet = both_here.wait
        while not attempt(clerk, meet):
            say(f"{clerk.name}: no {clerk.target.name}, releases {clerk.source.name}")
            time.sleep(clerk.patience / 4)  # The other clerk goes first.
            meet = lambda: None  # They meet at the first attempt only.
        source, target = clerk.source.name, clerk.target.name
        say(f"{clerk.name}: moved {clerk.amount} from {source} to {target}")

    threads = [threading.Thread(target=work, args=[clerk]) for clerk in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"A ends at {pair[0].source.balance}, B at {pair[0].target.balance}"


if __name__ == "__main__":
    run(__doc__, main)
