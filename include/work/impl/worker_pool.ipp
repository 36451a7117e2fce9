// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/pool/strand.hpp>
#include <work/printable.hpp>
#include <work/values/failure.hpp>
#include <work/values/text.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace work {

WORK_DECL worker_pool::worker_pool(client& from, pool_options options)
{
    options.validate();
    core_ = std::make_shared<detail::pool_core>(from.core(), std::move(options));
}

WORK_DECL worker_pool::~worker_pool()
{
    if (!core_)
        return;
    core_->let_go();
    core_->client().soon([core = core_] { core->abandon(); });
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
    std::function<void(detail::worker&)> make
)
{
    core_->add_provider(type, std::move(make));
}

namespace detail {

struct pass_cancellation
{
    using type = boost::asio::cancellation_type_t;

    type operator()(type emitted) const noexcept { return emitted; }
};

// Runs the pool in a coroutine of its own, on the client's executor: cancelling the one that waits
// asks the pool to stop, and ends no await of the pool's.
struct run_apart
{
    template <typename Handler>
    void operator()(Handler handler, std::shared_ptr<pool_core> core, bool until_empty) const
    {
        auto worker = boost::asio::get_associated_cancellation_slot(handler);
        if (worker.is_connected())
            worker.assign([core](boost::asio::cancellation_type_t) {
                boost::asio::post(core->executor(), [core] { core->run_cancelled(); });
            });
        boost::asio::co_spawn(
            core->executor(),
            core->run(until_empty),
            come_back(std::move(handler), core->executor(), core)
        );
    }
};

}  // namespace detail

// Asio can't tell which cancellation filter the waiting coroutine had, only give it a new one.
WORK_DECL task<void> worker_pool::run_core(
    std::shared_ptr<detail::pool_core> core,
    bool until_empty
)
{
    namespace this_coro = boost::asio::this_coro;
    constexpr auto none = boost::asio::cancellation_type::none;
    auto const before = co_await this_coro::cancellation_state;
    bool cancelled = before.cancelled() != none;
    std::exception_ptr failure;
    if (!cancelled) {
        bool const throws = co_await this_coro::throw_if_cancelled();
        co_await this_coro::throw_if_cancelled(false);
        co_await this_coro::reset_cancellation_state(detail::pass_cancellation());
        try {
            co_await boost::asio::
                async_initiate<boost::asio::use_awaitable_t<> const, void(std::exception_ptr)>(
                    detail::run_apart(),
                    boost::asio::use_awaitable,
                    std::move(core),
                    until_empty
                );
        } catch (...) {
            failure = std::current_exception();
        }
        auto const after = co_await this_coro::cancellation_state;
        cancelled = after.cancelled() != none;
        co_await this_coro::reset_cancellation_state();
        co_await this_coro::throw_if_cancelled(throws);
    }
    if (failure)
        std::rethrow_exception(failure);
    if (cancelled)
        throw boost::system::system_error(
            boost::asio::error::operation_aborted,
            "worker_pool::run() was cancelled"
        );
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
