// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>
#include <work/web/roles.hpp>
#include <work/web/service.hpp>

#include <string>

namespace work::web {

/// Whether the user may do that to jobs, here.
inline bool may_act(service const& at, web_request const& request, admin_action action)
{
    bool const kept = at.options.no_delete && action == admin_action::remove;
    return !at.options.read_only && !kept && request.user.may(right_for(action));
}

/// Errors: `problem` 403 forbidden
inline void check_may_act(service const& at, web_request const& request, admin_action action)
{
    if (at.options.no_delete && action == admin_action::remove)
        throw problem(
            403,
            "forbidden",
            "This server deletes no jobs: it was started with --no-delete."
        );
    right const needed = right_for(action);
    if (!request.user.may(needed))
        throw problem(
            403,
            "forbidden",
            "This needs the right " + std::string(to_string(needed)) + "."
        );
}

}  // namespace work::web
