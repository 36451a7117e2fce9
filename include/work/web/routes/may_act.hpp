// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>
#include <work/web/roles.hpp>
#include <work/web/service.hpp>

#include <string>
#include <utility>

namespace work::web {

/// Why the user may not do that to jobs, here; "": it may.
inline std::string why_not(service const& at, web_request const& request, admin_action action)
{
    if (at.options.no_delete && action == admin_action::remove)
        return "This server deletes no jobs: it was started with --no-delete.";
    right const needed = right_for(action);
    if (!request.user.may(needed))
        return "This needs the right " + std::string(to_string(needed)) + ".";
    return "";
}

/// What a server that only reads refuses is refused before any route is asked.
inline bool may_act(service const& at, web_request const& request, admin_action action)
{
    return !at.options.read_only && why_not(at, request, action).empty();
}

/// Errors: `problem` 403 forbidden
inline void check_may_act(service const& at, web_request const& request, admin_action action)
{
    if (std::string why = why_not(at, request, action); !why.empty())
        throw problem(403, "forbidden", std::move(why));
}

}  // namespace work::web
