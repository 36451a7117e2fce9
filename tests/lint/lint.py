#!/usr/bin/env python3
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""The rules of the house that a program can check.

usage: lint.py              check every file of the project
       lint.py --fix        first list every .ipp in include/work/src.hpp
       lint.py --self-test  check that each rule catches what it is for

A finding is printed as  file:line: what: how to fix  [rule].
A line that must break a rule says so, with the reason, on itself or on the line above:
    // lint-allow(rule): reason
To add a rule, write a function with @rule below and a case for it in self_test.py.
"""
import os
import re
import shutil
import subprocess
import sys
import textwrap

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import await_rule  # noqa: E402

BUNDLE = "include/work/broker/redis/scripts/bundle.hpp"  # made by tools/embed
CPP = (".hpp", ".ipp", ".cpp")
FORMATTER = "clang-format-19"  # the one that .clang-format is written for
LICENCE = re.compile(r"Copyright \(c\) \d{4} The work authors\. "
                     r"Distributed under the Boost Software License, Version 1\.0\.$")
ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

# The rooms of the design, and which rooms each may look into. "base" is config, error, latency,
# log, printable, strand, task and what knows of fork(). "terms" are those headers of the front room that pools
# share with users: *_options.hpp and what a handler sees. The two brokers know what they share,
# and never each other.
BASE_HEADERS = {"build_config", "error", "fork", "fork_watch", "latency", "log", "printable",
                "sha1", "strand", "task"}
TERMS_HEADERS = {"context", "events", "job", "middleware", "outcome", "q"}
ROOMS = {
    "base": {"base"},
    "values": {"base", "values"},
    "redis": {"base", "redis"},
    "broker": {"base", "values", "broker"},
    "memory broker": {"base", "values", "broker", "memory broker"},
    "redis broker": {"base", "values", "redis", "broker", "redis broker"},
    "terms": {"base", "values", "terms"},
    "client": {"base", "values", "terms", "broker", "client"},
    "pool": {"base", "values", "terms", "broker", "pool"},
    "front": {"base", "values", "terms", "redis", "broker", "memory broker", "redis broker",
              "client", "pool", "cron", "front"},
}
ROOMS["cron"] = {"base", "values", "cron"}
for upper in ("web", "telemetry", "testing"):
    ROOMS[upper] = ROOMS["front"] | {upper}

RULES = []


def rule(function):
    RULES.append(function)
    return function


def is_cpp(path):
    return path.endswith(CPP)


def numbered(text):
    return enumerate(text.split("\n"), 1)


def includes(text):
    """(line number, header, True when in quotes) of each #include."""
    for number, line in numbered(text):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match[2], match[1] == '"'


def room_of(path):
    """The room of include/work/<path>; None for src.hpp, which gathers all of them."""
    inner = re.sub(r"^include/work/(impl/)?", "", path)
    parts = inner.split("/")
    stem = parts[0].rsplit(".", 1)[0]
    if inner == "src.hpp":
        return None
    if len(parts) == 1:
        if stem in BASE_HEADERS:
            return "base"
        if stem in TERMS_HEADERS or stem.endswith("_options"):
            return "terms"
        return stem if stem in ("web", "telemetry", "testing") else "front"
    if parts[0] == "broker" and parts[1] in ("memory", "redis"):
        return parts[1] + " broker"
    return parts[0]


def in_include(files):
    return sorted(p for p in files if p.startswith("include/") and is_cpp(p))


# ---------------------------------------------------------------- text


@rule
def line_length(files):
    for path in files:
        if not (is_cpp(path) or path.endswith(".lua")) or path == BUNDLE:
            continue
        for number, line in numbered(files[path]):
            if len(line) > 100:
                yield path, number, f"{len(line)} characters", "break the line before 100"


@rule
def raw_output(files):
    """Text from outside must not reach a log or a terminal as it is."""
    allowed = {"include/work/impl/log.ipp", "tools/print.cpp", "tools/demo/progress_bar.cpp"}
    writes = re.compile(r"\b(v?f?printf|fputs|puts|fputc|putchar|fwrite|perror|cerr|cout|clog)\b")
    for path in filter(is_cpp, files):
        if path in allowed or not path.startswith(("include/work/", "tools/")):
            continue
        for number, line in numbered(files[path]):
            if writes.search(line.split("//")[0]):
                yield (path, number, "writes to a terminal by itself",
                       "use the logger, or print_line and print_error of tools/print.hpp")


@rule
def white_space(files):
    for path, text in files.items():
        for number, line in numbered(text):
            if line != line.rstrip():
                yield path, number, "white space at the end of the line", "remove it"
            if "\t" in line and is_cpp(path):
                yield path, number, "a tab", "indent with 4 spaces"
        if text and not text.endswith("\n"):
            yield path, text.count("\n") + 1, "no newline at the end", "add one"


@rule
def licence(files):
    for path, text in files.items():
        name = os.path.basename(path)
        if not (is_cpp(path) or path.endswith((".py", ".sh", ".rb", ".mjs", ".cmake", ".lua")) or
                name in ("CMakeLists.txt", "Makefile")):
            continue
        lines = text.split("\n", 2)[:2]
        if not any(re.match(r"(//|#|--) ", line) and LICENCE.search(line) for line in lines):
            yield (path, 1, "no licence line",
                   "begin with the first line of include/work/build_config.hpp")


@rule
def pragma_once(files):
    for path in files:
        if path.endswith((".hpp", ".ipp")) and "\n#pragma once\n" not in files[path]:
            yield path, 2, "no #pragma once", "add it under the licence line"


@rule
def file_length(files):
    for path in in_include(files) + [p for p in files if p.endswith(".lua")]:
        count = 0 if path == BUNDLE else files[path].count("\n")
        if count > 500:
            yield path, 501, f"{count} lines", "split it by concept; 500 is the limit"


@rule
def unfinished(files):
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    for path, text in files.items():
        for number, line in numbered(text):
            found = words.search(line)
            if found:
                yield path, number, found[0], "do it, or open an issue and say what holds today"


@rule
def merged(files):
    marks = re.compile(r"(<{7}|>{7}|\|{7})( |$)")
    for path, text in files.items():
        for number, line in numbered(text):
            if marks.match(line):
                yield path, number, "a mark of a merge", "choose between the two sides"


@rule
def machine_paths(files):
    # An absolute path, not the middle of a longer one or of a URL.
    pattern = re.compile(r"(?<![\w.$})>*/\\-])/(?:wo" + "rk|ho" + r"me|ro" + r"ot)/")
    for path, text in files.items():
        for number, line in numbered(text):
            if pattern.search(line):
                yield path, number, "a path of one machine", "write it relative to the project"


@rule
def changelog(files):
    if not re.search(r"^## \[?Unreleased\]?", files.get("CHANGELOG.md", ""), re.M):
        yield "CHANGELOG.md", 1, "no section Unreleased", "add '## [Unreleased]' at the top"


# Words that the project does not use any more, and the one that it does: docs/glossary.md.
RETIRED = [
    (r"\b(lease_)?keepers?_?\b|\bkeeper_\w+", "heartbeat", ""),
    (r"\bhint(s|ed)?\b|\b(take|give|pop|deliver|armed)_hints?\b", "wakeup", ""),
    (r"\bstanding[ _]claims?\b", "claim on wake", ""),
    (r"\bclaim_plan\b", "fetch order", ""),
    (r"\bsteering\b", "admin", ""),
    (r"\bprobation\w*\b", "quarantine", ""),
    (r"\bmove_code\b", "admin_result", ""),
    (r"\bstruct verdict\b|\bjudge\w*\(", "retry policy", ""),
    (r"\bstraight path\b", "fast path", ""),
    (r"\blanes?(_\w+)?\b", "connection", r"/redis/"),
    (r"\bslots?_?\b(?!\()", "worker", r"include/work/(impl/)?pool/"),
    (r"\bclass producer\b|\bdetail::producer\b", "enqueue batcher", ""),
    (r"\bredis::config\b|<work/config\.hpp>", "redis::endpoint, build_config.hpp", ""),
    (r"\bbeat(_ms|_at_ms)?\b", "heartbeat, last_exchange", r"include/work/"),
]


@rule
def retired_words(files):
    """Each thing has one word; those that went do not come back."""
    for path, text in files.items():
        if not re.match(r"(include|tools|tests|docs)/|README", path) or "tests/lint/" in path:
            continue
        for word, instead, where in RETIRED:
            if not re.search(where, path):
                continue
            for found in re.finditer(word, text):
                number = text.count("\n", 0, found.start()) + 1
                yield path, number, f"'{found[0]}' is retired", f"the word is {instead}"


# ---------------------------------------------------------------- rooms


@rule
def rooms(files):
    for path in in_include(files):
        room = room_of(path)
        if room is None:
            continue
        if room not in ROOMS:
            yield (path, 1, f"the room '{room}' is not in the plan",
                   "use a room of the design, or add it to ROOMS in tests/lint/lint.py")
            continue
        for number, header, quoted in includes(files[path]):
            if quoted:
                yield path, number, f'#include "{header}"', "write <work/...>: users see it so"
                continue
            if not header.startswith("work/"):
                continue
            target = room_of("include/" + header)
            if target is None:
                yield path, number, "includes <work/src.hpp>", "only one file of a program may"
            elif target not in ROOMS[room]:
                yield (path, number, f"{room} looks into {target} (<{header}>)",
                       f"{room} may include {', '.join(sorted(ROOMS[room]))}; move the code")


@rule
def bodies(files):
    """Each .ipp is in src.hpp, and included by a header of its room."""
    gathered, included = set(), set()
    for path in in_include(files):
        for number, header, _ in includes(files[path]):
            if not (header.startswith("work/") and header.endswith(".ipp")):
                continue
            if path == "include/work/src.hpp":
                gathered.add(header)
                continue
            included.add(header)
            if room_of(path) != room_of("include/" + header):
                yield (path, number, f"includes <{header}>, a body of another room",
                       "include its header")
    for path in in_include(files):
        name = path[len("include/"):]
        if path.endswith(".ipp") and name not in gathered:
            yield ("include/work/src.hpp", 1, f"<{name}> is missing",
                   f"add #include <{name}>, or run lint.py --fix")
        if path.endswith(".ipp") and name not in included:
            yield (path, 1, "no header includes this body: header-only programs lack it",
                   "include it at the end of its header under #ifdef WORK_HEADER_ONLY")


@rule
def heavy_headers(files):
    banned = {
        "boost/asio.hpp": "include the Asio headers that are used",
        "boost/json/src.hpp": "link Boost::json",
        "regex": "write the few lines by hand: <regex> is slow to compile and to run",
        "iostream": "take a sink: <iostream> adds static initialisers to every user's file",
    }
    for path in in_include(files):
        for number, header, _ in includes(files[path]):
            if header in banned:
                yield path, number, f"includes <{header}>", banned[header]
            if re.match(r"boost/beast(/|\.hpp)", header) and room_of(path) != "web":
                yield path, number, f"includes <{header}>", "Beast belongs in include/work/web"
            if header.startswith("openssl/") and "tls" not in os.path.basename(path):
                yield path, number, f"includes <{header}>", "OpenSSL belongs in work/tls.hpp"


@rule
def light_headers(files):
    """What the front headers must not drag in, seen through all they include."""
    light = {
        "work/job.hpp": r"boost/asio",
        "work/work.hpp": r"boost/beast|openssl/|boost/asio/ssl|work/cron",
    }
    for start, unwanted in light.items():
        seen, todo = set(), [start]
        while todo:
            path = "include/" + todo.pop()
            if path in seen or path not in files:
                continue
            seen.add(path)
            for number, header, _ in includes(files[path]):
                if re.match(unwanted, header):
                    yield (path, number, f"<{start}> reaches <{header}> through here",
                           "split the header, so that users of it don't pay for that one")
                todo.append(header)


# ---------------------------------------------------------------- code


@rule
def await_temporaries(files):
    for path in filter(is_cpp, files):
        if path.startswith(("include/", "examples/", "tools/")):
            for number, what, fix in await_rule.check(files[path]):
                yield path, number, what, fix


@rule
def sleeps(files):
    pattern = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b")
    for path in filter(is_cpp, files):
        if not path.startswith("tests/") or path.startswith(("tests/promises/", "tests/support/")):
            continue
        for number, line in numbered(await_rule.blank(files[path])):
            found = pattern.search(line)
            if found:
                yield path, number, found[0], "wait for a signal or move an injected clock"


@rule
def redis_keys(files):
    """The keys that scripts and the broker name are those of docs/redis-layout.md, and all of them."""
    layout = "docs/redis-layout.md"
    if layout not in files:
        return

    def stem(name):
        return re.match(r"[a-z_]*:?", name)[0]

    told = {}
    for number, line in numbered(files[layout]):
        cells = re.split(r"(?<!\\)\|", line)
        if line.startswith("| `"):
            for name in re.findall(r"`([^`]+)`", cells[1]):
                told.setdefault(stem(name), number)
        for name in re.findall(r"Channels: `work:\{<ns>\}:([^`]+)`", line):
            told.setdefault(stem(name), number)
    named = {}
    for path in sorted(files):
        if not path.startswith("include/work/broker/redis/") or path == BUNDLE or \
                "/simulated/" in path:
            continue
        for number, line in numbered(files[path]):
            for name in re.findall(r"(?:K|KEYS\[1\]) \.\. '([a-z_:]+)|prefix_? \+ \"([a-z_:]+)", line):
                named.setdefault(stem(name[0] or name[1]), (path, number))
    for key, (path, number) in named.items():
        if key not in told:
            yield path, number, f"key {key}", f"say in {layout} what it has, and when it vanishes"
    for key, number in told.items():
        if key not in named and named:
            yield layout, number, f"key {key}", "no script and no broker names it: drop the line"


@rule
def shown_code(files):
    """```cpp blocks that begin with // <file> or // <file> [region] equal that file or region."""
    for path in sorted(p for p in files if p.endswith(".md")):
        for match in re.finditer(r"^```cpp[^\n]*\n(.*?)^```", files[path], re.M | re.S):
            number = files[path].count("\n", 0, match.start()) + 2
            first, _, rest = match[1].partition("\n")
            named = re.match(r"// ([\w./-]+\.[chi]pp)(?: \[([\w-]+)\])?$", first)
            if not named:
                if path == "README.md":
                    yield (path, number, "code that no test compiles",
                           "begin the block with // <file> or // <file> [region], and take it "
                           "from there")
                continue
            source, region = named[1], named[2]
            if source not in files:
                yield path, number, f"{source} does not exist", "name a file of the project"
                continue
            shown = region_of(files[source], region)
            if shown is None:
                yield (path, number, f"{source} has no region [{region}]",
                       f"mark it there with //[{region} and //]")
            elif shown.strip("\n") != rest.strip("\n"):
                line = first_difference(shown.strip("\n"), rest.strip("\n"))
                yield (path, number + 1 + line, f"differs from {first[3:]}",
                       "copy the code from there")


def region_of(text, region):
    if region is None:
        return "\n".join(line for line in text.split("\n")
                         if not LICENCE.search(line) and not line.startswith("// test: "))
    match = re.search(rf"^[ \t]*//\[{re.escape(region)}[ \t]*\n(.*?)^[ \t]*//\][ \t]*$",
                      text, re.M | re.S)
    return textwrap.dedent(match[1]) if match else None


def first_difference(expected, found):
    pairs = zip(expected.split("\n"), found.split("\n"))
    for index, (left, right) in enumerate(pairs):
        if left != right:
            return index
    return min(expected.count("\n"), found.count("\n"))


# ---------------------------------------------------------------- running


def allowed(files, path, number, name):
    lines = files.get(path, "").split("\n")
    near = lines[max(0, number - 2):number]
    return any(re.search(rf"lint-allow\({name}\): \S", line) for line in near)


def check(files):
    for function in RULES:
        name = function.__name__.replace("_", "-")
        for path, number, what, fix in function(files):
            if not allowed(files, path, number, name):
                yield path, number, f"{what}: {fix}", name


def project_files():
    try:
        paths = subprocess.run(
            ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=True).stdout.split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):  # no git, or a copy without it
        paths = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders
                          if f not in ("build", "node_modules", ".git", ".cache", "__pycache__")]
            paths += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
    files = {}
    for path in sorted(set(filter(None, paths))):
        if path.startswith("tests/fuzz/seeds/") or path == "tests/lint/self_test.py":
            continue
        try:
            with open(os.path.join(ROOT, path), encoding="utf-8", newline="") as file:
                files[path] = file.read()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            pass  # not text, or deleted but not yet in git
    return files


def list_bodies():
    """Writes the list of src.hpp, which nobody needs to keep by hand."""
    path = os.path.join(ROOT, "include/work/src.hpp")
    with open(path, encoding="utf-8") as file:
        head = re.sub(r"#include <.*>\n", "", file.read()).rstrip("\n") + "\n\n"
    found = sorted(p[len("include/"):] for p in project_files() if p.endswith(".ipp"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + "".join(f"#include <{name}>\n" for name in found))


def formatted(paths):
    """Files that the project's formatter would change. Only its own version tells: others differ."""
    if shutil.which(FORMATTER) is None:
        print(f"lint: {FORMATTER} is not here, the format is not checked")
        return
    names = [os.path.join(ROOT, path) for path in paths if is_cpp(path) and path != BUNDLE]
    found = subprocess.run([FORMATTER, "--dry-run", "--style=file", *names],
                           capture_output=True, text=True).stderr
    seen = set()
    for path, number in re.findall(r"^(.+?):(\d+):\d+: warning: ", found, re.M):
        path = os.path.relpath(path, ROOT)
        if path not in seen:
            seen.add(path)
            yield path, int(number), "is not formatted: run make format", "format"


def embedded():
    """The bundle of scripts is made from its files, and luacheck has nothing to say about them."""
    told = subprocess.run([sys.executable, os.path.join(ROOT, "tools/embed"), "--check"],
                          capture_output=True, text=True)
    for line in (told.stdout + told.stderr).splitlines():
        if line.startswith("embed: "):
            print(line.replace("embed:", "lint:", 1))
        else:
            path, _, message = line.partition(": ")
            yield path, 1, message, "scripts"


def main():
    if sys.argv[1:] == ["--self-test"]:
        import self_test
        sys.exit(self_test.run(check))
    if sys.argv[1:] == ["--fix"]:
        list_bodies()
    files = project_files()
    findings = sorted(set(check(files)) | set(formatted(files)) | set(embedded()))
    for path, number, message, name in findings:
        print(f"{path}:{number}: {message}  [{name}]")
    if findings:
        sys.exit(f"{len(findings)} findings")


if __name__ == "__main__":
    main()
