# SPDX-License-Identifier: MIT OR Apache-2.0
"""Race condition: the result depends on which thread comes first.

The lesson in Python:    python3 lessons/race/lesson.py        (4 seconds)
"""

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


class RacyAccount:
    """Wrong: check and change are two steps, and another thread can run between them."""

    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()

    def withdraw(self, amount, at_till):
        """Whether `amount` was paid, and the new balance."""
        if self.balance < amount:
            return False, self.balance
        at_till()
        with self.lock:  # `-=` alone reads, then writes.
            self.balance -= amount
            return True, self.balance


class Account:
    """Right: the lock makes check and change one step. (Python has no compare and swap.)"""

    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()

    def withdraw(self, amount, at_till):
        """Whether `amount` was paid, and the new balance."""
        if self.balance < amount:
            return False, self.balance
        at_till()
        with self.lock:
            if self.balance < amount:
                return False, self.balance
            self.balance -= amount
            return True, self.balance


def main():
    with Act("One after another") as act:
        account = RacyAccount(BALANCE)
        value("balance", lambda: account.balance)
        for till, amount in WITHDRAWALS:
            outcome = account.withdraw(amount, lambda: count_out(till, amount))
            value("balance", lambda: account.balance)
            report(till, amount, outcome)
        act.end(f"the account ends at {account.balance}")

    with Act("At once, check and change as two steps") as act:
        account = RacyAccount(BALANCE)
        at_once(account)
        act.end(f"the account ends at {account.balance}")

    with Act("At once, check and change as one step") as act:
        account = Account(BALANCE)
        at_once(account)
        act.end(f"the account ends at {account.balance}")


def at_once(account):
    """The barrier lets all four tills check before any of them subtracts."""
    all_checked = threading.Barrier(len(WITHDRAWALS))
    value("balance", lambda: account.balance)

    def work(till, amount):
        def at_till():
            all_checked.wait()
            count_out(till, amount)

        outcome = account.withdraw(amount, at_till)
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
    with LANES[till].waiting(f"counts out {amount}"):
        time.sleep(seconds(1.0))


def report(till, amount, outcome):
    paid, balance = outcome
    say(f"{till}: {'paid' if paid else 'refused'} {amount}, the balance is {balance}")


if __name__ == "__main__":
    run(__doc__, main)
