// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/config.hpp>

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

/// Takes one line without its end. Called from the pool's thread and from its keeper's thread, so
/// it must be callable from any thread; it must not throw.
using logger = std::function<void(log_level, std::string_view line)>;

/// Writes `info` and above to stderr, as `2026-11-22T03:37:41.123Z warning <line>`.
WORK_DECL void log_to_stderr(log_level level, std::string_view line);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/log.ipp>
#endif
