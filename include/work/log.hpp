// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <functional>
#include <string_view>

namespace work {

enum class log_level { debug, info, warning, error };

/// The level's one word.
constexpr std::string_view to_string(log_level level) noexcept
{
    switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
    }
    return "info";
}

/// Takes one line without its end. Called from the pool's thread and from its heartbeat's thread,
/// so it must be callable from any thread. Lines that it throws at go to stderr.
///
/// The line is `printable` text of at most `max_log_line` bytes, whatever a job, a server or a
/// program put into it: it holds no second line, no control character and no broken UTF-8.
using logger = std::function<void(log_level, std::string_view line)>;

/// Writes `info` and above to stderr, as `2026-11-22T03:37:41.123Z warning <line>`.
WORK_DECL void log_to_stderr(log_level level, std::string_view line);

namespace detail {

/// What the library logs through: makes every line printable, and holds back what `to` throws.
/// Empty gives one that does nothing.
WORK_DECL logger safe_logger(logger to);

}  // namespace detail

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/log.ipp>
#endif
