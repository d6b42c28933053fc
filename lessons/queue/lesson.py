# SPDX-License-Identifier: MIT OR Apache-2.0
"""Queue between processes: values go in at one end and come out in order.

The lesson in Python:    python3 lessons/queue/lesson.py        (4 seconds)
"""

import os
import queue
import signal
import sys
import time
from multiprocessing import Process, Queue
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds  # noqa: E402

DAY = [[80, 70, 50], [10, 20, 30], [5, 15, 25]]
KILLED = 0
# A day on which the second till is killed.
BAD_DAY = [[80, 70, 50], [10, KILLED, 30], [5, 15, 25]]


class Till:
    """A process with a queue for its orders, one for its notes, and one that it shares."""

    def __init__(self, number, office):
        self.number, self.orders, self.notes, self.office = number, Queue(), Queue(), office
        # A queue cannot be put into a queue: a process gets all its queues when it starts.
        queues = (self.orders, self.notes, self.office)
        self.process = Process(target=work_at_till, args=(number, *queues), daemon=True)
        self.process.start()

    def note(self):
        """The till's next note, or why there is none: `get` does not report a dead process."""
        while True:
            try:
                return self.notes.get(timeout=seconds(0.5))
            except queue.Empty:
                if not self.process.is_alive():
                    code = self.process.exitcode
                    return f"the child has ended (exit code {code})"

    def go_home(self):
        self.orders.put(None)
        self.process.join()
        return f"exit code {self.process.exitcode}"


def work_at_till(number, orders, notes, office):
    """What a till does, in its own process, until the office sends it home with `None`."""
    notes.put(f"open, process {os.getpid()}")
    drawer = 0
    for order in iter(orders.get, None):
        if isinstance(order, list):
            for amount in order:
                if amount == KILLED:
                    die(office)
                time.sleep(seconds(0.5))
                drawer += amount
                office.put((number, amount))
            # A queue has no end: say that nothing more comes.
            office.put((number, None))
        else:
            notes.put(f"{order} told, {drawer} in the drawer")


def die(office):
    """As if the system killed the process because memory is short.

    First it waits for the hidden thread that sends what was `put`. A process that is killed
    while that thread holds the queue's lock would block all other producers forever."""
    office.close()
    office.join_thread()
    os.kill(os.getpid(), signal.SIGKILL)


def main():
    with Act("One message from another process") as act:
        till = Till(1, Queue())
        say(f"office: process {os.getpid()}, opens till {till.process.pid}")
        say(f"till: {till.note()}")
        act.end(f"the till goes home, {till.go_home()}")

    office, tills = open_tills()
    with Act("Three tills put into one queue, the office gets") as act:
        sold = one_day(office, tills, DAY)
        act.end(f"each till's sales, in order: {sold}")

    with Act("The office answers each till, and the till answers back") as act:
        tell_totals(tills, sold)
        act.end("one question and one answer each")
    for till in tills:
        till.go_home()

    office, tills = open_tills()
    with Act("A till is killed in the middle of its day") as act:
        sold = one_day(office, tills, BAD_DAY)
        tell_totals(tills, sold)
        act.end(f"the sales before that are there: {sold}")


def open_tills():
    """Three open tills, and the queue that all of them put into."""
    office = Queue()
    tills = [Till(number, office) for number in (1, 2, 3)]
    for till in tills:
        till.note()
    return office, tills


def one_day(office, tills, days):
    """What each till sells. Without a time-out, `get` would wait for a dead till forever."""
    for till, day in zip(tills, days):
        till.orders.put(day)
    sold = [[] for _ in tills]
    selling = {till.number for till in tills}
    while selling:
        try:
            number, amount = office.get(timeout=seconds(0.5))
        except queue.Empty:
            for till in tills:
                if not till.process.is_alive():
                    selling.discard(till.number)
            continue
        if amount is None:
            selling.remove(number)
        else:
            say(f"till {number}: sold {amount}")
            sold[number - 1].append(amount)
    return sold


def tell_totals(tills, sold):
    """Tells each till its total. Putting into the queue of a dead till is no error."""
    for till, amounts in zip(tills, sold):
        till.orders.put(sum(amounts))
        say(f"till {till.number}: {till.note()}")


if __name__ == "__main__":
    run(__doc__, main)
