// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

// What every benchmark shares: options, a private server, a job, statistics, one way to print.

#include "arguments.hpp"
#include "jobs.hpp"
#include "report.hpp"
#include "server.hpp"
#include "statistics.hpp"

namespace bench {

/// The settings every report shows: what was given, and which server answered.
inline report::settings with_server(std::string const& url, report::settings used = {})
{
    server_info const info(url);
    used.emplace_back("redis", info.text("redis_version"));
    used.emplace_back("over", url.starts_with("unix://") ? "a unix socket" : "TCP");
    return used;
}

}  // namespace bench
