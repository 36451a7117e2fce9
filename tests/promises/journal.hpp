// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace promises {

/// Microseconds of the machine's steady clock: the same for all processes.
inline std::int64_t steady_us()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch()
    )
        .count();
}

/// One line of the journal that the workers of a test write together.
struct entry
{
    char kind = 0;  ///< '+' started, '-' ended, '!' was cancelled
    std::int64_t index = 0;
    std::string id;
    std::int64_t fence = 0;
    int attempt = 0;
    ::pid_t pid = 0;
    std::int64_t at_us = 0;
    std::string reason;  ///< of '!'
};

/// Appends lines in one write each, which the kernel keeps whatever becomes of the process.
class journal
{
public:
    explicit journal(std::string const& path)
        : file_(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600))
    {
        if (file_ < 0)
            throw std::runtime_error("no journal at " + path);
    }
    journal(journal const&) = delete;
    journal& operator=(journal const&) = delete;
    ~journal() { ::close(file_); }

    void write(
        char kind,
        std::int64_t index,
        std::string_view id,
        std::int64_t fence,
        int attempt,
        char const* reason = "-"
    ) const
    {
        char line[256];
        int const size = std::snprintf(
            line,
            sizeof line,
            "%c %lld %.*s %lld %d %d %lld %s\n",
            kind,
            static_cast<long long>(index),
            static_cast<int>(id.size()),
            id.data(),
            static_cast<long long>(fence),
            attempt,
            static_cast<int>(::getpid()),
            static_cast<long long>(steady_us()),
            reason
        );
        if (::write(file_, line, static_cast<std::size_t>(size)) != size)
            std::perror("journal");
    }

private:
    int file_;
};

inline std::vector<entry> read_journal(std::string const& path)
{
    std::vector<entry> all;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (file.eof())
            break;  // it is being written just now
        std::istringstream words(line);
        entry e;
        words >> e.kind >> e.index >> e.id >> e.fence >> e.attempt >> e.pid >> e.at_us >> e.reason;
        if (!words)
            throw std::runtime_error("not a line of the journal: " + line);
        all.push_back(e);
    }
    return all;
}

/// One execution of a job: its start, and its end if there was one.
struct execution
{
    entry start;
    bool ended = false;
    bool interrupted = false;
    std::int64_t end_us = 0;
    std::string reason;
};

/// The executions of each job, by its index, in the order they started.
using executions = std::map<std::int64_t, std::vector<execution>>;

inline executions by_job(std::vector<entry> const& journal)
{
    executions all;
    for (entry const& e : journal) {
        std::vector<execution>& runs = all[e.index];
        if (e.kind == '+') {
            execution run;
            run.start = e;
            runs.push_back(run);
            continue;
        }
        for (execution& run : runs) {
            if (run.start.fence != e.fence || run.start.pid != e.pid || run.ended)
                continue;
            run.ended = true;
            run.interrupted = e.kind == '!';
            run.end_us = e.at_us;
            run.reason = e.reason;
        }
    }
    return all;
}

}  // namespace promises
