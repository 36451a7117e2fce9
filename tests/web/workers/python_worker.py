# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""python_worker.py URL JOURNAL: runs jobs, and writes a line of the journal for what it did."""
import os
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../examples/clients/python"))
import work  # noqa: E402

worker = work.Worker(sys.argv[1], concurrency=4, lease_ms=6_000, wait_ms=2_000,
                     token=os.environ.get("WORK_TOKEN"))
journal = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)


class Broken(Exception):
    pass


def write(line):
    os.write(journal, ("py %s\n" % line).encode())


@worker.job("shared")
def shared(number):
    threading.Event().wait(0.01)
    write(number)
    return number


@worker.job("py-echo")
def echo(*args, **named):
    write("echoed")
    for i in range(130):
        work.job().log("line %d" % i)
    return {"args": work.job().args, "text": work.job().args_text}


@worker.job("py-broken", max_attempts=1)
def broken(message):
    raise Broken(message)


@worker.job("py-again", max_attempts=2, backoff={"kind": "fixed", "base_ms": 1})
def again():
    write("attempt-%d" % work.job().attempt)
    raise Broken("not yet")


@worker.job("py-ends")
def ends(how):
    write(how)
    if how == "snooze":
        raise work.Snooze(3600)
    if how == "discard":
        raise work.Discard("not wanted")
    if how == "fatal":
        raise work.Fatal("for good")
    if how == "free":
        raise work.Uncounted("not today", 3600)
    return "x" * (1 << 20) if how == "large" else "\ud800"


@worker.job("py-stage")
def stage(left, path):
    write("stage")
    work.job().then("after", "py", path)
    if left:
        raise work.Next(name=left[0] + "-stage", args=[left[1:], path + ["py"]])
    return path + ["py"]


@worker.job("py-hold")
def hold(mark):
    write("began-%s" % mark)
    while not work.job().checkin("holding", 50):
        threading.Event().wait(0.05)
    write("cancelled-%s" % mark)


@worker.job("py-slow")
def slow(mark, ms):
    write("began-%s" % mark)
    threading.Event().wait(ms / 1000)
    write("ended-%s" % mark)


try:
    worker.run()
except work.Refused as refused:
    sys.exit("refused: %s" % refused)
