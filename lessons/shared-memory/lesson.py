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

# How often each of two tills counts one more.
TIMES = 500_000
TILLS = ["till 1", "till 2", "till 3"]


def main():
    # Where managers have their sockets. What is made here is also removed here, and not
    # left behind by a manager that is killed.
    get_temp_dir()
    read_then_write_back()
    under_its_lock()
    under_a_lock()
    killed_while_it_holds_the_lock()
    ask_the_manager()
    killed_while_others_ask_it()


def together(job, *arguments):
    """Does `job` in a process for each of the arguments, and waits for them all."""
    finish([start(job, *these) for these in zip(*arguments)])


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
    """What `counter.value += 1` does, step by step, and the other till between them."""
    seen = counter.value
    both_have_read.wait()
    counter.value = seen + 1


def count(counter, both_ready):
    both_ready.wait()
    for _ in range(TIMES):
        # The `Value` has a lock, and takes it for reading and for writing: twice.
        counter.value += 1


def count_locked(counter, both_ready):
    both_ready.wait()
    for _ in range(TIMES):
        with counter.get_lock():
            counter.value += 1


def read_then_write_back():
    """First one of two updates is lost for certain. Then it is luck how many are lost."""
    with Act("A counter, read and then written back") as act:
        counter = Value("q", 0)
        together(add_one, [counter] * 2, [Barrier(2)] * 2)
        once = counter.value
        say(f"2 tills count one: the counter says {once}")
        counter.value = 0
        with step(f"2 x {TIMES}, read, write back"):
            together(count, [counter] * 2, [Barrier(2)] * 2)
        say(f"lost by luck: {2 * TIMES - counter.value}")
        act.end(f"lost for certain: {2 - once} of 2")


def under_its_lock():
    """Python has no atomics: the lock of the `Value`, and around both steps."""
    with Act("A counter, changed under its lock") as act:
        counter = Value("q", 0)
        with step(f"2 x {TIMES}, with get_lock()"):
            together(count_locked, [counter] * 2, [Barrier(2)] * 2)
        act.end(f"the counter says {counter.value}")


class Books:
    """The takings in all and of each till. They belong together: one lock for both."""

    def __init__(self):
        self.total = Value("q", 0, lock=False)
        self.tills = Array("q", 3, lock=False)
        self.lock = Lock()

    def sell(self, till, amount, between=None):
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
    """First with half a second between the two changes: the others queue."""
    with Act("Books under a lock") as act:
        books = Books()
        together(books.sell, range(3), [80] * 3, [seconds(0.5)] * 3)
        say(books)
        books = Books()
        with step(f"2 x {TIMES}, under the lock"):
            together(sell_many, [books] * 2, range(2), [Barrier(2)] * 2)
        act.end(books)


def sell_half(books, tell):
    with books.lock:
        books.tills[0] += 80
        tell.send("I hold it")
        while True:
            time.sleep(60)


def try_to_sell(books):
    if books.lock.acquire(timeout=seconds(1.0)):
        say("till 2: gets the lock")
    else:
        say("till 2: waits for the lock, and gives up")


def killed_while_it_holds_the_lock():
    """The lock is a semaphore: nobody knows who holds it, and nobody lets go of it."""
    with Act("A till that is killed while it holds the lock") as act:
        books = Books()
        listen, tell = Pipe(duplex=False)
        till_1 = start(sell_half, books, tell)
        # Its message or its end, whichever comes first.
        wait([listen, till_1.sentinel])
        till_2 = start(try_to_sell, books)
        till_1.kill()
        till_1.join()
        say("till 1: killed between the two changes")
        finish([till_2])
        act.end(f"{books}: they disagree, and the lock is taken for ever")


def sell_to_manager(dictionary, sales, till):
    for sale in range(1, 21):
        sales.append(sale)
        dictionary[till] = sale


def ask_the_manager():
    """No memory is shared here: one process owns it all, and the others ask."""
    with Act("A manager that owns a dictionary and a list") as act:
        with Manager() as manager:
            dictionary, sales = manager.dict(), manager.list()
            together(sell_to_manager, [dictionary] * 3, [sales] * 3, TILLS)
            say(f"till 1: {dictionary.get('till 1')}, till 9: {dictionary.get('till 9')}")
            say(f"length of the list: {len(sales)}")
            copy = dict(sorted(dictionary.items()))
            act.end(f"{copy}, the list sums up to {sum(sales)}")


def sell_until_told(dictionary, till, told):
    try:
        while True:
            dictionary[till] = 1
    except (EOFError, ConnectionError):
        with told.get_lock():
            told.value += 1


def killed_while_others_ask_it():
    """Its ends of the sockets close with it: who waits for an answer is told at once."""
    with Act("A manager that is killed") as act:
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
            act.end(f"{told.value} of 3 tills are told, none hangs")


if __name__ == "__main__":
    run(__doc__, main)
