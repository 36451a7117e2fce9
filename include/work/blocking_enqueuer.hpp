// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>
#include <work/config.hpp>
#include <work/enqueuer.hpp>
#include <work/job_handle.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace work {

/// Stores jobs from code without coroutines: each call returns when the job is stored.
///
///     work::blocking_enqueuer jobs{"redis://127.0.0.1:6379"};
///     jobs.enqueue<send_email>(42, "ada@example.com");
///
/// It has a client, and a thread of its own to run it on. Calls take what `enqueuer`'s take. What
/// many threads enqueue at once goes out together.
///
/// \par Errors        as `enqueuer`
/// \par Thread safety any thread, but not from a coroutine: it would block its loop.
class blocking_enqueuer
{
public:
    explicit blocking_enqueuer(std::string_view url, client_options options = {})
        : client_(io_, url, std::move(options)), enqueuer_(client_), busy_(io_.get_executor()),
          thread_([this] { io_.run(); })
    {
    }
    ~blocking_enqueuer()
    {
        busy_.reset();
        io_.stop();
        thread_.join();
    }
    blocking_enqueuer(blocking_enqueuer const&) = delete;
    blocking_enqueuer& operator=(blocking_enqueuer const&) = delete;

    template <typename... Arguments>
    job_handle enqueue(Arguments const&... arguments)
    {
        return wait(enqueuer_.enqueue(arguments...));
    }
    template <described_job Job, typename... Members>
    job_handle enqueue(Members const&... members)
    {
        return wait(enqueuer_.template enqueue<Job>(members...));
    }
    template <described_job Job>
    job_handle enqueue(Job const& job, enqueue_options options)
    {
        return wait(enqueuer_.enqueue(job, options));
    }
    template <typename... Arguments>
    job_handle enqueue_in(std::chrono::milliseconds delay, Arguments const&... arguments)
    {
        return wait(enqueuer_.enqueue_in(delay, arguments...));
    }
    template <typename... Arguments>
    job_handle enqueue_at(std::chrono::system_clock::time_point time, Arguments const&... arguments)
    {
        return wait(enqueuer_.enqueue_at(time, arguments...));
    }
    template <typename Range>
    std::vector<job_handle> enqueue_bulk(Range const& jobs,
                                         enqueue_options options = enqueue_options())
    {
        return wait(enqueuer_.enqueue_bulk(jobs, options));
    }

private:
    template <typename T>
    T wait(task<T> stored)
    {
        return boost::asio::co_spawn(io_, std::move(stored), boost::asio::use_future).get();
    }

    boost::asio::io_context io_{1};
    client client_;
    enqueuer enqueuer_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_;
    std::thread thread_;
};

}  // namespace work
