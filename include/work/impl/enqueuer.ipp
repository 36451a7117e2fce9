// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/client_core.hpp>
#include <work/client/enqueue_batcher.hpp>
#include <work/client/prepare.hpp>
#include <work/enqueuer.hpp>
#include <work/error.hpp>
#include <work/values/envelope.hpp>
#include <work/values/time.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <utility>

namespace work {
namespace detail {

struct push_to_batcher
{
    template <typename Handler>
    void operator()(Handler handler, std::shared_ptr<enqueue_batcher> to, new_job job) const
    {
        to->push(std::move(job), enqueue_batcher::handler(std::move(handler)));
    }
};

inline task<job_handle> push(std::shared_ptr<client_core> core, new_job job)
{
    std::string id = job.id;
    enqueue_code const code = co_await boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(std::exception_ptr, enqueue_code)>(
        push_to_batcher(),
        boost::asio::use_awaitable,
        core->batcher,
        std::move(job)
    );
    co_return job_handle(std::move(id), code == enqueue_code::duplicate);
}

/// Collects the answers of one bulk; ends with the last of them. The answers come on the caller's
/// executor, which may be one of many threads.
struct bulk_join
{
    void arrived(std::size_t i, std::exception_ptr const& why, enqueue_code code)
    {
        if (why) {
            std::lock_guard const lock(mutex);
            if (!failure)
                failure = why;
        }
        if (code == enqueue_code::duplicate)
            handles[i] = job_handle(handles[i].id(), true);
        if (left.fetch_sub(1) == 1)
            std::move(done)(failure, enqueue_code::stored);
    }

    enqueue_batcher::handler done;
    std::vector<job_handle> handles;
    std::vector<new_job> jobs;
    std::mutex mutex;
    std::exception_ptr failure;
    std::atomic<std::size_t> left{0};
};

struct push_all_to_batcher
{
    template <typename Handler>
    void operator()(
        Handler handler,
        std::shared_ptr<enqueue_batcher> to,
        std::shared_ptr<bulk_join> join
    ) const
    {
        // The last answer may come, and end the caller, before the last push has returned.
        std::size_t const count = join->jobs.size();
        join->left = count;
        enqueue_batcher::handler(std::move(handler))
            .swap(join->done);  // assignment recurses in 1.81
        auto const executor = boost::asio::get_associated_executor(join->done);
        for (std::size_t i = 0; i != count; ++i) {
            auto arrived = [join, i](std::exception_ptr failure, enqueue_code code) {
                join->arrived(i, failure, code);
            };
            to->push(
                std::move(join->jobs[i]),
                enqueue_batcher::handler(boost::asio::bind_executor(executor, std::move(arrived)))
            );
        }
    }
};

inline task<std::vector<job_handle>> push_all(
    std::shared_ptr<client_core> core,
    std::vector<new_job> jobs
)
{
    auto const join = std::make_shared<bulk_join>();
    if (jobs.empty())
        co_return join->handles;
    join->jobs.swap(jobs);
    join->handles.reserve(join->jobs.size());
    for (new_job const& job : join->jobs)
        join->handles.emplace_back(job.id, false);
    co_await boost::asio::async_initiate<
        boost::asio::use_awaitable_t<> const,
        void(std::exception_ptr, enqueue_code)>(
        push_all_to_batcher(),
        boost::asio::use_awaitable,
        core->batcher,
        join
    );
    co_return std::move(join->handles);
}

}  // namespace detail

WORK_DECL enqueuer::enqueuer(client& to) : core_(to.core()) {}

WORK_DECL task<job_handle> enqueuer::enqueue(new_job job)
{
    detail::prepare(*core_, job);
    return detail::push(core_, std::move(job));
}

WORK_DECL task<std::vector<job_handle>> enqueuer::enqueue(std::vector<new_job> jobs)
{
    for (new_job& job : jobs)
        detail::prepare(*core_, job);
    return detail::push_all(core_, std::move(jobs));
}

}  // namespace work
