# SPDX-License-Identifier: MIT OR Apache-2.0
"""Shared memory: several processes read and write the same bytes.

The lesson in Python:    python3 lessons/shared-memory/lesson.py        (5 seconds)
"""

import multiprocessing
import sys
import time
from multiprocessing import Array, Barrier, Lock, Manager, Pipe, Process, Value
from multiprocessing.connection import wait
from multiprocessing.util import get_temp_dir
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds, step  # noqa: E402

# How often each of two tills adds one.
TIMES = 500_000
TILLS = ["till 1", "till 2", "till 3"]


def main():
    # The folder of the managers' sockets. Made by this process, it is also removed by it: a
    # manager that is killed would leave its own folder behind.
    get_temp_dir()

    with Act("A counter, read and then written back") as act:
        act.end(f"lost for certain: {read_then_write_back()} of 2")

    with Act("A counter, changed in one step") as act:
        act.end(f"the counter says {in_one_step()}")

    with Act("Books under a lock") as act:
        act.end(under_a_lock())

    with Act("A till that is killed while it holds the lock") as act:
        books = killed_while_it_holds_the_lock()
        act.end(f"{books}: they disagree, and the lock stays locked forever")

    with Act("A manager that owns a dictionary and a list") as act:
        dictionary, sales = ask_the_manager()
        act.end(f"{dictionary}, the list sums up to {sum(sales)}")

    with Act("A manager that is killed") as act:
        act.end(f"{killed_while_others_ask_it()} of 3 tills are told, none hangs")


def start(job, *arguments):
    till = Process(target=job, args=arguments, daemon=True)
    till.start()
    return till


def finish(tills):
    for till in tills:
        till.join()
        if till.exitcode:
            raise ChildProcessError(f"{till.name} ended with {till.exitcode}")


def add_one(counter, both_have_read):
    """What `counter.value += 1` does, step by step, with the other till between the steps."""
    seen = counter.value
    both_have_read.wait()
    counter.value = seen + 1


def count(counter, both_ready):
    both_ready.wait()
    for _ in range(TIMES):
        # The `Value` acquires its lock twice: once to read, and once to write.
        counter.value += 1


def count_locked(counter, both_ready):
    both_ready.wait()
    for _ in range(TIMES):
        with counter.get_lock():
            counter.value += 1


def read_then_write_back():
    """First one of two updates is lost for certain. Then it is luck how many are lost."""
    counter, both = Value("q", 0), Barrier(2)
    finish([start(add_one, counter, both) for _ in range(2)])
    once = counter.value
    say(f"2 tills count one: the counter says {once}")

    counter.value = 0
    with step(f"2 x {TIMES}, read, write back"):
        finish([start(count, counter, both) for _ in range(2)])
    say(f"lost by luck: {2 * TIMES - counter.value}")
    return 2 - once


def in_one_step():
    """Python has no atomics. The lock of the `Value` makes one step of the two."""
    counter, both = Value("q", 0), Barrier(2)
    with step(f"2 x {TIMES}, with get_lock()"):
        finish([start(count_locked, counter, both) for _ in range(2)])
    return counter.value


class Books:
    """The total, and what each till has taken. They must agree: one lock guards both."""

    def __init__(self):
        self.total = Value("q", 0, lock=False)
        self.tills = Array("q", 3, lock=False)
        self.lock = Lock()

    def sell(self, till, amount, between=0):
        with self.lock:
            self.tills[till] += amount
            if between:
                time.sleep(between)
            self.total.value += amount

    def __str__(self):
        return f"total {self.total.value}, tills {list(self.tills)}"


def sell_many(books, till, both_ready):
    both_ready.wait()
    for _ in range(TIMES):
        books.sell(till, 1)


def under_a_lock():
    """First with half a second between the two changes: the other tills wait."""
    books = Books()
    finish([start(books.sell, till, 80, seconds(0.5)) for till in range(3)])
    say(books)

    books, both = Books(), Barrier(2)
    with step(f"2 x {TIMES}, under the lock"):
        finish([start(sell_many, books, till, both) for till in range(2)])
    return books


def sell_half(books, tell):
    with books.lock:
        books.tills[0] += 80
        tell.send("I hold it")
        while True:
            time.sleep(60)


def try_to_sell(books):
    if books.lock.acquire(timeout=seconds(1.0)):
        say("till 2: acquires the lock")
    else:
        say("till 2: waits for the lock, and gives up")


def killed_while_it_holds_the_lock():
    """The lock is a semaphore. The system does not know its holder, and cannot release it."""
    books = Books()
    listen, tell = Pipe(duplex=False)
    till_1 = start(sell_half, books, tell)
    # Till 1 has sent its message, or has died.
    wait([listen, till_1.sentinel])
    till_2 = start(try_to_sell, books)
    till_1.kill()
    till_1.join()
    say("till 1: killed between the two changes")
    finish([till_2])
    return books


def sell_to_manager(dictionary, sales, till):
    for sale in range(1, 21):
        sales.append(sale)
        dictionary[till] = sale


def ask_the_manager():
    """No memory is shared. One process owns the data, and the others ask it."""
    with Manager() as manager:
        dictionary, sales = manager.dict(), manager.list()
        finish([start(sell_to_manager, dictionary, sales, till) for till in TILLS])
        say(f"till 1: {dictionary.get('till 1')}, till 9: {dictionary.get('till 9')}")
        say(f"length of the list: {len(sales)}")
        return dict(sorted(dictionary.items())), list(sales)


def sell_until_told(dictionary, till, told):
    try:
        while True:
            dictionary[till] = 1
    except (EOFError, ConnectionError):
        with told.get_lock():
            told.value += 1


def killed_while_others_ask_it():
    """A killed manager's sockets close, so every client gets an error at once."""
    told = Value("i", 0)
    with Manager() as manager:
        [process] = multiprocessing.active_children()
        dictionary = manager.dict()
        tills = [start(sell_until_told, dictionary, till, told) for till in TILLS]
        time.sleep(seconds(0.5))
        process.kill()
        finish(tills)
        try:
            len(dictionary)
        except (EOFError, ConnectionError) as error:
            say(f"parent: the manager is gone ({type(error).__name__})")
    return told.value


if __name__ == "__main__":
    run(__doc__, main)
