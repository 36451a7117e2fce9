# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""python_producer.py URL: stores jobs, each twice under one key; 0: each time the same ids."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../examples/clients/python"))
import work  # noqa: E402

client = work.Client(sys.argv[1])
client.enqueue("plain", "cat.png", 300, None, max_attempts=3)
text = "[12345678901234567890, 1.10, {}]"
once = [client.enqueue_json("once", text, key="a") for _ in range(2)]
jobs = [{"name": "many", "args": [i]} for i in range(3)] + [{"name": "", "args": []}]
first, second = [client.enqueue_bulk(jobs, key="b") for _ in range(2)]
assert once[0] == once[1] and first[:3] == second[:3], (once, first, second)
assert isinstance(first[3], work.Refused) and "name" in str(first[3]), first[3]
