// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <string_view>

namespace work::redis {

/// What an error reply asks for.
enum class action {
    /// This is the wrong server by now, or it no longer knows us: connect anew, then send again.
    reconnect,
    /// Not now: send again on the same connection, after a pause. Nothing was carried out.
    retry,
    /// The key lives on another node of the cluster (MOVED, ASK).
    redirect,
    /// The script isn't cached: send it with its body.
    load_script,
    /// The server is at `maxmemory`.
    out_of_memory,
    /// Nothing helps but the caller: wrong type, missing permission, a mistake in a command.
    surface,
};

/// The action's name, for messages.
WORK_DECL std::string_view to_string(action a) noexcept;

/// The word an error reply is known by: its first one; in "ERR Error running script …", as servers
/// before 7.0 wrap what a command in a script answered, the wrapped one.
WORK_DECL std::string_view error_word(std::string_view text) noexcept;

/// What an error reply asks for, by its text.
WORK_DECL action classify(std::string_view text) noexcept;

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/error_table.ipp>
#endif
