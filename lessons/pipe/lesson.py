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
    """All that the child does: it sends its id, then sends back what it receives."""
    # Forked, this process has a copy of the parent's end as well.
    parents_end.close()
    connection.send_bytes(str(os.getpid()).encode())
    try:
        while True:
            connection.send_bytes(connection.recv_bytes(MEGABYTE))
    except (EOFError, OSError):
        pass  # The parent has closed its end, or has died.


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

    with Act("A one-way pipe: what a closed end tells the other end") as act:
        closing_an_end()
        act.end("EOFError for the reader, BrokenPipeError for the writer")

    with Act("A megabyte into a pipe while no one reads") as act:
        full_pipe()
        act.end("full: an ordinary write would block here until someone reads")

    with Act("Ten megabytes there and back") as act:
        act.end(f"{both_directions()} of 10 came back byte for byte")

    with Act("Two programs connected: seq 1 100000 | wc -l") as act:
        act.end(f"wc counted {two_programs()} lines")


def closing_an_end():
    """What was sent before an end was closed still arrives."""
    receiver, sender = Pipe(duplex=False)
    sender.send_bytes(b"first")
    sender.send_bytes(b"last")
    sender.close()
    try:
        while True:
            say(f"received '{receiver.recv_bytes().decode()}'")
    except EOFError:
        say("received the end of file")

    receiver, sender = Pipe(duplex=False)
    receiver.close()
    try:
        sender.send_bytes(b"hello?")
    except BrokenPipeError as error:
        say(f"sending to a closed end: {error}")


def full_pipe():
    """Without blocking, a write that would have to wait fails instead."""
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
    """One thread sends while another receives. How many messages came back intact?"""
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
    """As in the shell: one end of a pipe is the output of a program, the other end the input
    of the next program."""
    seq = subprocess.Popen(["seq", "1", "100000"], stdout=subprocess.PIPE)
    wc = subprocess.Popen(
        ["wc", "-l"], stdin=seq.stdout, stdout=subprocess.PIPE, text=True
    )
    # Our copy: with it open, seq would not notice if wc died.
    seq.stdout.close()
    count, _ = wc.communicate()
    say(f"seq: exit code {seq.wait()}, wc: exit code {wc.returncode}")
    return count.strip()


if __name__ == "__main__":
    run(__doc__, main)
