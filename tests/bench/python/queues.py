"""Messages to another process, through a queue."""

import multiprocessing
import sys
import time


def receive(inbox, outbox):
    count = 0
    while (message := inbox.get()) is not None:
        count += len(message) in (22, 1 << 20)
    outbox.put(count)


def send(message, count):
    inbox, outbox = multiprocessing.Queue(), multiprocessing.Queue()
    child = multiprocessing.Process(target=receive, args=(inbox, outbox))
    child.start()
    start = time.perf_counter()
    for _ in range(count):
        inbox.put(message)
    inbox.put(None)
    assert outbox.get() == count
    took = time.perf_counter() - start
    child.join()
    return took


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    if sys.argv[1] == "small":
        print("k/s", 100 / send("a message of 22 bytes!", 100_000))
    else:
        print("GB/s", 300 * (1 << 20) / send(bytes(1 << 20), 300) / 1e9)
