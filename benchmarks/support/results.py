# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""Turns what run.py measured into a page (Markdown) and a chart (SVG).

usage: results.py FILE.json    writes FILE.md and FILE.svg anew
"""
import json
import math
import os
import sys

# The systems of the comparison: name, promise, and where each column's value comes from. A value is
# (program, measure); of several the best is taken (of concurrencies, say), as the peers' is.
COLUMNS = ("one", "bulk", "drain", "own", "redis", "p50", "p99", "idle", "bytes")
TITLES = {
    "one": "enqueue one by one, jobs/s", "bulk": "enqueue in bulk, jobs/s", "drain": "drain, jobs/s",
    "own": "worker CPU a job, µs", "redis": "Redis CPU a job, drain, µs",
    "p50": "enqueue to start, p50, ms", "p99": "p99, ms", "idle": "idle commands/s",
    "bytes": "Redis bytes a pending job"}


def number(value):
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


class Values:
    def __init__(self, record):
        self.rows = record["measurements"]

    def find(self, system, program, start):
        """The rows of a measure, by how its name and its program begin."""
        return [row for row in self.rows
                if row["system"] == system and row["program"].startswith(program) and
                row["measure"].startswith(start)]

    def median(self, system, program, start):
        found = self.find(system, program, start)
        return found[0]["median"] if found else None


def our_line(values):
    drains = [row for row in values.find("work", "drain 1", "drain, concurrency")
              if "unix" not in row["program"]]
    best = max(drains, key=lambda row: row["median"], default=None)
    program = best["program"] if best else "drain 1000"

    def of(start):
        return next((row["median"] for row in values.find("work", program, start)
                     if row["program"] == program), None)
    idle = values.find("work", "idle", "commands a second")
    return {"name": "work", "promises": "at least once",
            "one": values.median("work", "enqueue", "one by one, one coroutine"),
            "bulk": values.median("work", "enqueue", "bulk"),
            "drain": best and best["median"], "own": of("our CPU a job, drain"),
            "redis": of("Redis CPU a job, claim"),
            "p50": values.median("work", "latency apart", "enqueue to start, p50"),
            "p99": values.median("work", "latency apart", "enqueue to start, p99"),
            "idle": idle[0]["median"] if idle else None,
            "bytes": values.median("work", "memory", "Redis bytes a pending job")}


def polling_line(values, books, name, promises):
    rates = [row for row in values.find("work", "polling drain", f"drain, {books},")
             if row["unit"] == "jobs/s"]
    if not rates:
        return None
    best = max(rates, key=lambda row: row["median"])
    what = best["measure"]
    line = {"name": name, "promises": promises, "drain": best["median"],
            "own": values.median("work", "polling drain", what + ": our CPU"),
            "redis": values.median("work", "polling drain", what + ": Redis CPU")}
    if books == "reliable":
        line["p50"] = values.median("work", "polling latency 5 s", "enqueue to start, p50")
        line["p99"] = values.median("work", "polling latency 5 s", "enqueue to start, p99")
        line["idle"] = values.median("work", "polling idle 5 s", "idle commands")
    return line


def peer_line(values, system):
    rows = [row for row in values.rows if row["system"] == system]

    def of(measure):
        return next((row["median"] for row in rows if row["measure"] == measure), None)
    return {"name": f"{system} {rows[0]['version']}", "promises": rows[0]["promises"],
            "one": of("enqueue one by one"), "bulk": of("enqueue in bulk"), "drain": of("drain"),
            "own": of("drain: its CPU a job"), "redis": of("drain: Redis CPU a job"),
            "p50": of("enqueue to start, p50"), "p99": of("enqueue to start, p99"),
            "idle": of("idle commands"), "bytes": of("Redis bytes a pending job")}


def comparison(record):
    values = Values(record)
    lines = [our_line(values),
             polling_line(values, "reliable", "polling in C++", "at least once"),
             polling_line(values, "goworker", "polling, as goworker", "at most once")]
    systems = dict.fromkeys(row["system"] for row in values.rows if row["system"] != "work")
    others = [peer_line(values, system) for system in systems]
    others.sort(key=lambda line: -(line["drain"] or 0))
    return [line for line in lines if line] + others


# ---------------------------------------------------------------- Markdown


def markdown(record, chart_name):
    machine = record["machine"]
    out = [f"# Measured {record['date'][:10]}", "",
           f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
           f"{machine['system']}, Linux {machine['kernel']}. {record['server'][0].upper()}{record['server'][1:]}. "
           f"Medians of {record['rounds']} rounds, systems in turn; {record['minutes']} minutes."]
    if record["quick"]:
        out += ["", "**A quick run**: small counts, one round. For a look, not for a comparison."]
    out += ["", "    " + record["command"].strip(), "",
            *(f"- {name}: {text}" for name, text in record["versions"].items()), "",
            f"![The comparison as bars]({chart_name})", "", "## Comparison", "",
            "| system | promise | " + " | ".join(TITLES[c] for c in COLUMNS) + " |",
            "|---|---|" + "---:|" * len(COLUMNS)]
    for line in comparison(record):
        out.append(f"| {line['name']} | {line['promises']} | " +
                   " | ".join(number(line.get(c)) for c in COLUMNS) + " |")
    out += ["", "Each system at the best concurrency of a small sweep; 25 workers for latency and "
            "idle cost. What each number gives up is in [the README](../README.md). "
            "*Polling* sleeps 5 s when its queues are empty, as goworker does."]
    if record["failures"]:
        out += ["", "## Not measured", "",
                *(f"- {name}: {why}" for name, why in record["failures"].items())]
    out += ["", "## Everything"]
    last = None
    for row in record["measurements"]:
        head = (row["system"], row["program"])
        if head != last:
            last = head
            settings = ", ".join(f"{key} {value}" for key, value in row["settings"].items())
            out += ["", f"### {row['system']}: {row['program']}", "",
                    f"`{row['command']}`" if "command" in row else f"version {row['version']}", "",
                    f"{settings}; other load {max(row['foreign_cores']):.2f} cores at most", "",
                    "| measure | median | min | max | n |", "|---|---:|---:|---:|---:|"]
        out.append(f"| {row['measure']}, {row['unit']} | {number(row['median'])} | "
                   f"{number(row['min'])} | {number(row['max'])} | {row['runs']} |")
    return "\n".join(out) + "\n"


# ---------------------------------------------------------------- SVG

STYLE = """<style>
.page{fill:#ffffff}.text{fill:#1f2328}.faint{fill:#59636e}
.ours{fill:#0969da}.safe{fill:#8c959f}.unsafe{fill:none;stroke:#8c959f;stroke-dasharray:3 2}
@media (prefers-color-scheme: dark){
.page{fill:#0d1117}.text{fill:#f0f6fc}.faint{fill:#9198a1}
.ours{fill:#4493f8}.safe{fill:#656c76}.unsafe{stroke:#656c76}}
</style>
"""
PANELS = (("drain", "Drain, jobs/s (more is better)", False),
          ("bulk", "Enqueue in bulk, jobs/s (more is better)", False),
          ("p99", "Enqueue to start, idle, p99, ms (less is better; logarithmic)", True),
          ("redis", "Redis CPU a job, drain, µs (less is better; logarithmic)", True))
WIDTH, BAR, NAMES = 470, 19, 160


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def panel(lines, key, title, logarithmic, x, y):
    out = [f'<text class="text" x="{x}" y="{y}" font-weight="600">{escaped(title)}</text>']
    shown = [line for line in lines if line.get(key)]
    room = WIDTH - NAMES - 70
    most = max((line[key] for line in shown), default=1)
    least = min((line[key] for line in shown), default=1)
    for index, line in enumerate(shown):
        top = y + 10 + index * BAR
        value = line[key]
        share = value / most
        if logarithmic:
            low, high = math.log10(least) - 0.5, math.log10(most)
            share = (math.log10(value) - low) / max(0.1, high - low)
        kind = "safe" if line["promises"] == "at least once" else "unsafe"
        if line["name"] == "work":
            kind = "ours"
        length = max(1.5, room * share)
        weight = ' font-weight="600"' if kind == "ours" else ""
        out += [f'<text class="text" x="{x + NAMES - 8}" y="{top + 13}" text-anchor="end"{weight}>'
                f'{escaped(line["name"])}</text>',
                f'<rect class="{kind}" x="{x + NAMES}" y="{top + 3}" width="{length:.1f}" '
                f'height="{BAR - 7}" rx="2"/>',
                f'<text class="faint" x="{x + NAMES + length + 6:.1f}" y="{top + 13}">'
                f"{number(value)}</text>"]
    return out, len(shown) * BAR + 44


def chart(record):
    lines = comparison(record)
    body, y = [], 66
    for row in (PANELS[:2], PANELS[2:]):
        heights = []
        for column, (key, title, logarithmic) in enumerate(row):
            some, height = panel(lines, key, title, logarithmic, 16 + column * (WIDTH + 24), y)
            body += some
            heights.append(height)
        y += max(heights)
    machine = record["machine"]
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 996 {y}" width="996" height="{y}" '
            'font-family="system-ui, sans-serif" font-size="12">\n' + STYLE +
            f'<rect class="page" width="996" height="{y}" rx="6"/>\n')
    legend = (f'<text class="faint" x="16" y="26">{escaped(machine["processor"])}, '
              f'{machine["cores"]} cores, one redis-server, one worker process, no-op job, '
              f'{record["date"][:10]}{", a quick run" if record["quick"] else ""}. '
              "Dashed: at most once, a crash loses jobs.</text>")
    return head + legend + "\n" + "\n".join(body) + "\n</svg>\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    base = os.path.splitext(sys.argv[1])[0]
    with open(sys.argv[1], encoding="utf-8") as file:
        record = json.load(file)
    with open(base + ".md", "w", encoding="utf-8") as file:
        file.write(markdown(record, os.path.basename(base) + ".svg"))
    with open(base + ".svg", "w", encoding="utf-8") as file:
        file.write(chart(record))


if __name__ == "__main__":
    main()
