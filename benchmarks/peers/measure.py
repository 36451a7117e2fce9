#!/usr/bin/env python3
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""Measures other job systems with the workload our own benchmarks have.

usage: measure.py [PEER ...] [--scale 1.0] [--runs 1] [--only enqueue,drain,latency,idle]
                  [--no-install]

Each peer is one file beside this one; PEER is its name without the ending. Lines at its top say
what it needs (npm or Debian packages, installed on demand: npm's into .installed/, Debian's with
apt-get when we are root), which concurrencies to try, and with how many jobs. It is called as

    FILE ROLE PORT JOBS CONCURRENCY

and does one thing:
    single  enqueues JOBS one by one, each awaited; says {"seconds": s, "cpu": s}
    many    the same with 1 000 calls in flight, bulk in bulk; ends with status 3 when it can't
    work    runs what waits, no-op handlers, until JOBS ran; says {"seconds", "cpu", "ran"}, from the
            first job's start to the last one's
    delays  says "ready", then {"waited_ms": [...]} of the first JOBS jobs
    lone    enqueues a job each 20 ms, with the time of the steady clock in it
    idle    says "ready" and waits for work until it is killed

Every measure has a private redis-server without persistence, on loopback. Printed is one JSON
object a line: {"system", "version", "measure", "value", "unit", "settings"}, or {"system", "error"}
for a peer that could not be measured.
"""
import argparse
import json
import os
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
INSTALLED = os.path.join(HERE, ".installed")
RUN = {".cjs": ["node"], ".rb": ["ruby"], ".py": ["/usr/bin/python3"]}


class Failed(Exception):
    pass


# ---------------------------------------------------------------- a server of our own


class Redis:
    """A redis-server without persistence, with the settings all systems get."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="work-peers-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", self.folder, "--logfile", self.folder + "/log"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self.info()
                return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        raise Failed("redis-server did not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def info(self):
        """INFO over a connection of its own: one command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.sendall(b"*2\r\n$4\r\nINFO\r\n$3\r\nall\r\n")
            file = link.makefile("rb")
            text = file.read(int(file.readline()[1:])).decode()
        return dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line)

    def number(self, name):
        return float(self.info()[name])

    def cpu(self):
        info = self.info()
        return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


# ---------------------------------------------------------------- a peer


class Peer:
    def __init__(self, path):
        self.path = path
        self.key, ending = os.path.splitext(os.path.basename(path))
        with open(path, encoding="utf-8") as file:
            head = file.read(2000)
        fields = dict(re.findall(r"^(?://|#) ([a-z ]+): (.+)$", head, re.M))
        self.name = fields["peer"]
        self.kind, *self.packages = fields["needs"].split()
        self.sweep = [int(word) for word in fields["sweep"].split()]
        self.jobs = int(fields["jobs"])
        self.promises = fields["promises"]
        self.command = RUN[ending] + [path]
        self.version = ""
        self.errors = None
        self.best = None
        self.environment = dict(os.environ, NODE_PATH=INSTALLED + "/node_modules",
                                PYTHONDONTWRITEBYTECODE="1", NODE_ENV="production")

    # Installing. Says in one sentence why it can't.

    def make_ready(self, may_install):
        if not self.is_installed():
            if not may_install:
                raise Failed("not installed: needs " + ", ".join(self.packages))
            if self.kind == "npm":
                self.install_npm()
            else:
                self.install_apt()
            if not self.is_installed():
                raise Failed("not installed: " + ", ".join(self.packages) + " could not be had")
        if self.kind == "npm":
            with open(f"{INSTALLED}/node_modules/{self.npm_name()}/package.json",
                      encoding="utf-8") as file:
                self.version = json.load(file)["version"]
        else:
            self.version = subprocess.run(
                ["dpkg-query", "-W", "-f=${Version}", self.packages[0]], capture_output=True,
                text=True, check=True).stdout.split("+")[0].split("-")[0]

    def npm_name(self):
        return self.packages[0].rsplit("@", 1)[0]

    def is_installed(self):
        if not shutil.which(self.command[0]):
            return False
        if self.kind == "npm":
            return os.path.exists(f"{INSTALLED}/node_modules/{self.npm_name()}/package.json")
        return all(
            subprocess.run(["dpkg-query", "-W", "-f=${db:Status-Status}", package],
                           capture_output=True, text=True, check=False).stdout == "installed"
            for package in self.packages) if shutil.which("dpkg-query") else False

    def install_npm(self):
        if not shutil.which("npm"):
            raise Failed("not installed: there is no npm")
        os.makedirs(INSTALLED, exist_ok=True)
        manifest = os.path.join(INSTALLED, "package.json")
        if not os.path.exists(manifest):
            with open(manifest, "w", encoding="utf-8") as file:
                file.write('{"private": true}\n')
        done = quietly(["npm", "install", "--no-fund", "--no-audit", "--prefix", INSTALLED,
                        *self.packages], 300)
        if done:
            raise Failed(f"not installed: npm install {' '.join(self.packages)}: {done}")

    def install_apt(self):
        if not shutil.which("apt-get"):
            raise Failed("not installed: there is no apt-get for " + " ".join(self.packages))
        if os.geteuid() != 0:
            raise Failed("not installed: run as root: apt-get install " + " ".join(self.packages))
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "--no-remove",
                   *self.packages]
        if quietly(install, 300):
            quietly(["apt-get", "update", "-qq"], 120)
            done = quietly(install, 300)
            if done:
                raise Failed(f"not installed: apt-get install {' '.join(self.packages)}: {done}")

    # Running.

    def start(self, role, redis, jobs, concurrency):
        # Into a file: a pipe that nobody reads would stop it.
        self.errors = tempfile.TemporaryFile()
        return subprocess.Popen(
            [*self.command, role, str(redis.port), str(jobs), str(concurrency)], cwd=HERE,
            stdout=subprocess.PIPE, stderr=self.errors, env=self.environment,
            start_new_session=True)

    def last_error(self):
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").split("\n")
        said = [line.strip() for line in lines if re.search(r"(error|exception)", line, re.I)]
        return (said or [line for line in lines if line.strip()] or ["it said nothing"])[0][:200]

    def ask(self, role, redis, jobs, concurrency=1, patience=300):
        """Runs a role to its end; None when the peer does not have it."""
        process = self.start(role, redis, jobs, concurrency)
        try:
            line = hear(process, patience)
            if line is None:
                process.wait(patience)
                if process.returncode == 3:
                    return None
                if role == "lone" and process.returncode == 0:
                    return {}
                raise Failed(f"{role} failed: {self.last_error()}")
            return json.loads(line)
        finally:
            end(process)


def quietly(command, patience):
    """Runs a command; returns why it failed, or nothing."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False,
                              env=environment)
    except subprocess.TimeoutExpired:
        return f"no answer within {patience} s"
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.strip().split("\n") if line.strip()]
    said = [line for line in lines if re.match(r"npm error|npm ERR|E:", line)] or lines
    # No addresses and no paths of this machine: the text ends up in a published record.
    return re.sub(r"\w+://\S+|(?<!\S)/\S+", "…", (said or ["it failed"])[0])


def hear(process, patience):
    """The process's next word to us; None at its end. What else it prints is passed over."""
    until = time.monotonic() + patience
    heard = getattr(process, "heard", b"")
    while True:
        line, newline, rest = heard.partition(b"\n")
        if newline:
            heard = process.heard = rest
            if line == b"ready" or line.startswith(b"{\""):
                return line.decode()
            continue
        ready, _, _ = select.select([process.stdout], [], [], max(0, until - time.monotonic()))
        if not ready:
            raise Failed(f"no answer within {patience} s")
        some = os.read(process.stdout.fileno(), 65536)
        if not some:
            return None
        heard += some


def end(process):
    """Gives it a moment to acknowledge what it ran, then ends it and all it started."""
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()


# ---------------------------------------------------------------- measures


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share / 100 * (len(ordered) - 1) + 0.5))]


def measure_enqueue(peer, scale):
    singles = max(200, int(min(peer.jobs, 20_000) * scale))
    for role, jobs, what in (("single", singles, "enqueue one by one"),
                             ("many", singles, "enqueue, 1000 in flight"),
                             ("bulk", max(1000, int(peer.jobs * scale)), "enqueue in bulk")):
        with Redis() as redis:
            memory, cpu = redis.number("used_memory"), redis.cpu()
            said = peer.ask(role, redis, jobs)
            if said is None:
                continue
            yield what, jobs / said["seconds"], "jobs/s", {"jobs": jobs}
            yield f"{what}: its CPU a job", said["cpu"] * 1e6 / jobs, "us", {"jobs": jobs}
            yield (f"{what}: Redis CPU a job", (redis.cpu() - cpu) * 1e6 / jobs, "us",
                   {"jobs": jobs})
            if role != "many":
                last = ("Redis bytes a pending job", (redis.number("used_memory") - memory) / jobs,
                        "bytes", {"jobs": jobs})
    yield last


def drain(peer, jobs, concurrency):
    with Redis() as redis:
        if peer.ask("bulk", redis, jobs) is None:
            peer.ask("single", redis, jobs)
        cpu = redis.cpu()
        said = peer.ask("work", redis, jobs, concurrency)
        if said["ran"] != jobs:
            raise Failed(f"{said['ran']} of {jobs} jobs ran")
        return jobs / said["seconds"], said["cpu"] * 1e6 / jobs, (redis.cpu() - cpu) * 1e6 / jobs


def best_concurrency(peer, scale):
    """The best of a small sweep, with a fifth of the jobs."""
    if len(peer.sweep) == 1:
        return peer.sweep[0], {}
    jobs = max(500, int(peer.jobs * scale / 5))
    rates = {concurrency: drain(peer, jobs, concurrency)[0] for concurrency in peer.sweep}
    return max(rates, key=rates.get), {str(c): round(rate) for c, rate in rates.items()}


def measure_drain(peer, scale):
    if peer.best is None:  # later runs keep what the first one chose
        peer.best = best_concurrency(peer, scale)
    concurrency, tried = peer.best
    jobs = max(500, int(peer.jobs * scale))
    rate, own, redis = drain(peer, jobs, concurrency)
    settings = {"jobs": jobs, "concurrency": concurrency, "tried": tried}
    yield "drain", rate, "jobs/s", settings
    yield "drain: its CPU a job", own, "us", settings
    yield "drain: Redis CPU a job", redis, "us", settings


def workers_of(peer):
    return 25 if max(peer.sweep) >= 25 else max(peer.sweep)


def measure_latency(peer, scale):
    jobs = max(100, int(1000 * scale))
    workers = workers_of(peer)
    with Redis() as redis:
        consumer = peer.start("delays", redis, jobs, workers)
        try:
            if hear(consumer, 60) is None:
                raise Failed(f"delays failed: {peer.last_error()}")
            time.sleep(1)
            peer.ask("lone", redis, jobs)
            said = hear(consumer, 60)
            if said is None:
                raise Failed(f"delays failed: {peer.last_error()}")
            waited = json.loads(said)["waited_ms"]
        finally:
            end(consumer)
    settings = {"jobs": jobs, "every": "20 ms", "workers": workers}
    for share in (50, 99, 99.9):
        yield f"enqueue to start, p{share:g}", percentile(waited, share), "ms", settings


def measure_idle(peer, scale):
    seconds = 20 if scale >= 1 else 6
    workers = workers_of(peer)
    with Redis() as redis:
        process = peer.start("idle", redis, 0, workers)
        try:
            if hear(process, 60) is None:
                raise Failed(f"idle failed: {peer.last_error()}")
            time.sleep(5)
            before = redis.number("total_commands_processed")
            time.sleep(seconds)
            count = redis.number("total_commands_processed") - before - 1  # one INFO is ours
        finally:
            end(process)
    yield "idle commands", count / seconds, "1/s", {"workers": workers, "seconds": seconds}


MEASURES = {"enqueue": measure_enqueue, "drain": measure_drain, "latency": measure_latency,
            "idle": measure_idle}


def all_peers():
    found = []
    for name in sorted(os.listdir(HERE)):
        path = os.path.join(HERE, name)
        if os.path.splitext(name)[1] in RUN and os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                if re.search(r"^(?://|#) peer: ", file.read(2000), re.M):
                    found.append(Peer(path))
    return found


def measure(peer, what, scale):
    """Yields what one measure of one peer gives, as the lines that are printed."""
    for name, value, unit, settings in MEASURES[what](peer, scale):
        yield {"system": peer.name, "version": peer.version, "promises": peer.promises,
               "measure": name, "value": round(value, 4), "unit": unit, "settings": settings}


def main():
    options = argparse.ArgumentParser(description="Measures other job systems.")
    options.add_argument("peers", nargs="*")
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--only", default=",".join(MEASURES))
    options.add_argument("--no-install", action="store_true")
    given = options.parse_args()
    chosen = [peer for peer in all_peers() if not given.peers or peer.key in given.peers]
    if not chosen:
        sys.exit("no such peer; there are: " + ", ".join(peer.key for peer in all_peers()))
    for peer in chosen:
        try:
            peer.make_ready(not given.no_install)
            for what in given.only.split(","):
                lines = [list(measure(peer, what, given.scale)) for _ in range(given.runs)]
                for same in zip(*lines):
                    line = dict(same[0])
                    line["value"] = statistics.median(one["value"] for one in same)
                    print(json.dumps(line), flush=True)
        except (Failed, OSError, ValueError, KeyError) as failure:
            print(json.dumps({"system": peer.name, "error": str(failure)}), flush=True)


if __name__ == "__main__":
    main()
