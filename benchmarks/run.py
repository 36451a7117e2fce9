#!/usr/bin/env python3
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""Runs every benchmark in turn, ours and the peers', and writes what came out.

usage: benchmarks/run.py [--quick] [--runs 3] [--large] [--only NAME,...] [--no-peers]
                         [--no-install] [--programs DIR] [--results DIR] [--name NAME]
                         [--patience SECONDS]

Builds the programs (the release preset) unless --programs says where they are. Systems take turns:
each round measures all of them once, so that what changes on the machine changes for all. Before
each measurement it waits until less than half a core is busy with other things (at most --patience
seconds), and it notes how much was busy while it ran. Takes half an hour; --quick, one round
of small counts, about 3. --large adds 5 million pending jobs (3 GB of memory).

Writes NAME.json, NAME.md and NAME.svg (NAME: today's date) into benchmarks/results.
"""
import argparse
import datetime
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(HERE, "peers"))
sys.path.insert(0, os.path.join(HERE, "support"))
import measure as peers  # noqa: E402
import results  # noqa: E402

PROGRAMS = ("ceiling", "drain", "enqueue", "growth", "idle", "latency", "load", "memory", "overhead",
            "polling", "ways")


class Item:
    """One call of one of our programs. `quick`: the options of --quick, None: left out there.
    `once`: what does not vary from run to run, or takes long."""

    def __init__(self, name, options, quick, once=False):
        self.name, self.options, self.quick, self.once = name, options, quick, once
        self.program = name.split()[0]


PLAN = [
    Item("ceiling", "--jobs 200000 --runs 1", "--jobs 100000 --runs 1"),
    Item("enqueue", "--jobs 200000 --runs 1", "--jobs 100000 --runs 1"),
    Item("drain 1000", "--jobs 200000 --concurrency 1000 --runs 1", "--jobs 100000 --runs 1"),
    Item("drain 1", "--jobs 50000 --concurrency 1 --runs 1", None),
    Item("drain 10", "--jobs 200000 --concurrency 10 --runs 1", None),
    Item("drain 100", "--jobs 200000 --concurrency 100 --runs 1", None),
    Item("drain 10000", "--jobs 200000 --concurrency 10000 --runs 1", None),
    Item("drain 1000, batch 1", "--jobs 50000 --concurrency 1000 --batch 1 --runs 1", None),
    Item("drain 1000, batch 16", "--jobs 200000 --concurrency 1000 --batch 16 --runs 1", None),
    Item("drain 1000, batch 64", "--jobs 200000 --concurrency 1000 --batch 64 --runs 1", None),
    Item("drain unix socket", "--jobs 200000 --concurrency 1000 --runs 1 --unix", None),
    Item("polling drain", "--only drain --jobs 200000 --workers 25,100,1000 --runs 1",
         "--only drain --jobs 100000 --workers 100 --runs 1"),
    Item("latency apart", "--jobs 1000 --scheduled 0 --apart", "--jobs 300 --scheduled 0 --apart"),
    Item("latency", "--jobs 1000 --scheduled 200", None),
    Item("ways", "--jobs 30000 --runs 1", "--jobs 10000 --runs 1"),
    Item("load", "--percent 50 --seconds 5", "--percent 50 --seconds 3"),
    Item("overhead", "--runs 1", "--runs 1 --calls 200000"),
    Item("polling latency 5 s", "--only latency --interval-ms 5000 --lone-jobs 1000",
         "--only latency --interval-ms 5000 --lone-jobs 300"),
    Item("polling latency 100 ms", "--only latency --interval-ms 100 --lone-jobs 1000", None),
    Item("idle 25", "--workers 25 --seconds 31", None, once=True),
    Item("idle 1000", "--workers 1000 --seconds 31", "--workers 1000 --seconds 6", once=True),
    Item("idle 100000", "--workers 100000 --seconds 31", None, once=True),
    Item("polling idle 5 s", "--only idle --interval-ms 5000 --seconds 20",
         "--only idle --interval-ms 5000 --seconds 5", once=True),
    Item("polling idle 100 ms", "--only idle --interval-ms 100 --seconds 10", None, once=True),
    Item("memory", "--pending 100000 --in-flight 100000",
         "--pending 50000 --in-flight 50000 --sleep-ms 3000", once=True),
    Item("growth pending", "--only pending --pending 1000,100000,1000000 --runs 3",
         "--only pending --pending 1000,100000 --runs 1", once=True),
    Item("growth types", "--only types --jobs 200000 --runs 3",
         "--only types --types 1,500 --jobs 50000 --runs 1", once=True),
    Item("growth queues", "--only queues --runs 3", "--only queues --runs 1", once=True),
    Item("growth processes", "--only processes --jobs 400000 --runs 3",
         "--only processes --processes 1,2 --jobs 100000 --runs 1", once=True),
]
LARGE = Item("growth pending 5 million", "--only pending --pending 5000000 --runs 1", None, once=True)
QUICK_PEERS = ("bullmq", "bee_queue", "sidekiq")
ONCE_PEERS = ("idle",)


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- other people's load


def busy_seconds():
    """CPU seconds that all cores spent on anything, stolen ones too."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(word) for word in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """CPU seconds of this program and of what it ran to its end."""
    return sum(usage.ru_utime + usage.ru_stime
               for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


class Watch:
    """How many cores were busy with something else."""

    def __init__(self):
        self.start, self.busy, self.own = time.monotonic(), busy_seconds(), own_seconds()

    def foreign(self):
        spent = (busy_seconds() - self.busy) - (own_seconds() - self.own)
        return round(max(0.0, spent / max(0.01, time.monotonic() - self.start)), 3)


def wait_until_quiet(patience):
    """Waits for less than half a busy core; returns what was busy at the end."""
    until = time.monotonic() + patience
    told = False
    while True:
        watch = Watch()
        time.sleep(0.5)
        foreign = watch.foreign()
        if foreign < 0.5 or time.monotonic() > until:
            return foreign
        if not told:
            say(f"    waiting: {foreign:.1f} cores are busy with other things")
            told = True


# ---------------------------------------------------------------- what is measured


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        return (done.stdout or done.stderr).strip().split("\n")[0]
    except OSError:
        return ""


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.readline().split()[1]) / (1 << 20)
    system = ""
    if os.path.exists("/etc/os-release"):
        with open("/etc/os-release", encoding="utf-8") as file:
            system = re.search(r'PRETTY_NAME="?([^"\n]*)', file.read())[1]
    return {"processor": model[1] if model else platform.machine(), "cores": os.cpu_count(),
            "memory": f"{memory:.0f} GiB", "system": system, "kernel": platform.release()}


def versions():
    found = {"redis-server": first_line("redis-server", "--version"),
             "compiler": first_line("c++", "--version"), "node": first_line("node", "--version"),
             "ruby": first_line("ruby", "--version"),
             "python": first_line("/usr/bin/python3", "--version"),
             "work": first_line("git", "describe", "--always", "--dirty")}
    return {name: text for name, text in found.items() if text}


def build():
    if not shutil.which("cmake"):
        sys.exit("run.py: cmake is missing; tools/bootstrap.sh bench installs what is needed")
    for command in (["cmake", "--preset", "release", "-DWORK_BUILD_TESTS=OFF",
                     "-DWORK_BUILD_EXAMPLES=OFF"],
                    ["cmake", "--build", "--preset", "release", "--target",
                     *(f"bench_{name}" for name in (*PROGRAMS, "tune"))]):
        say("== " + " ".join(command[:4]))
        if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit("run.py: the benchmarks could not be built")
    return os.path.join(ROOT, "build", "release", "benchmarks")


class Book:
    """All values, by system and measure, in the order they first came."""

    def __init__(self):
        self.entries = {}
        self.failures = {}

    def add(self, system, program, name, unit, values, **more):
        entry = self.entries.setdefault((system, program, name), {
            "system": system, "program": program, "measure": name, "unit": unit, "values": [],
            "foreign_cores": [], **{k: v for k, v in more.items() if k != "foreign"}})
        entry["values"] += values
        entry["foreign_cores"].append(more["foreign"])

    def rows(self):
        for entry in self.entries.values():
            values = entry.pop("values")
            yield {**entry, "median": statistics.median(values), "min": min(values),
                   "max": max(values), "runs": len(values)}


def run_program(book, folder, item, options, patience):
    before = wait_until_quiet(patience)
    watch = Watch()
    command = [os.path.join(folder, "bench_" + item.program), *options.split(), "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            raise peers.Failed((done.stderr.strip().split("\n") or ["it failed"])[-1])
        said = json.loads(done.stdout)
    except (peers.Failed, OSError, ValueError, subprocess.TimeoutExpired) as failure:
        say(f"    {item.name} FAILED: {failure}")
        book.failures[item.name] = str(failure)
        return
    foreign = watch.foreign()
    command[0] = "bench_" + item.program
    for row in said["rows"]:
        values = [row["median"]] if row["runs"] == 1 else [row["min"], row["median"], row["max"]]
        book.add("work", item.name, row["measure"], row["unit"], values, foreign=foreign,
                 busy_before=before, settings=said["settings"], command=" ".join(command[:-1]))


def run_peer(book, peer, what, scale, patience):
    wait_until_quiet(patience)
    watch = Watch()
    try:
        lines = list(peers.measure(peer, what, scale))
    except (peers.Failed, OSError, ValueError, KeyError) as failure:
        say(f"    {peer.name}, {what} FAILED: {failure}")
        book.failures[f"{peer.name}, {what}"] = str(failure)
        return
    foreign = watch.foreign()
    for line in lines:
        book.add(peer.name, "peers/" + os.path.basename(peer.path), line["measure"], line["unit"],
                 [line["value"]], foreign=foreign, version=peer.version, promises=peer.promises,
                 settings=line["settings"])


def usable_peers(given, book):
    ready = []
    for peer in [] if given.no_peers else peers.all_peers():
        if given.only and peer.key not in given.only and "peers" not in given.only:
            continue
        if given.quick and peer.key not in QUICK_PEERS:
            continue
        try:
            peer.make_ready(not given.no_install)
            ready.append(peer)
            say(f"    {peer.name} {peer.version}")
        except (peers.Failed, OSError, subprocess.SubprocessError) as failure:
            say(f"    {peer.name}: {failure}")
            book.failures[peer.name] = str(failure)
    return ready


def options_given():
    options = argparse.ArgumentParser(description="Runs every benchmark in turn.")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--runs", type=int)
    options.add_argument("--large", action="store_true")
    options.add_argument("--only", type=lambda text: text.split(","))
    options.add_argument("--no-peers", action="store_true")
    options.add_argument("--no-install", action="store_true")
    options.add_argument("--programs")
    options.add_argument("--results", default=os.path.join(HERE, "results"))
    options.add_argument("--name", default=datetime.date.today().isoformat())
    options.add_argument("--patience", type=float, default=60)
    given = options.parse_args()
    given.runs = given.runs or (1 if given.quick else 3)
    return given


def main():
    given = options_given()
    started = time.monotonic()
    folder = given.programs or build()
    book = Book()
    say("== peers")
    ready = usable_peers(given, book)
    plan = [item for item in PLAN + ([LARGE] if given.large else [])
            if (item.quick is not None or not given.quick) and
            (not given.only or item.program in given.only)]
    for number in range(given.runs):
        say(f"== round {number + 1} of {given.runs}")
        for item in plan:
            if number == 0 or not item.once:
                say(f"  {item.name}")
                run_program(book, folder, item, item.quick if given.quick else item.options,
                            given.patience)
        for peer in ready:
            for what in peers.MEASURES:
                if what in ONCE_PEERS and (number > 0 or given.quick):
                    continue
                say(f"  {peer.name}, {what}")
                run_peer(book, peer, what, 0.1 if given.quick else 1.0, given.patience)
    record = {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": "benchmarks/run.py " + " ".join(sys.argv[1:]),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "machine": machine(), "versions": versions(), "rounds": given.runs, "quick": given.quick,
        "server": "a private redis-server for each measurement, no persistence, loopback TCP",
        "failures": book.failures, "measurements": list(book.rows())}
    os.makedirs(given.results, exist_ok=True)
    base = os.path.join(given.results, given.name)
    with open(base + ".json", "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")
    with open(base + ".md", "w", encoding="utf-8") as file:
        file.write(results.markdown(record, os.path.basename(base) + ".svg"))
    with open(base + ".svg", "w", encoding="utf-8") as file:
        file.write(results.chart(record))
    say(f"== {base}.json, .md, .svg: {record['minutes']} minutes, {len(book.failures)} failures")
    sys.exit(1 if any(name in book.failures for name in (item.name for item in plan)) else 0)


if __name__ == "__main__":
    main()
