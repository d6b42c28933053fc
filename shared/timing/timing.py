# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the Python versions of the lessons share: acts, their times, and the tutorial's waits.

`LESSON_SPEED` makes the waits shorter, and `LESSON_TRACE` names a file for the timeline, as they
do in the lessons.
"""

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import types

import recording
from recording import Lane, turns, value  # noqa: F401

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
    """Seconds of the tutorial, as seconds to wait."""
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
    _line(f"   {text}")


def _line(text):
    with _printing:
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            _stop(0)  # The reader has closed the pipe.
        except OSError as error:
            _stop(1, f"cannot write the output: {error}")


@contextlib.contextmanager
def step(name):
    """Prints how long a part of an act took: `with step("threads: 5") as five: ...`. After it,
    `five.took` has the time."""
    timed = types.SimpleNamespace()
    start = time.perf_counter()
    yield timed
    timed.took = time.perf_counter() - start
    say(f"{name:<32} {pretty(timed.took):>9}")


class Act:
    """A part of a lesson: `with Act("At once") as act: ...; act.end("the account ends at 0")`."""

    _number = 0

    def __init__(self, title):
        Act._number += 1
        recording.act(title)
        _line(f"\n{Act._number}. {title}")

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


def run(doc, main):
    """Prints the headline, runs `main`, and saves the timeline. Errors of the system are one line and status 1."""
    try:
        speed()
        _line(doc.strip().splitlines()[0])
        main()
        recording.save()
    except OSError as error:
        _stop(1, error)


def _stop(status, reason=None):
    """Ends the program at once: threads are not waited for, and child processes are killed."""
    if reason is not None:
        print(f"{os.path.basename(sys.argv[0])}: {reason}", file=sys.stderr)
    if os.getpid() == _PROCESS:
        for child in multiprocessing.active_children():
            # The daemons are left to their pools: one that is killed may hold a lock that
            # its pool needs in order to end. Executors would wait for all of their jobs.
            if not child.daemon:
                child.kill()
                child.join()
        # `os._exit` alone would leave daemons and temporary files: those end at exit.
        atexit._run_exitfuncs()
    os._exit(status)


def _before_fork():
    global _by_main_thread
    _by_main_thread = threading.current_thread() is threading.main_thread()


def _in_child(forked=True):
    """Ctrl-C is left to the parent. Where the system can do it, its end ends the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # To the system the end of the thread that forked is the parent's. A pool's threads end
    # first, and it would wait forever for a lock that the child held.
    if forked and _by_main_thread and _prctl:
        _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


_PROCESS = os.getpid()  # and not that of a forked child

# Ctrl-C is no error: no trace.
signal.signal(signal.SIGINT, lambda *_: _stop(130))
_prctl = None
if sys.platform == "linux":
    with contextlib.suppress(ImportError):
        import ctypes

        _prctl = ctypes.CDLL(None).prctl
os.register_at_fork(before=_before_fork, after_in_child=_in_child)
if multiprocessing.current_process().name != "MainProcess":
    _in_child(forked=False)  # A fresh start: it has imported all anew.
