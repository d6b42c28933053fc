"""Messages to another process, through a two-way pipe."""

import multiprocessing
import sys
import time

TEXT = "a message of 22 bytes!"


def echo(connection, count):
    for _ in range(count):
        connection.send(connection.recv())


def receive(connection, count):
    for _ in range(count):
        assert len(connection.recv()) == 22
    connection.send("done")


def receive_bytes(connection, count):
    for _ in range(count):
        assert connection.recv_bytes()
    connection.send("done")


def start(target, count):
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.Process(target=target, args=(theirs, count))
    child.start()
    return ours, child


def trip():
    connection, child = start(echo, 20_000)
    begin = time.perf_counter()
    for _ in range(20_000):
        connection.send(TEXT)
        assert connection.recv() == TEXT
    print("us", (time.perf_counter() - begin) / 20_000 * 1e6)
    child.join()


def send(message, count):
    large = isinstance(message, bytes)
    connection, child = start(receive_bytes if large else receive, count)
    # The quicker way for bytes, which need no pickling.
    put = connection.send_bytes if large else connection.send
    begin = time.perf_counter()
    for _ in range(count):
        put(message)
    connection.recv()
    took = time.perf_counter() - begin
    child.join()
    return took


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    if sys.argv[1] == "trip":
        trip()
    elif sys.argv[1] == "small":
        print("k/s", 200 / send(TEXT, 200_000))
    elif sys.argv[1] == "messages":
        size = int(sys.argv[2])
        count = min(max((1 << 28) // size, 16), 100_000)
        print("s", send(bytes(size), count) / count)
    else:
        print("GB/s", 500 * (1 << 20) / send(bytes(1 << 20), 500) / 1e9)
