#!/usr/bin/env python3
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""Passes when a file does not compile, for the reason it states.

usage: check.py FILE COMPILER [FLAG...]

The comment at the top of FILE has lines of these forms:
    // expect: REGEX   what the compiler's messages must contain; more than one: all of them
    // only: gcc<13    skip with other compilers (gcc, clang; with or without a version: < <= == >= >)
The first error must be the first expected, and all the output at most MOST_LINES lines: who made
the mistake must find the sentence.
"""
import operator
import re
import subprocess
import sys

MOST_LINES = 20
COMPARE = {"<": operator.lt, "<=": operator.le, "==": operator.eq,
           ">=": operator.ge, ">": operator.gt}


def compiler_kind(compiler):
    macros = subprocess.run(compiler + ["-dM", "-E", "-x", "c++", "/dev/null"],
                            capture_output=True, text=True, check=True).stdout
    clang = re.search(r"#define __clang_major__ (\d+)", macros)
    gcc = re.search(r"#define __GNUC__ (\d+)", macros)
    return ("clang", int(clang[1])) if clang else ("gcc", int(gcc[1]))


def main():
    path, command = sys.argv[1], sys.argv[2:]
    head = open(path, encoding="utf-8").read()
    expected = re.findall(r"^// expect: (.+?)\s*$", head, re.M)
    only = re.findall(r"^// only: (.+?)\s*$", head, re.M)
    if not expected:
        sys.exit(f"{path}:1: no line '// expect: REGEX': say what the compiler must answer")

    for condition in only:
        parsed = re.fullmatch(r"(gcc|clang)\s*(?:(<=|>=|==|<|>)\s*(\d+))?", condition)
        if not parsed:
            sys.exit(f"{path}: can't read '// only: {condition}': write gcc, clang or gcc<13")
        kind, version = compiler_kind(command[:1])
        wanted, compare, bound = parsed.groups()
        if kind != wanted or (compare and not COMPARE[compare](version, int(bound))):
            print(f"skipped: only {condition}, this is {kind} {version}")
            sys.exit(77)

    # A whole compilation, not -fsyntax-only: some templates are only instantiated at its end.
    result = subprocess.run(command + ["-O0", "-c", path, "-o", "/dev/null"],
                            capture_output=True, text=True)
    if result.returncode == 0:
        sys.exit(f"{path}: compiled, but must not: expected {expected}")
    missing = [regex for regex in expected if not re.search(regex, result.stderr)]
    if missing:
        print("\n".join(result.stderr.splitlines()[:40]))
        sys.exit(f"{path}: failed for another reason: no message matches {missing}")
    lines = result.stderr.splitlines()
    first = next(line for line in lines if re.search(r"\berror:", line))
    if not re.search(expected[0], first):
        print("\n".join(lines[:40]))
        sys.exit(f"{path}: the first error is another one: {first}")
    if len(lines) > MOST_LINES:
        print(result.stderr)
        sys.exit(f"{path}: {len(lines)} lines of messages, at most {MOST_LINES}")


main()
