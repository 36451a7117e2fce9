// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/enqueuer.hpp>
#include <work/fork.hpp>
#include <work/job_handle.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace work {

namespace detail {
template <typename T>
using at_once = T;
}

/// Stores jobs from code without coroutines: each call returns when the job is stored.
///
///     work::blocking_enqueuer jobs{"redis://127.0.0.1:6379"};
///     jobs.enqueue<send_email>(42, "ada@example.com");
///
/// It has a client, and a thread of its own to run it on, which the first call starts. Its
/// functions are those of `enqueuer`. What many threads enqueue at once goes out together.
///
/// A child made by fork() can use it unless a job had been enqueued before: then each call throws
/// errc::forked, and sends nothing.
///
/// \par Errors        as `enqueuer`
/// \par Thread safety any thread, but not from a coroutine: it would block its loop.
class blocking_enqueuer : public detail::enqueue_calls<blocking_enqueuer, detail::at_once>
{
public:
    explicit blocking_enqueuer(std::string_view url, client_options options = {})
        : engine_(std::make_unique<engine>(url, std::move(options)))
    {}
    ~blocking_enqueuer()
    {
        if (started_ && mark_.surely_elsewhere())
            static_cast<void>(engine_.release());  // its thread runs in the parent alone
    }
    blocking_enqueuer(blocking_enqueuer const&) = delete;
    blocking_enqueuer& operator=(blocking_enqueuer const&) = delete;

    /// As `enqueuer::use`, before the first job is enqueued.
    blocking_enqueuer& use(enqueue_middleware layer)
    {
        engine_->to.use(std::move(layer));
        return *this;
    }

    using enqueue_calls::enqueue;
    job_handle enqueue(new_job job)
    {
        return wait([&](enqueuer& to) { return to.enqueue(std::move(job)); });
    }
    std::vector<job_handle> enqueue(std::vector<new_job> jobs)
    {
        return wait([&](enqueuer& to) { return to.enqueue(std::move(jobs)); });
    }

    /// As `enqueuer::enqueue_durably`.
    durable_jobs enqueue_durably(new_job job, durability how = durability())
    {
        return wait([&](enqueuer& to) { return to.enqueue_durably(std::move(job), how); });
    }
    durable_jobs enqueue_durably(std::vector<new_job> jobs, durability how = durability())
    {
        return wait([&](enqueuer& to) { return to.enqueue_durably(std::move(jobs), how); });
    }

private:
    struct engine
    {
        engine(std::string_view url, client_options options)
            : at(io, url, std::move(options)),
              to(at),
              busy(io.get_executor())
        {}
        engine(engine const&) = delete;
        engine& operator=(engine const&) = delete;
        ~engine()
        {
            busy.reset();
            io.stop();
            if (thread.joinable())
                thread.join();
        }
        void start()
        {
            thread = std::thread([this] { io.run(); });
        }

        boost::asio::io_context io{1};
        client at;
        enqueuer to;
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy;
        std::thread thread;
    };

    template <typename Start>
    typename std::invoke_result_t<Start, enqueuer&>::value_type wait(Start start)
    {
        engine& here = running();
        return boost::asio::co_spawn(here.io, start(here.to), boost::asio::use_future).get();
    }

    engine& running()
    {
        if (!started_.load(std::memory_order_acquire) || mark_.elsewhere())
            start();
        return *engine_;
    }
    void start()
    {
        std::lock_guard const lock(starting_);
        if (mark_.surely_elsewhere()) {
            if (started_)
                throw error(
                    errc::forked,
                    "this process is a child of the one that uses the blocking_enqueuer; "
                    "nothing was sent: make another one in the child"
                );
            engine_->io.notify_fork(boost::asio::execution_context::fork_child);
            mark_.renew();
        }
        if (started_)
            return;
        engine_->start();
        started_.store(true, std::memory_order_release);
    }

    std::unique_ptr<engine> engine_;
    std::mutex starting_;
    detail::process_mark mark_;
    std::atomic<bool> started_{false};
};

}  // namespace work
