# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# peer: RQ
# needs: apt python3-rq
# sweep: 1
# jobs: 3000
# promises: at most once
# gives up: a crash leaves the job marked as failed; its usual worker forks for each job, this one
#     (SimpleWorker) does not and is six times faster
"""rq_simple.py ROLE PORT JOBS CONCURRENCY: measure.py says what the roles are."""
import sys
import time

import redis
import rq

import python_roles as roles

sys.modules["rq_simple"] = sys.modules[__name__]  # jobs name their function by module


def send_email(job):
    roles.handler(job)


send_email.__module__ = "rq_simple"


def main():
    connection = redis.Redis(port=roles.PORT)
    queue = rq.Queue("mails", connection=connection)
    if roles.ROLE in ("work", "delays", "idle"):
        worker = rq.SimpleWorker([queue], connection=connection)
        if roles.ROLE != "work":
            roles.say("ready")
        worker.work(logging_level="ERROR")
    elif roles.ROLE == "single":
        with roles.timed():
            for i in range(roles.JOBS):
                queue.enqueue(send_email, roles.mail(i), result_ttl=0)
    elif roles.ROLE == "bulk":
        with roles.timed():
            for at in range(0, roles.JOBS, 1000):
                queue.enqueue_many([
                    rq.Queue.prepare_data(send_email, (roles.mail(i),), result_ttl=0)
                    for i in range(at, min(roles.JOBS, at + 1000))])
    elif roles.ROLE == "lone":
        for i in range(roles.JOBS):
            queue.enqueue(send_email, {**roles.mail(i), "at_us": roles.now_us()}, result_ttl=0)
            time.sleep(0.02)
    else:
        sys.exit(3)


if __name__ == "__main__":
    main()
