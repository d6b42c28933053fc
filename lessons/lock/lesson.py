# SPDX-License-Identifier: MIT OR Apache-2.0
"""Lock (mutex): only one thread at a time may hold it; the others wait.

The lesson in Python:    python3 lessons/lock/lesson.py        (4 seconds)
"""

import contextlib
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, Lane, run, say, seconds, value  # noqa: E402

BALANCE = 100
WITHDRAWALS = [("till 1", 80), ("till 2", 70), ("till 3", 50), ("till 4", 20)]
LANES = {till: Lane(till) for till, _ in WITHDRAWALS}


class Account:
    """The lock is beside the balance: only care makes a method use it."""

    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()

    def withdraw_holding_lock(self, amount, at_till):
        """Right, but all other threads wait for this till."""
        with self.lock:
            if self.balance < amount:
                return False, self.balance
            at_till()
            self.balance -= amount
            return True, self.balance

    def withdraw(self, amount, at_till):
        """Right, and no thread waits: reserve under the lock, count out afterwards."""
        with self.lock:
            if self.balance < amount:
                return False, self.balance
            self.balance -= amount
            after = self.balance
        at_till()
        return True, after

    def withdraw_locking_twice(self, amount, at_till):
        """Wrong: the lock is released between check and change."""
        with self.lock:
            if self.balance < amount:
                return False, self.balance
        at_till()
        with self.lock:
            self.balance -= amount
            return True, self.balance


def main():
    with Act("The lock held for the whole withdrawal") as act:
        account = Account(BALANCE)
        at_once(account, account.withdraw_holding_lock, holding=True)
        act.end(f"the account ends at {account.balance}")

    with Act("The lock held for check and change only") as act:
        account = Account(BALANCE)
        at_once(account, account.withdraw)
        act.end(f"the account ends at {account.balance}")

    with Act("The lock released between check and change") as act:
        account = Account(BALANCE)
        all_checked = threading.Barrier(len(WITHDRAWALS))
        at_once(account, account.withdraw_locking_twice, all_checked)
        act.end(f"the account ends at {account.balance}")

    with Act("A till that fails while it holds the lock") as act:
        account = Account(BALANCE)
        # Prints one line in place of the usual traceback on standard error.
        usual = threading.excepthook
        threading.excepthook = lambda args: say(f"till 1: raises: {args.exc_value}")
        till_1 = threading.Thread(target=account.withdraw_holding_lock, args=(80, out_of_paper))
        till_1.start()
        say(f"join returns {till_1.join()}")
        threading.excepthook = usual
        # `with` has released the lock, and nothing says that a change may be half done.
        report("till 2", 70, account.withdraw(70, lambda: None))
        act.end(f"the account ends at {account.balance}, with no trace of till 1")


def at_once(account, withdraw, all_checked=None, holding=False):
    """Each till on a thread of its own; with a barrier, all check before any changes.

    For the timeline, a till that counts out `holding` the lock has waited for it until then."""
    value("balance", lambda: account.balance)

    def work(till, amount):
        lane, blocked = LANES[till], contextlib.ExitStack()

        def at_till():
            blocked.close()
            value("balance", lambda: account.balance)
            if all_checked:
                all_checked.wait()
            busy = lane.holding if holding else lane.waiting
            with busy(f"counts out {amount}"):
                if holding:
                    lane.receives("the lock")
                count_out(till, amount)
                if holding:
                    lane.sends("the lock")

        with blocked:
            if holding:
                blocked.enter_context(lane.blocked(""))
            outcome = withdraw(amount, at_till)
        value("balance", lambda: account.balance)
        report(till, amount, outcome)

    threads = [
        threading.Thread(target=work, args=withdrawal)
        for withdrawal in WITHDRAWALS
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def count_out(till, amount):
    say(f"{till}: the balance covers {amount}, counting it out")
    time.sleep(seconds(1.0))


def out_of_paper():
    raise RuntimeError("out of paper")


def report(till, amount, outcome):
    paid, balance = outcome
    say(f"{till}: {'paid' if paid else 'refused'} {amount}, the balance is {balance}")


if __name__ == "__main__":
    run(__doc__, main)
