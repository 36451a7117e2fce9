# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""What each rule of lint.py must catch, and what it must leave alone."""

HEAD = ("// Copyright (c) 2026 The work authors. "
        "Distributed under the Boost Software License, Version 1.0.\n")
TOP = HEAD + "#pragma once\n\n"

# A small project without a finding.
GOOD = {
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n",
    "README.md": "```cpp\n// examples/a.cpp [use]\nuse();\n```\n",
    "examples/a.cpp": HEAD + "int main()\n{\n    //[use\n    use();\n    //]\n}\n",
    "include/work/error.hpp": TOP + "#include <work/impl/error.ipp>\n",
    "include/work/impl/error.ipp": TOP + "#include <work/error.hpp>\n",
    "include/work/src.hpp": TOP + "#include <work/impl/error.ipp>\n",
    "include/work/values/id.hpp": TOP + "#include <work/error.hpp>\n",
    "include/work/broker/redis/redis_broker.hpp": TOP + "#include <work/redis/connection.hpp>\n",
    "include/work/redis/connection.hpp": TOP + "#include <work/error.hpp>\n",
    "include/work/client.hpp": TOP + "#include <work/broker/redis/redis_broker.hpp>\n",
    "include/work/job.hpp": TOP + "#include <work/values/id.hpp>\n",
}


def header(text):
    return {"include/work/front.hpp": TOP + text}


def coroutine(text):
    return header("work::task<void> f()\n{\n" + text + "\n}\n")


# rule, files that replace or join the good ones, (file, line) of the finding
BAD = [
    ("line-length", header("//" + "x" * 100 + "\n"), ("include/work/front.hpp", 4)),
    ("white-space", header("int i; \n"), ("include/work/front.hpp", 4)),
    ("white-space", header("\tint i;\n"), ("include/work/front.hpp", 4)),
    ("white-space", {"docs/a.md": "text"}, ("docs/a.md", 1)),
    ("raw-output", header("void f() { std::fprintf(stderr, text); }\n"),
     ("include/work/front.hpp", 4)),
    ("raw-output", {"tools/a.cpp": HEAD + "void f() { std::cerr << text; }\n"}, ("tools/a.cpp", 2)),
    ("licence", {"include/work/front.hpp": "\n#pragma once\n"}, ("include/work/front.hpp", 1)),
    ("licence", {"tools/a.sh": "#!/bin/sh\necho\n"}, ("tools/a.sh", 1)),
    ("licence", {"examples/a.mjs": "console.log(1);\n"}, ("examples/a.mjs", 1)),
    ("pragma-once", {"include/work/front.hpp": HEAD}, ("include/work/front.hpp", 2)),
    ("file-length", header("\n" * 500), ("include/work/front.hpp", 501)),
    ("unfinished", header("// TODO later\n"), ("include/work/front.hpp", 4)),
    ("merged", header("<" * 7 + " HEAD\n"), ("include/work/front.hpp", 4)),
    ("machine-paths", {"docs/a.md": "see /home/me/x\n"}, ("docs/a.md", 1)),
    ("machine-paths", {"docs/a.md": "open(\"/work/main/x\")\n"}, ("docs/a.md", 1)),
    ("changelog", {"CHANGELOG.md": "# Changelog\n"}, ("CHANGELOG.md", 1)),
    ("retired-words", header("// The keeper renews it.\n"), ("include/work/front.hpp", 4)),
    ("retired-words", {"docs/a.md": "A hint comes.\n"}, ("docs/a.md", 1)),
    ("retired-words", {"include/work/redis/connection.hpp": TOP + "struct lane_options;\n"},
     ("include/work/redis/connection.hpp", 4)),
    ("rooms", {"include/work/values/id.hpp": TOP + "#include <work/broker/broker.hpp>\n"},
     ("include/work/values/id.hpp", 4)),
    ("rooms", {"include/work/redis/connection.hpp": TOP + "#include <work/values/id.hpp>\n"},
     ("include/work/redis/connection.hpp", 4)),
    ("rooms", {"include/work/broker/broker.hpp": TOP + "#include <work/redis/connection.hpp>\n"},
     ("include/work/broker/broker.hpp", 4)),
    ("rooms", {"include/work/broker/broker.hpp": TOP + "#include <work/pool/worker.hpp>\n"},
     ("include/work/broker/broker.hpp", 4)),
    ("rooms", {"include/work/pool/worker.hpp": TOP + "#include <work/redis/connection.hpp>\n"},
     ("include/work/pool/worker.hpp", 4)),
    ("rooms", {"include/work/broker/redis/a.hpp": TOP + "#include <work/broker/memory/b.hpp>\n"},
     ("include/work/broker/redis/a.hpp", 4)),
    ("rooms", {"include/work/client/a.hpp": TOP + "#include <work/pool/pool.hpp>\n"},
     ("include/work/client/a.hpp", 4)),
    ("rooms", {"include/work/pool/worker.hpp": TOP + "#include <work/client.hpp>\n"},
     ("include/work/pool/worker.hpp", 4)),
    ("rooms", {"include/work/client.hpp": TOP + "#include <work/web/server.hpp>\n"},
     ("include/work/client.hpp", 4)),
    ("rooms", {"include/work/web/server.hpp": TOP + "#include <work/testing.hpp>\n"},
     ("include/work/web/server.hpp", 4)),
    ("rooms", {"include/work/attic/a.hpp": TOP}, ("include/work/attic/a.hpp", 1)),
    ("rooms", header('#include "error.hpp"\n'), ("include/work/front.hpp", 4)),
    ("rooms", header("#include <work/src.hpp>\n"), ("include/work/front.hpp", 4)),
    ("bodies", {"include/work/values/id.ipp": TOP}, ("include/work/src.hpp", 1)),
    ("bodies", {"include/work/values/id.ipp": TOP}, ("include/work/values/id.ipp", 1)),
    ("bodies", header("#include <work/impl/error.ipp>\n"), ("include/work/front.hpp", 4)),
    ("heavy-headers", header("#include <boost/asio.hpp>\n"), ("include/work/front.hpp", 4)),
    ("heavy-headers", header("#include <regex>\n"), ("include/work/front.hpp", 4)),
    ("heavy-headers", header("#include <iostream>\n"), ("include/work/front.hpp", 4)),
    ("heavy-headers", header("#include <boost/beast/core.hpp>\n"), ("include/work/front.hpp", 4)),
    ("light-headers",
     {"include/work/values/id.hpp": TOP + "#include <boost/asio/post.hpp>\n"},
     ("include/work/values/id.hpp", 4)),
    ("await-temporaries", coroutine('    co_await push(mail{1, "a"});'),
     ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    co_await push({});"), ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    co_await push(\n        {.a = std::string{}});"),
     ("include/work/front.hpp", 7)),
    ("await-temporaries", coroutine("    auto x = mail{1}.to + co_await name();"),
     ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    mail x{co_await name()};"), ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    if (co_await push(mail{1})) {\n        g();\n    }"),
     ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    co_await run([x] { return x; });"),
     ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    auto s = flag ? a : co_await name();"),
     ("include/work/front.hpp", 6)),
    ("await-temporaries", coroutine("    g([] {\n        co_await push(mail{1});\n    });"),
     ("include/work/front.hpp", 7)),
    ("sleeps", {"tests/pool/a.cpp": HEAD + "std::this_thread::sleep_for(1s);\n"},
     ("tests/pool/a.cpp", 2)),
    ("shown-code", {"README.md": "```cpp\n// examples/a.cpp [use]\nuse(1);\n```\n"},
     ("README.md", 3)),
    ("shown-code", {"README.md": "```cpp\n// examples/a.cpp [none]\nuse();\n```\n"},
     ("README.md", 2)),
    ("shown-code", {"README.md": "```cpp\n// examples/b.cpp\nuse();\n```\n"}, ("README.md", 2)),
    ("shown-code", {"README.md": "```cpp\nuse();\n```\n"}, ("README.md", 2)),
    ("redis-keys", {"docs/redis-layout.md": "| `jobs:<seg>` | hash |\n",
                    "include/work/broker/redis/scripts/a.lua":
                        "-- " + HEAD[3:] + "call('GET', K .. 'jobs:' .. s, K .. 'odd:')\n"},
     ("include/work/broker/redis/scripts/a.lua", 2)),
    ("redis-keys", {"docs/redis-layout.md": "| `jobs:<seg>` | hash |\n| `gone`, `x` | set |\n",
                    "include/work/broker/redis/port.hpp":
                        TOP + 'get(prefix_ + "jobs:", prefix_ + "x");\n'},
     ("docs/redis-layout.md", 2)),
    ("licence", {"include/work/broker/redis/scripts/a.lua": "#!lua\nreturn 1\n"},
     ("include/work/broker/redis/scripts/a.lua", 1)),
    ("line-length", {"include/work/broker/redis/scripts/a.lua": "-- " + HEAD[3:] + "-" * 101 + "\n"},
     ("include/work/broker/redis/scripts/a.lua", 2)),
]

# Nothing here may be found.
FINE = [
    coroutine("    co_await push(job, {.delay = 5s, .queue = \"a{b}\"});"),
    coroutine("    co_await push(job);  // not {} here"),
    coroutine("    mail x{1};\n    co_await push(x);\n    mail y{2};"),
    coroutine("    if (co_await job.checkin(\"a?b\")) {\n        mail x{1};\n    }"),
    coroutine("    while (!stopped) {\n        co_await tick();\n    }\n    mail x{1};"),
    coroutine("    for (auto& x : co_await list()) {\n        mail y{x};\n    }"),
    coroutine("    auto [a, b] = co_await pair();"),
    coroutine("    auto f = [x]() -> work::task<void> {\n        co_await g(x);\n    };"),
    coroutine("    auto f = [this](mail m) -> work::task<void> { co_await g(m); };"),
    coroutine("    try {\n        co_await g();\n    } catch (...) {\n        mail x{1};\n    }"),
    coroutine("    int i = a ? 1 : 2;\n    co_await g(i);\n    int k = a ? 1 : 2;"),
    coroutine("    switch (co_await g()) {\n    case 1: h(mail{1}); break;\n    }"),
    coroutine("    if (a)\n        co_await g();\n    else\n        h(mail{1});"),
    coroutine("    table[1] = co_await g();\n    std::vector<int> v{1, 2};"),
    coroutine("    do {\n        h(mail{1});\n    } while (co_await g());"),
    coroutine("    // lint-allow(await-temporaries): a std::chrono value\n"
              "    co_await wait(seconds{5});"),
    coroutine('    co_await push(mail, {.headers = {{"a", "b"}}, .tags = {"c"}});'),
    header("// see https://example.com/work/a and include/work/b, ${dir}/work/c\n"),
    header('char const* script = R"lua(\n  -- sleep_for {}\n)lua";\n'),
    {"tests/promises/a.cpp": HEAD + "std::this_thread::sleep_for(1s);\n"},
    {"tests/pool/a.cpp": HEAD + "// no sleep_for here\n"},
    {"include/work/pool/producer.hpp": TOP + "#include <work/client_options.hpp>\n",
     "include/work/client_options.hpp": TOP + "#include <work/values/id.hpp>\n"},
    {"include/work/web/server.hpp": TOP + "#include <boost/beast/core.hpp>\n"
                                          "#include <work/client.hpp>\n"},
    {"include/work/broker/redis/scripts/set.hpp": TOP},
    {"docs/a.md": "```cpp\nanything();\n```\n"},
    {"README.md": "```cpp\n// examples/a.cpp\n"
                  "int main()\n{\n    //[use\n    use();\n    //]\n}\n```\n"},
]


def run(check):
    failures = []
    for number, (name, files, place) in enumerate(BAD):
        found = [(rule, (path, line)) for path, line, _, rule in check({**GOOD, **files})]
        if found != [(name, place)] and (name, place) not in found:
            failures.append(f"BAD[{number}] {name}: wanted {place}, found {found}")
        if any(rule != name for rule, _ in found):
            failures.append(f"BAD[{number}] {name}: also found {found}")
    for number, files in enumerate(FINE):
        found = list(check({**GOOD, **files}))
        if found:
            failures.append(f"FINE[{number}]: found {found}")
    print("\n".join(failures) or f"{len(BAD)} bad and {len(FINE)} fine snippets told apart")
    return 1 if failures else 0
