// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/context.hpp>
#include <work/task.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "demo/progress_bar.hpp"

namespace work::tool {

struct demo_options
{
    int jobs = 100;
    int concurrency = 20;  ///< of both pools together
    std::string url;       ///< empty: in this process
};

/// The job of the demonstration.
struct nap
{
    std::int64_t number = 0;
    std::int64_t ms = 0;
    static constexpr std::string_view job_name = "nap";
};

/// The founding sample: jobs that sleep, two pools that pick them up, a progress bar, a listener
/// that hears each pool finish, and the results counted.
///
/// Each pool has a client of its own, as it would in a process of its own.
class demonstration
{
public:
    explicit demonstration(demo_options options);

    /// Returns the exit code of the program.
    int run();

private:
    task<void> act();
    task<void> enqueue();
    task<void> start_listening();
    task<void> draw_until_ended();
    task<void> hear_both_pools();
    task<void> clean_up();
    task<void> sleep_one(context& job, nap one);
    task<void> pause(std::chrono::milliseconds time);
    void heard(std::string_view message);
    void await_signal();
    void start(worker_pool& pool);
    int report(std::int64_t counted_by_broker);
    client_options options_for_client();

    demo_options options_;
    std::string url_;
    std::string ns_;
    progress_bar bar_;
    boost::asio::io_context io_{1};
    client front_;  ///< enqueues, listens, looks
    std::array<client, 2> clients_;
    std::array<worker_pool, 2> pools_;
    boost::asio::signal_set signals_;

    std::vector<std::string> ids_;
    std::vector<std::uint8_t> runs_;  ///< by number, how often it ran to its end
    std::int64_t done_ = 0;
    std::int64_t slept_ms_ = 0;
    bool listening_ = false;
    int pools_ended_ = 0;
    int pools_heard_ = 0;
    std::int64_t processed_as_heard_ = 0;
    bool interrupted_ = false;
    std::chrono::steady_clock::time_point started_;
    int code_ = 1;
};

}  // namespace work::tool
