# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""What the Python peers share: the job, the clock, and how results are said."""
import contextlib
import json
import os
import sys
import time

ROLE = sys.argv[1] if len(sys.argv) > 4 else ""
PORT, JOBS, CONCURRENCY = (int(word) for word in sys.argv[2:5]) if ROLE else (0, 0, 0)


def mail(i):
    return {"user_id": i, "address": f"user{10000 + i % 90000}@example.com"}


def now_us():
    return time.monotonic_ns() // 1000


def say(what):
    text = what if isinstance(what, str) else json.dumps(what)
    os.write(1, (text + "\n").encode())


@contextlib.contextmanager
def timed():
    cpu, start = time.process_time(), time.monotonic()
    yield
    say({"seconds": time.monotonic() - start, "cpu": time.process_time() - cpu})


class Handler:
    """What a job calls: counts, or notes how long it waited."""

    def __init__(self):
        self.ran, self.start, self.cpu, self.waited = 0, 0, 0, []

    def __call__(self, job):
        if ROLE == "work":
            if self.ran == 0:
                self.start, self.cpu = time.monotonic(), time.process_time()
            self.ran += 1
            if self.ran == JOBS:
                say({"seconds": time.monotonic() - self.start,
                     "cpu": time.process_time() - self.cpu, "ran": self.ran})
        elif ROLE == "delays":
            self.waited.append((now_us() - job["at_us"]) / 1000)
            if len(self.waited) == JOBS:
                say({"waited_ms": self.waited})


handler = Handler()
