"""Messages to another process, through a two-way pipe."""

import multiprocessing
import os
import sys
import time

TEXT = b"a message of 22 bytes!"


def echo(connection, count):
    for _ in range(count):
        connection.send_bytes(connection.recv_bytes())


def receive(connection, count):
    for _ in range(count):
        assert len(connection.recv_bytes()) >= 22
    connection.send_bytes(b"done")


def start(target, count):
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.Process(target=target, args=(theirs, count))
    child.start()
    return ours, child


def trip():
    os.sched_setaffinity(0, {0})
    connection, child = start(echo, 20_000)
    begin = time.perf_counter()
    for _ in range(20_000):
        connection.send_bytes(TEXT)
        assert connection.recv_bytes() == TEXT
    print("us", (time.perf_counter() - begin) / 20_000 * 1e6)
    child.join()


def send(message, count):
    connection, child = start(receive, count)
    begin = time.perf_counter()
    for _ in range(count):
        connection.send_bytes(message)
    connection.recv_bytes()
    took = time.perf_counter() - begin
    child.join()
    return took


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    if sys.argv[1] == "trip":
        trip()
    elif sys.argv[1] == "small":
        print("k/s", 200 / send(TEXT, 200_000))
    else:
        print("GB/s", 500 * (1 << 20) / send(bytes(1 << 20), 500) / 1e9)
