// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/log.hpp>
#include <work/printable.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <utility>

namespace work {

WORK_DECL void log_to_stderr(log_level level, std::string_view line)
{
    if (level < log_level::info)
        return;
    auto const now = std::chrono::system_clock::now();
    auto const ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    std::time_t const seconds = static_cast<std::time_t>(ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    std::string_view const word = to_string(level);
    std::string const text = printable(line, max_log_line);
    std::fprintf(
        stderr,
        "%s.%03dZ %.*s %.*s\n",
        date,
        static_cast<int>(ms % 1000),
        static_cast<int>(word.size()),
        word.data(),
        static_cast<int>(text.size()),
        text.data()
    );
}

namespace detail {

WORK_DECL logger safe_logger(logger to)
{
    if (!to)
        return [](log_level, std::string_view) {};
    auto const blamed = std::make_shared<std::atomic<bool>>(false);
    return [to = std::move(to), blamed](log_level level, std::string_view line) {
        // A log must not decide over what is logged.
        try {
            to(level, printable(line, max_log_line));
            return;
        } catch (...) {
        }
        try {
            if (!blamed->exchange(true))
                log_to_stderr(log_level::error, "the logger threw; what it throws at comes here");
            log_to_stderr(level, line);
        } catch (...) {
            // Not even memory for a line.
        }
    };
}

}  // namespace detail

}  // namespace work
