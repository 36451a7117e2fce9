// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace work::tool {

/// What the command line chose: run it to get the exit code.
using action = std::function<int()>;

// Each adds one command, or a few of a kind, and sets `chosen` when it is the one.
void add_bench(CLI::App& program, action& chosen);
void add_broker(CLI::App& program, action& chosen);
void add_cron(CLI::App& program, action& chosen);
void add_bounds(CLI::App& program, action& chosen);
void add_limits(CLI::App& program, action& chosen);
void add_completion(CLI::App& program, action& chosen);
void add_conformance(CLI::App& program, action& chosen);
void add_demo(CLI::App& program, action& chosen);
void add_edit(CLI::App& program, action& chosen);
void add_enqueue(CLI::App& program, action& chosen);
void add_doctor(CLI::App& program, action& chosen);
void add_explain(CLI::App& program, action& chosen);
void add_fake(CLI::App& program, action& chosen);
void add_flows(CLI::App& program, action& chosen);
void add_logs(CLI::App& program, action& chosen);
void add_stats(CLI::App& program, action& chosen);
void add_healthcheck(CLI::App& program, action& chosen);
void add_job(CLI::App& program, action& chosen);
void add_jobs(CLI::App& program, action& chosen);
void add_admin(CLI::App& program, action& chosen);
void add_pause(CLI::App& program, action& chosen);
void add_orders(CLI::App& program, action& chosen);
void add_track(CLI::App& program, action& chosen);
void add_pools(CLI::App& program, action& chosen);
void add_queues(CLI::App& program, action& chosen);
/// `queues` itself is the program there.
void add_queue_removal(CLI::App& program, action& chosen);
void add_records(CLI::App& program, action& chosen);
void add_server(CLI::App& program, action& chosen);
void add_token(CLI::App& program, action& chosen);
void add_top(CLI::App& program, action& chosen);
void add_tune(CLI::App& program, action& chosen);
void add_version(CLI::App& program, action& chosen);
void add_wait(CLI::App& program, action& chosen);

}  // namespace work::tool
