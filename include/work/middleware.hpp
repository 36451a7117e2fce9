// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/context.hpp>
#include <work/outcome.hpp>
#include <work/task.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace work {

class next;

/// What stands around a handler: it may look, refuse (by throwing), time, retry or replace it.
/// One that returns without having awaited `go()` fails the attempt, since the handler did not run;
/// when that is meant, it says so with `go.skip()`, and the job is done. It may await `go()` again
/// when the handler threw; one that does so otherwise would run it twice, and makes the job dead.
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

/// `layer` counts from 1, the outermost.
WORK_DECL std::string describe_second_go(chain const& all, std::size_t layer, context const& job);
[[noreturn]] WORK_DECL void refuse_empty_task(
    chain const& all,
    std::size_t layer,
    context const& job
);

}  // namespace detail

/// The rest of the chain: await what it returns, once.
class next
{
public:
    next(detail::chain const& all, std::size_t at, context& job) noexcept
        : chain_(&all),
          at_(at),
          job_(&job)
    {}

    task<void> operator()() const
    {
        std::size_t const count = chain_->layers.size();
        if (count == 0) {
            job_->reached_ = true;
            return chain_->handler(*job_);
        }
        if (job_->ran_)
            refuse_second(*chain_, at_, *job_);
        if (at_ == count)
            return reach(*chain_, *job_);
        job_->layers_ = std::max(job_->layers_, static_cast<int>(at_) + 1);
        task<void> rest = chain_->layers[at_](*job_, next(*chain_, at_ + 1, *job_));
        if (!rest.valid())
            detail::refuse_empty_task(*chain_, at_ + 1, *job_);
        return rest;
    }

    /// The handler is not to run, and the job counts as done.
    void skip() const noexcept { job_->reached_ = true; }

private:
    // Kept beside what is thrown: of parallel calls, somebody may throw another thing in its place.
    [[noreturn]] static void refuse_second(
        detail::chain const& all,
        std::size_t layer,
        context& job
    )
    {
        job.misuse_ = detail::describe_second_go(all, layer, job);
        throw fatal(job.misuse_);
    }

    // Not before it is awaited: a call whose task is thrown away runs nothing.
    static task<void> reach(detail::chain const& all, context& job)
    {
        if (job.ran_)
            refuse_second(all, all.layers.size(), job);
        job.reached_ = job.ran_ = true;
        try {
            co_await all.handler(job);
        } catch (...) {
            job.ran_ = false;
            throw;
        }
    }

    detail::chain const* chain_;
    std::size_t at_;
    context* job_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/middleware.ipp>
#endif
