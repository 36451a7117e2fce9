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

#include <work/impl/job_handle.ipp>

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

inline job_handle handle_of(
    std::shared_ptr<client_core> const& core,
    std::string id,
    enqueued answer
)
{
    enqueue_code const code = answer.code;
    bool const both = code == enqueue_code::renewed;
    if (!answer.other.empty())
        id = std::move(answer.other);
    job_handle handle(
        std::move(id),
        code != enqueue_code::stored,
        both || code == enqueue_code::replaced,
        both || code == enqueue_code::extended
    );
    handle.belongs_to(core);
    return handle;
}

inline task<job_handle> push(std::shared_ptr<client_core> core, new_job job)
{
    std::string id = job.id;
    enqueued answer = co_await boost::asio::
        async_initiate<boost::asio::use_awaitable_t<> const, void(std::exception_ptr, enqueued)>(
            push_to_batcher(),
            boost::asio::use_awaitable,
            core->batcher,
            std::move(job)
        );
    co_return handle_of(core, std::move(id), std::move(answer));
}

/// Collects the answers of one bulk; ends with the last of them. The answers come on the caller's
/// executor, which may be one of many threads.
struct bulk_join
{
    void arrived(std::size_t i, std::exception_ptr const& why, enqueued answer)
    {
        if (why) {
            std::lock_guard const lock(mutex);
            if (!failure)
                failure = why;
        }
        if (answer.code != enqueue_code::stored)
            handles[i] = handle_of(core, handles[i].id(), std::move(answer));
        if (left.fetch_sub(1) == 1)
            std::move(done)(failure, enqueued());
    }

    enqueue_batcher::handler done;
    std::shared_ptr<client_core> core;
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
            auto arrived = [join, i](std::exception_ptr failure, enqueued answer) {
                join->arrived(i, failure, std::move(answer));
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
    join->core = core;
    for (new_job const& job : join->jobs)
        join->handles.push_back(handle_of(core, job.id, enqueued()));
    co_await boost::asio::
        async_initiate<boost::asio::use_awaitable_t<> const, void(std::exception_ptr, enqueued)>(
            push_all_to_batcher(),
            boost::asio::use_awaitable,
            core->batcher,
            join
        );
    co_return std::move(join->handles);
}

}  // namespace detail

namespace detail {

// On the client's executor.
inline task<durable_jobs> push_durably(
    std::shared_ptr<client_core> core,
    std::vector<new_job> jobs,
    durability how
)
{
    durable_jobs out;
    out.enough = jobs.empty();
    if (jobs.empty())
        co_return out;
    std::vector<std::string> ids;
    for (new_job const& job : jobs)
        ids.push_back(job.id);
    auto const sender = core->durable();
    durable_answer answer = co_await sender->store(std::move(jobs), how);
    static_cast<safety&>(out) = std::move(answer.safety);
    for (std::size_t i = 0; i != ids.size(); ++i)
        out.jobs.push_back(handle_of(core, std::move(ids[i]), std::move(answer.stored.jobs.at(i))));
    co_return out;
}

// On the client's executor: it waits for the job before that is sent.
inline task<job_end> call_and_wait(
    std::shared_ptr<client_core> core,
    new_job job,
    std::chrono::milliseconds at_most
)
{
    std::shared_ptr<followed_jobs> const followed = core->followed();
    auto const until = followed_jobs::until(at_most);
    std::string const sent = job.id;
    followed_jobs::place here(followed, sent);
    bool const listens = co_await followed->listen(here, until);
    if (!listens)
        throw error(
            errc::timed_out,
            "job " + sent + " was not stored: the broker could not be listened to within " +
                std::to_string(at_most.count()) + " ms"
        );
    follow_with(job, followed->name());
    job_handle const stored = co_await push(core, std::move(job));
    std::optional<told_end> end;
    if (stored.id() == sent) {
        end = co_await followed->end_of(here, until, !stored.duplicate());
    } else {
        followed_jobs::place other(followed, stored.id());
        end = co_await followed->end_of(other, until, false);
    }
    if (!end)
        throw followed_jobs::not_in_time(stored.id(), at_most);
    co_return read_end(stored.id(), end->state, end->text);
}

}  // namespace detail

WORK_DECL task<job_end> enqueuer::run(new_job job, std::chrono::milliseconds at_most)
{
    layers_.pass(job);
    detail::prepare(*core_, job);
    return core_->here(detail::call_and_wait(core_, std::move(job), at_most));
}

WORK_DECL enqueuer::enqueuer(client& to) : core_(to.core()) {}

WORK_DECL task<job_handle> enqueuer::enqueue(new_job job)
{
    layers_.pass(job);
    detail::prepare(*core_, job);
    return detail::push(core_, std::move(job));
}

WORK_DECL task<std::vector<job_handle>> enqueuer::enqueue(std::vector<new_job> jobs)
{
    for (new_job& job : jobs) {
        layers_.pass(job);
        detail::prepare(*core_, job);
    }
    return detail::push_all(core_, std::move(jobs));
}

WORK_DECL task<durable_jobs> enqueuer::enqueue_durably(new_job job, durability how)
{
    std::vector<new_job> one;
    one.push_back(std::move(job));
    return enqueue_durably(std::move(one), how);
}

WORK_DECL task<durable_jobs> enqueuer::enqueue_durably(std::vector<new_job> jobs, durability how)
{
    how.validate();
    for (new_job& job : jobs) {
        layers_.pass(job);
        detail::prepare(*core_, job);
    }
    return core_->here(detail::push_durably(core_, std::move(jobs), how));
}

}  // namespace work
