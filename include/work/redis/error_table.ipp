// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/redis/error_table.hpp>

namespace work::redis {
namespace detail {

struct error_row
{
    std::string_view word;
    action act;
};

// The words of Redis 6.2 to 7.2 and Valkey 7.2 to 8; what isn't here is surfaced.
inline constexpr error_row error_rows[] = {
    {"READONLY", action::reconnect},    // the master became a replica
    {"UNBLOCKED", action::reconnect},   // so did the one a blocking command waited on
    {"MASTERDOWN", action::reconnect},  // a replica without its master
    {"NOAUTH", action::reconnect},      // the server forgot us, or gained a password
    {"WRONGPASS", action::reconnect},   // the password changed
    {"LOADING", action::retry},         // reading its data set
    {"BUSY", action::retry},            // a script runs
    {"UNKILLABLE", action::retry},      // a script runs that has written
    {"TRYAGAIN", action::retry},        // a slot is on the move
    {"CLUSTERDOWN", action::retry},     // a slot is not served
    {"NOREPLICAS", action::retry},      // fewer replicas than min-replicas-to-write
    {"MISCONF", action::retry},         // can't write RDB or AOF: the disk is full
    {"MOVED", action::redirect},
    {"ASK", action::redirect},
    {"NOSCRIPT", action::load_script},
    {"OOM", action::out_of_memory},
};

inline error_row const* find_error(std::string_view word) noexcept
{
    for (auto const& row : error_rows)
        if (row.word == word)
            return &row;
    return nullptr;
}

inline std::string_view first_word(std::string_view text) noexcept
{
    return text.substr(0, text.find_first_of(" :\r\n\t"));
}

}  // namespace detail

WORK_DECL std::string_view to_string(action a) noexcept
{
    switch (a) {
    case action::reconnect: return "reconnect";
    case action::retry: return "retry";
    case action::redirect: return "redirect";
    case action::load_script: return "load_script";
    case action::out_of_memory: return "out_of_memory";
    case action::surface: return "surface";
    }
    return "unknown";
}

WORK_DECL std::string_view error_word(std::string_view text) noexcept
{
    auto const word = detail::first_word(text);
    // https://github.com/sidekiq/sidekiq/issues/5271: "ERR Error running script (call to f_…):
    // @user_script:1: @user_script: 1: -READONLY You can't write against a read only replica."
    if (word != "ERR" || !text.starts_with("ERR Error running script"))
        return word;
    for (auto dash = text.find(" -"); dash != std::string_view::npos;
         dash = text.find(" -", dash + 1)) {
        auto const wrapped = detail::first_word(text.substr(dash + 2));
        if (detail::find_error(wrapped))
            return wrapped;
    }
    return word;
}

WORK_DECL action classify(std::string_view text) noexcept
{
    auto const* const row = detail::find_error(error_word(text));
    return row ? row->act : action::surface;
}

}  // namespace work::redis
