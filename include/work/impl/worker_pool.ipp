// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/printable.hpp>
#include <work/values/failure.hpp>
#include <work/values/text.hpp>
#include <work/worker_pool.hpp>

#include <utility>

namespace work {

WORK_DECL worker_pool::worker_pool(client& from, pool_options options)
{
    options.validate();
    core_ = std::make_shared<detail::pool_core>(from.core(), std::move(options));
}

WORK_DECL worker_pool::~worker_pool()
{
    if (core_)
        core_->abandon();
}

WORK_DECL void worker_pool::use(middleware layer)
{
    if (!layer)
        detail::refuse_empty("use");
    core_->add_layer(std::move(layer));
}

WORK_DECL void worker_pool::use(std::string_view name, middleware layer)
{
    if (!layer)
        detail::refuse_empty("use");
    core_->add_layer(std::string(name), std::move(layer));
}

WORK_DECL void worker_pool::stop()
{
    core_->stop();
}

WORK_DECL void worker_pool::quiet()
{
    core_->quiet();
}

WORK_DECL void worker_pool::stop_on_signals()
{
    core_->with_signals();
}

WORK_DECL std::string const& worker_pool::id() const noexcept
{
    return core_->id();
}

WORK_DECL int worker_pool::running() const noexcept
{
    return core_->running();
}

WORK_DECL std::int64_t worker_pool::processed() const noexcept
{
    return core_->processed();
}

WORK_DECL std::int64_t worker_pool::failed() const noexcept
{
    return core_->failed();
}

WORK_DECL void worker_pool::own(detail::job_identity const& job)
{
    core_->client().names.claim(job);
}

WORK_DECL void worker_pool::add(
    std::string name,
    job_options options,
    detail::erased_handler handler
)
{
    core_->add_type(std::move(name), std::move(options)).calls.handler = std::move(handler);
}

WORK_DECL void worker_pool::provide_erased(
    std::type_info const& type,
    std::function<void(detail::slot&)> make
)
{
    core_->add_provider(type, std::move(make));
}

WORK_DECL task<void> worker_pool::run_core(
    std::shared_ptr<detail::pool_core> core,
    bool until_empty
)
{
    co_await core->run(until_empty);
}

namespace detail {

inline task<void> log_one_job(logger to, context& job, next go)
{
    std::string const what = "job=" + log_field(job.id()) + " name=" + log_field(job.name()) +
                             " attempt=" + std::to_string(job.attempt());
    auto const start = std::chrono::steady_clock::now();
    auto const ms = [start] {
        return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                  std::chrono::steady_clock::now() - start
        )
                                  .count());
    };
    to(log_level::info, "start " + what);
    std::exception_ptr failure;
    try {
        co_await go();
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) {
        to(log_level::info, "done " + what + " ms=" + ms());
        co_return;
    }
    exception_text const text = describe_exception(failure);
    to(log_level::warning,
       "failed " + what + " ms=" + ms() + " type=" + log_field(text.type) +
           " error=" + printable(text.message, 1024));
    std::rethrow_exception(failure);
}

}  // namespace detail

WORK_DECL middleware log_jobs(logger to)
{
    return [to = detail::safe_logger(std::move(to))](context& job, next go) -> task<void> {
        return detail::log_one_job(to, job, go);
    };
}

}  // namespace work
