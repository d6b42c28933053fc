# SPDX-License-Identifier: MIT OR Apache-2.0
"""The timeline of a Python version, as the lessons record theirs, in the file that LESSON_TRACE
names. Without it nothing is recorded, and nothing here does anything.
"""

import contextlib
import functools
import itertools
import json
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path

try:
    import resource

    _THREAD = resource.RUSAGE_THREAD
except (ImportError, AttributeError):
    _THREAD = None  # Only Linux counts for each thread.

# A child that starts afresh imports this too, and has no timeline of its own.
_main = multiprocessing.current_process().name == "MainProcess"
_path = os.environ.get("LESSON_TRACE") if _main else None
recording = _path is not None

_process = os.getpid()
_start = time.perf_counter_ns()
_lock = threading.RLock()  # A value may be read under it.
_lanes, _spans, _acts, _sent, _handed, _values = [], [], [], [], [], []
# What forked children tell: a line for each span.
_from_children, _to_parent = os.pipe() if recording else (None, None)
if recording:
    os.set_blocking(_from_children, False)
    os.set_blocking(_to_parent, False)


def _now():
    """Microseconds; the clock is the same one in all processes."""
    return (time.perf_counter_ns() - _start) // 1000


def _row(lane):
    if lane not in _lanes:
        _lanes.append(lane)
    return _lanes.index(lane) + 1


def _span(lane, kind, name, start, end):
    if os.getpid() == _process:
        with _lock:
            _spans.append((_row(lane), kind, name, start, end))
    else:
        line = json.dumps([lane, kind, name, start, end]) + "\n"
        with contextlib.suppress(BlockingIOError):  # Rather no span than a child that waits.
            os.write(_to_parent, line.encode())


class Lane:
    """One row of the timeline: a thread, process or task.

    `with lane.waiting("counts out 80"): ...`, and so for `working`, `holding` and `blocked`.
    """

    def __init__(self, name):
        self.name = name
        if recording:
            with _lock:
                _row(name)

    @contextlib.contextmanager
    def _busy(self, kind, name):
        start = _now()
        try:
            yield
        finally:
            _span(self.name, kind, name, start, _now())

    def __getattr__(self, kind):
        if kind not in ("working", "waiting", "holding", "blocked"):
            raise AttributeError(kind)
        return functools.partial(self._busy, kind) if recording else _nothing

    def sends(self, name):
        """Hands something to the lane that `receives` the next of this name, in the same act."""
        if recording:
            with _lock:
                _sent.append((name, _row(self.name), _now()))

    def receives(self, name):
        """Gets what was sent first of what has this name and is still under way."""
        if recording:
            with _lock:
                sent = next((sent for sent in _sent if sent[0] == name), None)
                if sent:
                    _sent.remove(sent)
                    _handed.append((sent, (name, _row(self.name), _now())))


def _nothing(_name):
    return contextlib.nullcontext()


def value(name, read):
    """Notes a value for the recording, read while no other thread notes one."""
    if recording:
        with _lock:
            _values.append((name, read(), _now()))


def act(title):
    """Notes that an act begins."""
    if recording:
        with _lock:
            _sent.clear()
            _acts.append((title, _now()))


# A thread that does not run for so long may have lost its turn. In microseconds.
_GAP = 1000
_STEPS = 1000
_counting = set()


def _waits():
    """How often this thread has begun to wait. Where the system does not count that, each
    gap is taken for a wait."""
    return resource.getrusage(_THREAD).ru_nvcsw if _THREAD is not None else _now()


def turns(count):
    """For a function that does so many steps of Python: when its thread holds the GIL.

    While it records, it has the steps done a thousand at a time, and looks at the clock
    in between. Where the clock has jumped by more than a millisecond, and the thread has
    waited meanwhile, it had lost the GIL: counting waits for nothing else. A thread that
    did not wait held the GIL all the time, also if the system took its core away. So what
    lies between two waits is a turn, to within a thousand steps.
    """
    if not recording:
        return count
    has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()

    @functools.wraps(count)
    def counted(steps):
        with _lock:
            number = next(number for number in itertools.count(1) if number not in _counting)
            _counting.add(number)
        # A process shares its lock with no other.
        shared = os.getpid() == _process
        lane = number if shared else multiprocessing.current_process()._identity[-1]
        lane = f"{'thread' if shared else 'process'} {lane}"
        kind, name = ("holding", "a turn") if shared and has_gil else ("working", "counts")
        spans = []
        begin = last = _now()
        waits = _waits()
        for done in range(0, steps, _STEPS):
            count(min(_STEPS, steps - done))
            now = _now()
            if now - last > _GAP and _waits() != waits:
                spans.append((begin, last))
                begin, waits = now, _waits()
            last = now
        for start, end in [*spans, (begin, last)]:
            if start < end:
                _span(lane, kind, name, start, end)
        with _lock:
            _counting.discard(number)

    return counted


def save():
    """Writes the timeline as Chrome trace events, if it is wanted."""
    if not recording:
        return
    total = _now()
    with contextlib.suppress(BlockingIOError):
        while lines := os.read(_from_children, 1 << 20):
            for line in lines.splitlines():
                _span(*json.loads(line))
    name = f"python-{Path(sys.argv[0]).resolve().parent.name}"
    events = [_event("M", "process_name", 0, args={"name": name})]
    for number, (title, start) in enumerate(_acts, 1):
        events.append(_event("i", f"{number}. {title}", 0, s="g", ts=start))
    for row, lane in enumerate(_lanes, 1):
        events.append(_event("M", "thread_name", row, args={"name": lane}))
        events.append(_event("M", "thread_sort_index", row, args={"sort_index": row - 1}))
        spans = sorted((span for span in _spans if span[0] == row), key=lambda span: span[3])
        for _, kind, name, start, end in spans:
            events.append(_event("X", name, row, cat=kind, ts=start, dur=end - start))
    for id, ((name, sender, sent), (_, receiver, received)) in enumerate(_handed, 1):
        events.append(_event("s", name, sender, cat="handed", id=id, ts=sent))
        events.append(_event("f", name, receiver, cat="handed", id=id, ts=received, bp="e"))
    for name, value, at in _values:
        events.append(_event("C", name, 0, ts=at, args={"value": value}))
    events = ",\n".join(events)
    with open(_path, "w", encoding="utf-8") as file:
        file.write(f'{{"traceEvents":[\n{events}\n],"otherData":{{"total":{total}}}}}\n')


def _event(phase, name, row, **rest):
    event = {"ph": phase, "pid": 1, "tid": row, "name": name, **rest}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
