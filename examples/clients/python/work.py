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
    retry_after = 0.0

    def __init__(self, status, problem):
        super().__init__(problem.get("detail", "status %d" % status))
        self.status = status
        self.problem = problem
        with contextlib.suppress(ValueError):  # a date, perhaps
            self.retry_after = float(problem.get("retry_after", 0))
        self.slug = problem.get("type", "").rpartition(":")[2]


class Snooze(Exception):
    """Raised by a handler: again after so many seconds, which costs no attempt."""


class Discard(Exception):
    """Raised by a handler: the job is to be dropped, and why."""


class Next(Exception):
    """Raised by a handler: on to the next stage under the same id, with all attempts anew, as
    Next(queue="gpu") or Next(name="publish", args=[7], in_ms=500). What it leaves out stays."""

    def __init__(self, **stage):
        super().__init__("on to the next stage")
        self.stage = dict(stage, **({"args": json.dumps(stage["args"])} if "args" in stage else {}))


class Fatal(Exception):
    """Raised by a handler: no other attempt would go better."""


class Uncounted(Exception):
    """Raised by a handler: it failed through no fault of its own, and no attempt is counted; again
    after its backoff, or `again` seconds."""

    def __init__(self, why, again=None):
        super().__init__(why)
        self.again = again


class Client:
    def __init__(self, url, token=None):
        self.base = url.rstrip("/") + "/api/v1"
        self.token = token
        self.longest_pause = 2.0  # seconds between two attempts of `call`

    def enqueue(self, name, *args, key=None, **options):
        """Stores a job: its id. Named options are those of POST /jobs, as in_ms or max_attempts.
        The key makes the request safe to be repeated, which `call` does for a lost answer."""
        return self.enqueue_json(name, json.dumps(list(args)), key, **options)

    def enqueue_json(self, name, text, key=None, **options):
        """With arguments that are JSON text, stored byte for byte."""
        body = dict(options, name=name, args=text)
        return self.call("POST", "/jobs", body, key=key or uuid.uuid4().hex)["id"]

    def enqueue_bulk(self, jobs, key=None):
        """Up to 1 000 jobs, each a dict of name, args and options: their ids; an exception where
        one is refused."""
        told = self.call("POST", "/jobs/bulk", {"jobs": jobs}, key=key or uuid.uuid4().hex)
        return [one.get("id") or Refused(one["status"], one) for one in told["results"]]

    def call(self, method, path, body=None, key=None, timeout=20, give_up=None):
        """Asks until there is an answer. Every request of a worker has a number, and every enqueue
        a key, so that asking again changes nothing. `give_up()`: should it end nevertheless?"""
        pause = 0.05
        while True:
            told_to_wait = 0.0
            try:
                return self._once(method, path, body, key, timeout)
            except Refused as refused:
                if refused.status not in (408, 429, 502, 503, 504, 507):
                    raise
                told_to_wait = refused.retry_after
            except (OSError, http.client.HTTPException, ValueError):
                pass  # no connection, or an answer that was cut
            if give_up and give_up():
                raise ConnectionError("the server did not answer")
            time.sleep(told_to_wait + pause * random.uniform(0.7, 1.3))
            pause = min(2 * pause, self.longest_pause)

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
            problem = {}
            with failure, contextlib.suppress(ValueError):  # a page of a proxy, perhaps
                problem = dict(json.loads(failure.read()))
            problem["retry_after"] = failure.headers.get("Retry-After", 0)
            raise Refused(failure.code, problem) from None


class Told(threading.Event):
    """An event that knows whether its news were heard: a handler that heard and returns nothing
    gave up."""
    heard = False

    def is_set(self):
        self.heard = self.heard or super().is_set()
        return super().is_set()

    def wait(self, timeout=None):
        super().wait(timeout)
        return self.is_set()


class Job:
    """A job that runs. `cancelled` is set when somebody cancelled it (`reason` is what they
    said), or its lease was lost. A handler that heard of it and returns nothing gave up; one that
    returns a result did its work."""

    def __init__(self, worker, told):
        self.worker = worker
        self.id, self.fence, self.name = told["id"], told["fence"], told["name"]
        self.attempt, self.headers = told["attempt"], told["headers"]
        self.args_text = told["args"]  # as it was stored, byte for byte
        self.cancelled, self.lost = Told(), False
        self.follow_ups, self.reason = [], ""

    @property
    def args(self):
        return json.loads(self.args_text)

    def checkin(self, message, percent=None):
        """Shows how far the job is. True: it is cancelled, and its handler should return."""
        told = {"id": self.id, "fence": self.fence, "message": message, "percent": percent}
        self.worker._say("checkins", told)
        return self.cancelled.is_set()

    def then(self, name, *args, **options):
        """A job that is stored if, and only if, this one completes (or goes on to its next stage):
        both at once."""
        self.follow_ups.append(dict(options, name=name, args=json.dumps(list(args))))

    def log(self, line):
        """Adds a line to the job's log, which keeps the last 100. Told within a heartbeat."""
        self.worker._log(self.id, self.fence, str(line)[:512])


_running = threading.local()


def job():
    """The job whose handler runs in this thread."""
    return _running.job


class Worker:
    """Runs jobs in `concurrency` threads, and extends their leases for as long as they run."""
    MOST = 1 << 20  # bytes of a result, and of the outcomes of one report but for the first
    ROWS = 200

    def __init__(self, url, token=None, concurrency=4, lease_ms=60_000, wait_ms=20_000, grace=25,
                 name=""):
        self.client = Client(url, token)
        # Many attempts fit into a lease, so that a few answers that get lost don't cost it.
        self.client.longest_pause = min(lease_ms / 20_000, 2.0)
        self.pool = "%s-%d-%s" % (socket.gethostname()[:32], os.getpid(), uuid.uuid4().hex[:8])
        self.path = "/pools/" + self.pool
        self.concurrency, self.name = concurrency, name
        self.lease_ms, self.wait_ms, self.grace, self._hurry = lease_ms, wait_ms, grace, False
        self._handlers, self._types = {}, []
        self._room, self._jobs = threading.Semaphore(concurrency), queue.Queue()
        self._running = {}  # (id, fence): Job
        self._lock = threading.Lock()
        self._said = {"outcomes": [], "checkins": [], "logs": [], "cancels_seen": []}
        self._wake, self._stopping, self._ended = threading.Event(), threading.Event(), False
        self._state, self._failure = "running", None

    def job(self, name, **options):
        """Registers a handler. Options: queue, max_attempts, backoff, timeout_ms, on_crash."""
        def add(handler):
            self._handlers[name] = handler
            self._types.append(dict(options, name=name))
            return handler

        return add

    def stop(self):
        """Running jobs end, within `grace` seconds; a second time: at once."""
        self._hurry = self._stopping.is_set()
        self._stopping.set()

    def run(self):
        """Until `stop`, SIGTERM or SIGINT: then running jobs end, and the pool leaves. Or until the
        server refuses this worker: then it raises why."""
        if threading.current_thread() is threading.main_thread():
            for one in (signal.SIGTERM, signal.SIGINT):
                signal.signal(one, lambda *_: self.stop())
        try:
            told = self._register()
        except ConnectionError:
            return
        self._next_claim, self._next_report = told["next_claim"], told["next_report"]
        reporter = threading.Thread(target=self._guarded, args=[self._report_all], daemon=True)
        loops = [threading.Thread(target=self._work, daemon=True) for _ in range(self.concurrency)]
        claimer = threading.Thread(target=self._guarded, args=[self._claim_all], daemon=True)
        for one in loops + [reporter, claimer]:
            one.start()
        while not self._stopping.wait(0.5):  # in steps, so that signals are heard
            pass
        deadline = time.monotonic() + self.grace
        while (self._running and not self._failure and not self._hurry
               and time.monotonic() < deadline):
            time.sleep(0.05)
        self._ended = True
        self._wake.set()
        reporter.join(10)
        with contextlib.suppress(Refused, ConnectionError):  # then its leases run out
            self.client.call("DELETE", self.path, give_up=lambda: True)
        if self._failure:
            raise self._failure

    def _guarded(self, loop):
        """A loop that ends by an error ends the worker, and `run` raises it."""
        try:
            loop()
        except Exception as failure:
            self._failure = self._failure or failure
            self._stopping.set()

    def _register(self):
        body = {"job_types": self._types, "language": "python", "concurrency": self.concurrency,
                "lease_ms": self.lease_ms, "name": self.name, "host": socket.gethostname()[:128],
                "pid": os.getpid()}
        told = self.client.call("PUT", self.path, body, give_up=lambda: (
            self._stopping.is_set() and not self._running))
        self._beat = told["heartbeat_ms"] / 1000
        return told

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
                    # It was silent for an hour, or the store lost it.
                    setattr(self, stream, self._register()[stream[1:]])
                elif refused.slug == "stale-number":
                    setattr(self, stream, refused.problem["next"])
                elif refused.slug == "in-flight":
                    time.sleep(0.2)  # the server still has the socket that was lost
                else:
                    raise

    def _claim_all(self):
        while not self._stopping.is_set():
            if self._state != "running":
                self._stopping.wait(0.5)
                continue
            self._room.acquire()
            want = 1
            while want < min(self.concurrency, 256) and self._room.acquire(blocking=False):
                want += 1
            jobs = []
            try:
                answer = self._numbered("claim", {"want": want, "wait_ms": self.wait_ms},
                                        self.wait_ms / 1000 + 15, self._stopping.is_set)
                jobs = answer["jobs"]
            except ConnectionError:
                answer = None
            with self._lock:
                for one in [Job(self, told) for told in jobs]:
                    self._running[one.id, one.fence] = one
                    self._jobs.put(one)
            if answer:  # of a job that it brings it may say that it is cancelled
                self._heed(answer)
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
            except Next as to:
                outcome.update(to.stage, outcome="next")
            except BaseException as failure:
                outcome.update(outcome="fail", type=type(failure).__name__[:128],
                               message=str(failure)[:2000], fatal=isinstance(failure, Fatal),
                               backtrace=traceback.format_exc()[-2000:])
                if isinstance(failure, Uncounted):
                    outcome["counts"] = False
                    if failure.again is not None:
                        outcome["retry_in_ms"] = int(failure.again * 1000)
            if one.follow_ups and outcome["outcome"] in ("complete", "discard", "next"):
                outcome["then"] = one.follow_ups
            self._say("outcomes", outcome)
            self._room.release()

    def _call(self, one):
        handler = self._handlers[one.name]
        result = handler(**one.args) if isinstance(one.args, dict) else handler(*one.args)
        done = {"outcome": "complete"}
        if result is None:
            return {"outcome": "release"} if one.cancelled.heard else done
        text = json.dumps(result, allow_nan=False)
        if len(text) > self.MOST:
            raise Fatal("its result has %d bytes, at most %d" % (len(text), self.MOST))
        return dict(done, result=text)

    def _say(self, what, told):
        with self._lock:
            if what == "checkins":  # of a job's the last one counts
                self._said[what] = [one for one in self._said[what]
                                    if (one["id"], one["fence"]) != (told["id"], told["fence"])]
            self._said[what].append(told)
        if what == "outcomes":
            self._wake.set()

    def _log(self, id, fence, line):
        with self._lock:
            for one in self._said["logs"]:
                if (one["id"], one["fence"]) == (id, fence):
                    one["lines"] = one["lines"][-99:] + [line]
                    return
            self._said["logs"].append({"id": id, "fence": fence, "lines": [line]})

    def _report_all(self):
        """Says at once what became of jobs, and in each heartbeat which of them still run."""
        beat_at = time.monotonic() + self._beat
        while not (self._ended and not self._said["outcomes"]):
            self._wake.wait(max(0.0, beat_at - time.monotonic()))
            self._wake.clear()
            with self._lock:
                body = self._take_said()
                if len(self._said["outcomes"]) > 0:
                    self._wake.set()
                ended = {(one["id"], one["fence"]) for one in body["outcomes"]}
                if time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + self._beat
                    extend = {}
                    for (id, fence), one in self._running.items():
                        if (id, fence) not in ended and not one.lost:
                            extend.setdefault(fence, []).append(id)
                    body["extend"] = [{"fence": at, "ids": ids} for at, ids in extend.items()]
            try:
                self._report(body)
            except ConnectionError:
                return
            with self._lock:
                self._running = {k: one for k, one in self._running.items() if k not in ended}

    def _take_said(self):
        """As much as fits into one report."""
        fits, size = 0, 0
        for one in self._said["outcomes"][:self.ROWS]:
            size += len(one.get("result", ""))
            if fits and size > self.MOST:
                break
            fits += 1
        counts = {"outcomes": fits, "checkins": self.ROWS, "logs": self.ROWS,
                  "cancels_seen": self.ROWS}
        body = {what: self._said[what][:count] for what, count in counts.items()}
        for what, said in body.items():
            del self._said[what][:len(said)]
        return body

    def _report(self, body):
        """What is refused is said again, one by one, so that one outcome does not take others
        along; the one that is refused by itself fails, and says why. Checkins and logs are no loss."""
        try:
            self._heed(self._numbered("report", body, 20, lambda: self._ended))
        except Refused as refused:
            if refused.status in (401, 403):
                raise
            print("work: a report is refused: %s" % refused, file=sys.stderr)
            outcomes, extend = body.get("outcomes", ()), body.get("extend")
            if len(outcomes) != 1 or len(body) > 1:
                for one in outcomes:
                    self._report({"outcomes": [one]})
                if extend and len(body) > 1:
                    self._report({"extend": extend})
            elif outcomes[0].get("type") != "refused":
                self._report({"outcomes": [{
                    "id": outcomes[0]["id"], "fence": outcomes[0]["fence"], "outcome": "fail",
                    "type": "refused", "message": str(refused), "fatal": True}]})

    def _heed(self, answer):
        self._state = answer["state"]
        if self._state == "stopping":
            self._stopping.set()
        with self._lock:
            for one in answer["cancels"]:
                if (one["id"], one["fence"]) in self._running:
                    running = self._running[one["id"], one["fence"]]
                    running.reason = one.get("reason", "")
                    running.cancelled.set()
                self._said["cancels_seen"].append({"id": one["id"], "fence": one["fence"]})
            for one in answer.get("extended", ()):
                for id, fence in self._running:
                    lost = one["code"] == "lease_lost" or id in one["timed_out"]
                    if fence == one["fence"] and lost:
                        self._running[id, fence].lost = True
                        self._running[id, fence].cancelled.set()


if __name__ == "__main__":
    # work.py URL NAME [ARGUMENT...]: stores a job
    print(Client(sys.argv[1], os.environ.get("WORK_TOKEN")).enqueue(*sys.argv[2:]))
