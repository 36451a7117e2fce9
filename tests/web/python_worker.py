# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""python_worker.py URL JOURNAL: runs `shared` jobs, a line of the journal for each."""
import os
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../examples/clients/python"))
import work  # noqa: E402

worker = work.Worker(sys.argv[1], concurrency=4, lease_ms=2_000, wait_ms=2_000)
journal = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)


@worker.job("shared")
def shared(number):
    threading.Event().wait(0.01)
    os.write(journal, b"py %d\n" % number)
    return number


worker.run()
