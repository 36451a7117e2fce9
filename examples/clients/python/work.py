#!/usr/bin/env python3
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""Enqueue and run jobs through a `work server`, with the standard library alone (Python >= 3.9).

    worker = work.Worker("http://127.0.0.1:5040")

    @worker.job("resize", max_attempts=5)
    def resize(path, width):
        work.job().checkin("reading", 10)
        return {"bytes": 42}

    worker.run()                                                   # until SIGTERM
    work.Client("http://127.0.0.1:5040").enqueue("resize", "cat.png", 300)
"""
import contextlib
import http.client
import json
import os
import queue
import random
import signal
import socket
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
import uuid


class Refused(Exception):
    """The server refuses a request: repeating it as it is would change nothing."""

    def __init__(self, status, problem):
        super().__init__(problem.get("detail", "status %d" % status))
        self.status = status
        self.problem = problem
        self.slug = problem.get("type", "").rpartition(":")[2]


class Snooze(Exception):
    """Raised by a handler: again after so many seconds, which costs no attempt."""


class Discard(Exception):
    """Raised by a handler: the job is to be dropped, and why."""


class Fatal(Exception):
    """Raised by a handler: no other attempt would go better."""


class Client:
    def __init__(self, url, token=None):
        self.base = url.rstrip("/") + "/api/v1"
        self.token = token

    def enqueue(self, name, *args, key=None, **options):
        """Stores a job: its id. Named options are those of POST /jobs, as in_ms or max_attempts.
        The key makes the request safe to be repeated, which `call` does for a lost answer."""
        body = dict(options, name=name, args=json.dumps(list(args)))
        return self.call("POST", "/jobs", body, key=key or uuid.uuid4().hex)["id"]

    def call(self, method, path, body=None, key=None, timeout=20, give_up=None):
        """Asks until there is an answer. Every request of a worker has a number, and every enqueue
        a key, so that asking again changes nothing. `give_up()`: should it end nevertheless?"""
        pause = 0.05
        while True:
            try:
                return self._once(method, path, body, key, timeout)
            except Refused as refused:
                if refused.status not in (408, 429, 502, 503, 504, 507):
                    raise
                pause = max(pause, float(refused.problem.get("retry_after", 0)))
            except (OSError, http.client.HTTPException, ValueError):
                pass  # no connection, or an answer that was cut
            if give_up and give_up():
                raise ConnectionError("the server did not answer")
            time.sleep(pause * random.uniform(0.7, 1.3))
            pause = min(2 * pause, 2.0)

    def _once(self, method, path, body, key, timeout):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        headers.update({"Authorization": "Bearer " + self.token} if self.token else {})
        headers.update({"Idempotency-Key": key} if key else {})
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as failure:
            with failure:
                problem = json.loads(failure.read() or b"{}")
            problem["retry_after"] = failure.headers.get("Retry-After", 0)
            raise Refused(failure.code, problem) from None


class Job:
    """A job that runs. `cancelled` is set when somebody cancelled it, or its lease was lost."""

    def __init__(self, worker, told):
        self.worker = worker
        self.id, self.fence, self.name = told["id"], told["fence"], told["name"]
        self.attempt, self.headers = told["attempt"], told["headers"]
        self.args = json.loads(told["args"])
        self.cancelled = threading.Event()

    def checkin(self, message, percent=None):
        """Shows how far the job is. True: it is cancelled, and its handler should return."""
        told = {"id": self.id, "fence": self.fence, "message": message, "percent": percent}
        self.worker._say("checkins", told)
        return self.cancelled.is_set()


_running = threading.local()


def job():
    """The job whose handler runs in this thread."""
    return _running.job


class Worker:
    """Runs jobs in `concurrency` threads, and extends their leases for as long as they run."""

    def __init__(self, url, token=None, concurrency=4, lease_ms=60_000, wait_ms=20_000, name=""):
        self.client = Client(url, token)
        self.pool = "%s-%d-%s" % (socket.gethostname()[:32], os.getpid(), uuid.uuid4().hex[:8])
        self.path = "/pools/" + self.pool
        self.concurrency, self.name = concurrency, name
        self.lease_ms, self.wait_ms = lease_ms, wait_ms
        self._handlers, self._types = {}, []
        self._room, self._jobs = threading.Semaphore(concurrency), queue.Queue()
        self._running = {}  # (id, fence): Job
        self._lock = threading.Lock()
        self._said = {"outcomes": [], "checkins": [], "cancels_seen": []}
        self._wake, self._stopping, self._ended = threading.Event(), threading.Event(), False

    def job(self, name, **options):
        """Registers a handler. Options: queue, max_attempts, backoff, timeout_ms, on_crash."""
        def add(handler):
            self._handlers[name] = handler
            self._types.append(dict(options, name=name))
            return handler

        return add

    def stop(self):
        self._stopping.set()

    def run(self):
        """Until `stop`, SIGTERM or SIGINT: then running jobs end, and the pool leaves."""
        if threading.current_thread() is threading.main_thread():
            for one in (signal.SIGTERM, signal.SIGINT):
                signal.signal(one, lambda *_: self.stop())
        self._register()
        reporter = threading.Thread(target=self._report_all, daemon=True)
        loops = [threading.Thread(target=self._work, daemon=True) for _ in range(self.concurrency)]
        for one in loops + [reporter, threading.Thread(target=self._claim_all, daemon=True)]:
            one.start()
        while not self._stopping.wait(0.5):  # in steps, so that signals are heard
            pass
        deadline = time.monotonic() + 25
        while self._running and time.monotonic() < deadline:
            time.sleep(0.05)
        self._ended = True
        self._wake.set()
        reporter.join(10)
        with contextlib.suppress(Refused, ConnectionError):  # then its leases run out
            self.client.call("DELETE", self.path, give_up=lambda: True)

    def _register(self):
        body = {"job_types": self._types, "language": "python", "concurrency": self.concurrency,
                "lease_ms": self.lease_ms, "name": self.name, "host": socket.gethostname()[:128],
                "pid": os.getpid()}
        told = self.client.call("PUT", self.path, body)
        self._next_claim, self._next_report = told["next_claim"], told["next_report"]
        self._beat = told["heartbeat_ms"] / 1000

    def _numbered(self, what, body, timeout, give_up):
        """One request of a stream: the same number until it is answered, then the next."""
        stream = "_next_" + what
        while True:
            try:
                answer = self.client.call("POST", self.path + "/" + what,
                                          dict(body, number=getattr(self, stream)),
                                          timeout=timeout, give_up=give_up)
                setattr(self, stream, getattr(self, stream) + 1)
                return answer
            except Refused as refused:
                if refused.slug == "no-such-pool":
                    self._register()  # it was silent for an hour, or the store lost it
                elif refused.slug == "stale-number":
                    setattr(self, stream, refused.problem["next"])
                elif refused.slug == "in-flight":
                    time.sleep(0.2)  # the server still has the socket that was lost
                else:
                    raise

    def _claim_all(self):
        while not self._stopping.is_set():
            self._room.acquire()
            want = 1
            while want < min(self.concurrency, 256) and self._room.acquire(blocking=False):
                want += 1
            jobs = []
            try:
                answer = self._numbered("claim", {"want": want, "wait_ms": self.wait_ms},
                                        self.wait_ms / 1000 + 15, self._stopping.is_set)
                self._heed(answer)
                jobs = answer["jobs"]
            except ConnectionError:
                pass
            except Exception:
                traceback.print_exc()
                time.sleep(1)
            with self._lock:
                for one in [Job(self, told) for told in jobs]:
                    self._running[one.id, one.fence] = one
                    self._jobs.put(one)
            for _ in range(want - len(jobs)):
                self._room.release()

    def _work(self):
        while True:
            one = _running.job = self._jobs.get()
            outcome = {"id": one.id, "fence": one.fence}
            try:
                if self._stopping.is_set():
                    outcome["outcome"] = "release"
                else:
                    outcome.update(self._call(one))
            except Snooze as snooze:
                outcome.update(outcome="snooze", in_ms=int(snooze.args[0] * 1000))
            except Discard as why:
                outcome.update(outcome="discard", why=str(why))
            except BaseException as failure:
                outcome.update(outcome="fail", type=type(failure).__name__[:128],
                               message=str(failure)[:2000], fatal=isinstance(failure, Fatal),
                               backtrace=traceback.format_exc()[-2000:])
            self._say("outcomes", outcome)
            self._room.release()

    def _call(self, one):
        handler = self._handlers[one.name]
        result = handler(**one.args) if isinstance(one.args, dict) else handler(*one.args)
        done = {"outcome": "complete"}
        return done if result is None else dict(done, result=json.dumps(result))

    def _say(self, what, told):
        with self._lock:
            self._said[what].append(told)
        if what == "outcomes":
            self._wake.set()

    def _report_all(self):
        """Says at once what became of jobs, and in each heartbeat which of them still run."""
        beat_at = time.monotonic() + self._beat
        while not (self._ended and not self._said["outcomes"]):
            self._wake.wait(max(0.0, beat_at - time.monotonic()))
            self._wake.clear()
            with self._lock:
                body = {what: said[:200] for what, said in self._said.items()}
                for what, said in body.items():
                    del self._said[what][:len(said)]
                if len(self._said["outcomes"]) > 0:
                    self._wake.set()
                ended = {(one["id"], one["fence"]) for one in body["outcomes"]}
                extend = {}
                if time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + self._beat
                    for id, fence in set(self._running) - ended:
                        extend.setdefault(fence, []).append(id)
            body["extend"] = [{"fence": fence, "ids": ids} for fence, ids in extend.items()]
            try:
                self._heed(self._numbered("report", body, 20, lambda: self._ended))
            except ConnectionError:
                return
            except Refused as refused:
                print("work: a report is refused: %s" % refused, file=sys.stderr)
            with self._lock:
                self._running = {k: one for k, one in self._running.items() if k not in ended}

    def _heed(self, answer):
        with self._lock:
            for one in answer["cancels"]:
                if (one["id"], one["fence"]) in self._running:
                    self._running[one["id"], one["fence"]].cancelled.set()
                self._said["cancels_seen"].append({"id": one["id"], "fence": one["fence"]})
            for one in answer.get("extended", ()):
                for id, fence in self._running:
                    lost = one["code"] == "lease_lost" or id in one["timed_out"]
                    if fence == one["fence"] and lost:
                        self._running[id, fence].cancelled.set()


if __name__ == "__main__":
    # work.py URL NAME [ARGUMENT...]: stores a job
    print(Client(sys.argv[1], os.environ.get("WORK_TOKEN")).enqueue(*sys.argv[2:]))
