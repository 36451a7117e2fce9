// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>
#include <work/web/roles.hpp>

#include <string>
#include <string_view>

namespace work::web {

/// Members that hold what a job was given, gave back or said, wherever a job is shown.
inline constexpr std::string_view hidden_members[] = {
    "args",
    "args_json",
    "result",
    "progress",
    "checkin",
    "headers",
    "message",
    "sample_message",
    "text",
    "backtrace",
    "err",
    "result_fault",
    "unreadable",
    "bytes",
    // A digest of it: what it is of could be guessed.
    "version",
    "digest",
};

/// What a page says in their place.
inline constexpr std::string_view hidden_text = "(hidden)";

/// Must what jobs hold be kept from who asks? A worker gets it with its claims nevertheless.
inline bool hides(web_request const& request) noexcept
{
    return !request.user.may(right::see_args);
}

inline problem hidden_search()
{
    return problem(403, "forbidden", "What jobs hold is hidden here, so it can't be looked for.");
}

/// The JSON of one or more jobs as it is, or with null for `hidden_members`, at any depth, and
/// "hidden": true in each object that had one of them.
WORK_DECL std::string shown_json(std::string json, bool hide);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/hidden.ipp>
#endif
