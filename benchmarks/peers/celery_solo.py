# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# peer: Celery
# needs: apt python3-celery python3-redis
# sweep: 1
# jobs: 5000
# promises: at most once
# gives up: acknowledges before it runs a job (its default); the solo pool, its fastest for jobs that
#     do nothing, runs one at a time
"""celery_solo.py ROLE PORT JOBS CONCURRENCY: measure.py says what the roles are."""
import sys
import time

import celery
import celery.signals

import python_roles as roles

app = celery.Celery("mails", broker=f"redis://127.0.0.1:{roles.PORT}/0")
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)


@app.task(name="send_email")
def send_email(job):
    roles.handler(job)


def main():
    if roles.ROLE in ("work", "delays", "idle"):
        if roles.ROLE != "work":
            celery.signals.worker_ready.connect(lambda **_: roles.say("ready"), weak=False)
        app.worker_main(["worker", "--pool=solo", "--concurrency=1", "--loglevel=ERROR",
                         "--without-gossip", "--without-mingle"])
    elif roles.ROLE == "single":
        with roles.timed():
            for i in range(roles.JOBS):
                send_email.delay(roles.mail(i))
    elif roles.ROLE == "lone":
        for i in range(roles.JOBS):
            send_email.delay({**roles.mail(i), "at_us": roles.now_us()})
            time.sleep(0.02)
    else:
        sys.exit(3)


if __name__ == "__main__":
    main()
