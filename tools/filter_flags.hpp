// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/operation.hpp>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace work::tool {

/// Which jobs, as people say it. The same for commands that list and for those that act.
struct filter_flags
{
    std::vector<std::string> states;
    std::string queue, name, pool, tag, failure, message, args;
    int min_attempt = 0;
    std::string since;
    std::string until;

    /// Without --state where `with_state` is false.
    void add_to(CLI::App& command, bool with_state = true);
    /// Errors: errc::invalid_option, naming the flag
    kept_job_filter filter(std::int64_t now_ms) const;
    /// Whether nothing was said.
    bool empty() const;
};

}  // namespace work::tool
