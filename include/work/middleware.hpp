// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/config.hpp>
#include <work/context.hpp>
#include <work/task.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace work {

class next;

/// What stands around a handler: it may look, refuse (by throwing), time, retry or replace it.
/// One that returns without having awaited `go()` fails the attempt, since the handler did not run;
/// when that is meant, it says so with `go.skip()`, and the job is done.
///
///     pool.use([](work::context& job, work::next go) -> work::task<void> {
///         auto const start = std::chrono::steady_clock::now();
///         co_await go();
///         record(job.name(), std::chrono::steady_clock::now() - start);
///     });
using middleware = std::function<task<void>(context&, next)>;

namespace detail {

/// The layers around one job type's handler, outermost first.
struct chain
{
    std::function<task<void>(context&)> handler;
    std::vector<middleware> layers;
};

}  // namespace detail

/// The rest of the chain: call it once, and await what it returns.
class next
{
public:
    next(detail::chain const& all, std::size_t at, context& job) noexcept
        : chain_(&all), at_(at), job_(&job)
    {
    }

    task<void> operator()() const
    {
        if (at_ == chain_->layers.size()) {
            if (at_ != 0)
                return reach(*chain_, *job_);
            job_->reached_ = true;
            return chain_->handler(*job_);
        }
        job_->layers_ = std::max(job_->layers_, static_cast<int>(at_) + 1);
        return chain_->layers[at_](*job_, next(*chain_, at_ + 1, *job_));
    }

    /// The handler is not to run, and the job counts as done.
    void skip() const noexcept { job_->reached_ = true; }

private:
    // Not before it is awaited: a call whose task is thrown away runs nothing.
    static task<void> reach(detail::chain const& all, context& job)
    {
        job.reached_ = true;
        co_await all.handler(job);
    }

    detail::chain const* chain_;
    std::size_t at_;
    context* job_;
};

}  // namespace work
