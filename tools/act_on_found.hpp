// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/inspector.hpp>
#include <work/task.hpp>

#include <string>

#include "access/access.hpp"
#include "connection.hpp"
#include "filter_flags.hpp"

namespace work::tool {

/// An action on whatever the filter finds, as people say it.
struct found_flags
{
    filter_flags which;
    bool all = false;
    bool dry_run = false;
    bool yes = false;
    std::int64_t expected = -1;
    std::int64_t at_most = 0;
};

/// Counts, shows some, asks, and acts; `done` is the word for it: "requeued". The exit code.
task<int> act_on_found(
    access& at,
    connection const& to,
    admin_action action,
    std::string queue,
    std::string reason,
    std::string done,
    bool json,
    found_flags const& o
);

}  // namespace work::tool
