# SPDX-License-Identifier: MIT OR Apache-2.0
"""Pipe: bytes go in at one end and come out at the other, in another process.

The lesson in Python:    python3 lessons/pipe/lesson.py        (1 second)
"""

import os
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe, Process
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds, step  # noqa: E402

MEGABYTE = 1_000_000


def send_back(connection, parents_end):
    """The whole life of the child: it says who it is, then sends back all it receives."""
    # A fork has a copy of this end, too, and would wait for itself to close it.
    parents_end.close()
    connection.send_bytes(str(os.getpid()).encode())
    try:
        while True:
            connection.send_bytes(connection.recv_bytes(MEGABYTE))
    except (EOFError, OSError):
        pass  # The parent has closed its end, or died.


def start_child():
    connection, its_end = Pipe()
    child = Process(target=send_back, args=(its_end, connection), daemon=True)
    child.start()
    its_end.close()
    return child, connection


def main():
    with Act("The two ends of a two-way connection") as act:
        child, connection = start_child()
        child_id = connection.recv_bytes().decode()
        time.sleep(seconds(1.0))
        say(f"parent, process {os.getpid()}: sends 'good morning'")
        connection.send_bytes(b"good morning")
        say(f"child, process {child_id}: sends back '{connection.recv_bytes().decode()}'")
        connection.close()
        child.join()
        say(f"parent closes its end, so the child leaves: exit code {child.exitcode}")
        act.end("one message each way")

    with Act("A one-way pipe: closing an end is how the other learns it is over") as act:
        closing_an_end()
        act.end("EOFError for the reader, BrokenPipeError for the writer")

    with Act("A megabyte into a pipe that nobody reads yet") as act:
        full_pipe()
        act.end("full: an ordinary write would wait here until somebody reads")

    with Act("Ten megabytes there and back") as act:
        act.end(f"{both_directions()} of 10 came back byte for byte")

    with Act("Two programs connected: seq 1 100000 | wc -l") as act:
        act.end(f"wc counted {two_programs()} lines")


def closing_an_end():
    """A closed end is not a message but the lack of one: what was sent before still arrives."""
    receiver, sender = Pipe(duplex=False)
    sender.send_bytes(b"first")
    sender.send_bytes(b"last")
    sender.close()
    try:
        while True:
            say(f"received '{receiver.recv_bytes().decode()}'")
    except EOFError:
        say("received the end of the file")

    receiver, sender = Pipe(duplex=False)
    receiver.close()
    try:
        sender.send_bytes(b"anybody there?")
    except BrokenPipeError as error:
        say(f"sending to nobody: {error}")


def full_pipe():
    """A write that may not wait tells that it would have to."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    say(f"the pipe takes {os.write(writer, bytes(MEGABYTE))} bytes")
    try:
        os.write(writer, b"!")
    except BlockingIOError as error:
        say(f"one more: {error}")
    os.close(reader)
    os.close(writer)


def both_directions():
    """Send all, then receive all, and both processes wait for ever. So another thread sends."""
    child, connection = start_child()
    connection.recv_bytes()
    sent = bytes(n % 251 for n in range(MEGABYTE))

    def send_all():
        for _ in range(10):
            connection.send_bytes(sent)

    with step("send and receive"):
        sender = threading.Thread(target=send_all, daemon=True)
        sender.start()
        received = [connection.recv_bytes() for _ in range(10)]
        sender.join()
    connection.close()
    child.join()
    return received.count(sent)


def two_programs():
    """What the shell does: one end of a pipe is the output of a program, the other the input
    of the next."""
    seq = subprocess.Popen(["seq", "1", "100000"], stdout=subprocess.PIPE)
    wc = subprocess.Popen(["wc", "-l"], stdin=seq.stdout, stdout=subprocess.PIPE, text=True)
    # Our copy of the end that wc reads: with it open, seq would go on if wc were gone.
    seq.stdout.close()
    count, _ = wc.communicate()
    say(f"seq: exit code {seq.wait()}, wc: exit code {wc.returncode}")
    return count.strip()


if __name__ == "__main__":
    run(__doc__, main)
