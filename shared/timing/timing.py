# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the Python twins of the lessons share: acts, their times, and the tutorial's waits.

`LESSON_SPEED` makes the waits shorter, as it does in the lessons.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time

_printing = threading.Lock()


def speed():
    """How much faster than the tutorial: 1 unless LESSON_SPEED says otherwise."""
    text = os.environ.get("LESSON_SPEED") or "1"
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0.1 <= speed <= 1000:
        _stop(2, f"LESSON_SPEED is '{text}': it must be a number from 0.1 to 1000")
    return speed


def seconds(length):
    """So many seconds of the tutorial."""
    return length / speed()


def pretty(length):
    """A time with three digits and its unit, from seconds."""
    if length >= 0.1:
        return f"{length:.2f} s"
    if length >= 0.0001:
        return f"{length * 1e3:.2f} ms"
    return f"{length * 1e6:.1f} µs"


def say(text):
    """Prints a line, whole, whichever thread it comes from."""
    _print(f"   {text}\n")


class Act:
    """A part of a lesson: `with Act("At once") as act: ...; act.end("the account ends at 0")`."""

    _number = 0

    def __init__(self, title):
        Act._number += 1
        _print(f"\n{Act._number}. {title}\n")

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def end(self, conclusion):
        """Prints the conclusion with the time since the act began, and returns that time."""
        took = time.perf_counter() - self.start
        say(f"=> {conclusion} ({pretty(took)})")
        return took

    def __exit__(self, *error):
        return False


class Step:
    """A part of an act: `with Step("on ten threads") as step: ...`, then `step.took` seconds."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *error):
        self.took = time.perf_counter() - self.start
        if error == (None, None, None):
            say(f"{self.name:<32} {pretty(self.took):>9}")


def run(doc, main):
    """Prints the headline, and runs `main`. Errors of the system are one line and status 1."""
    try:
        speed()
        _print(doc.strip().splitlines()[0] + "\n")
        main()
    except KeyboardInterrupt:
        _stop(130)
    except OSError as error:
        _stop(1, error)


def end_with_parent():
    """For a child process: if its parent is killed, nobody else would tell it to end."""

    def watch():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _print(text):
    with _printing:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            _stop(0)  # Nobody reads any more.
        except OSError as error:
            _stop(1, f"cannot write the output: {error}")


def _stop(status, reason=None):
    if reason is not None:
        print(f"{os.path.basename(sys.argv[0])}: {reason}", file=sys.stderr)
    # Neither threads nor processes that still run are waited for.
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(status)


def _leave_ctrl_c_to_the_parent():
    """It goes to all processes of the terminal. A worker that dies of it may hold a lock that
    the parent needs in order to end the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


os.register_at_fork(after_in_child=_leave_ctrl_c_to_the_parent)
if multiprocessing.current_process().name != "MainProcess":
    _leave_ctrl_c_to_the_parent()
