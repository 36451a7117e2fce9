// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/client_core.hpp>
#include <work/client/prepare.hpp>
#include <work/error.hpp>
#include <work/pool/pool.hpp>
#include <work/pool/station.hpp>
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
    client_ = from.core();
    pool_ = std::make_shared<detail::pool>(
        detail::pool_parts{
            client_->executor,
            client_->broker,
            client_->options.logger,
            client_->next_id(wall_ms()).str(),
            client_->options.id_retention,
            [core = std::weak_ptr<detail::client_core>(client_)](new_job& job) {
                auto const client = core.lock();
                if (!client)
                    throw error(errc::closed, "the client is gone");
                detail::prepare(*client, job);
            },
            client_->station([this] {
                return std::make_shared<detail::station>(
                    client_->executor,
                    client_->broker,
                    client_->next_id(wall_ms()).str()
                );
            })
        },
        std::move(options)
    );
}

WORK_DECL worker_pool::~worker_pool()
{
    if (!pool_)
        return;
    pool_->let_go();
    client_->soon([pool = pool_] { pool->abandon(); });
}

WORK_DECL void worker_pool::use(middleware layer)
{
    if (!layer)
        detail::refuse_empty("use");
    pool_->add_layer(std::move(layer));
}

WORK_DECL void worker_pool::use(std::string_view name, middleware layer)
{
    if (!layer)
        detail::refuse_empty("use");
    pool_->add_layer(std::string(name), std::move(layer));
}

WORK_DECL void worker_pool::beside(std::function<task<void>()> duty)
{
    if (!duty)
        detail::refuse_empty("beside");
    pool_->add_duty(std::move(duty));
}

WORK_DECL void worker_pool::stop()
{
    pool_->stop();
}

WORK_DECL void worker_pool::quiet()
{
    pool_->quiet();
}

WORK_DECL void worker_pool::resume()
{
    pool_->resume();
}

WORK_DECL void worker_pool::stop_on_signals()
{
    pool_->with_signals();
}

WORK_DECL std::string const& worker_pool::id() const noexcept
{
    return pool_->id();
}

WORK_DECL int worker_pool::running() const noexcept
{
    return pool_->running();
}

WORK_DECL std::vector<running_jobs> worker_pool::in_flight() const
{
    return pool_->in_flight();
}

WORK_DECL std::int64_t worker_pool::processed() const noexcept
{
    return pool_->processed();
}

WORK_DECL std::vector<work::attempt_ends> worker_pool::attempt_ends() const
{
    return pool_->ended();
}

WORK_DECL pool_health worker_pool::health() const
{
    return pool_->health();
}

WORK_DECL std::vector<work::run_times> worker_pool::run_times() const
{
    return pool_->ran();
}

WORK_DECL std::vector<work::run_times> worker_pool::wait_times() const
{
    return pool_->waited();
}

WORK_DECL std::int64_t worker_pool::failed() const noexcept
{
    return pool_->failed();
}

WORK_DECL void worker_pool::own(detail::job_identity const& job)
{
    client_->names.claim(job);
}

WORK_DECL void worker_pool::add(
    std::string name,
    job_options options,
    detail::erased_handler handler
)
{
    pool_->add_type(std::move(name), std::move(options)).calls.handler = std::move(handler);
}

WORK_DECL void worker_pool::provide_erased(
    std::type_info const& type,
    std::function<void(detail::worker&)> make
)
{
    pool_->add_provider(type, std::move(make));
}

WORK_DECL void worker_pool::add_hook(event what, detail::erased_hook call)
{
    pool_->add_hook(what, std::move(call));
}

namespace detail {

struct pass_cancellation
{
    using type = boost::asio::cancellation_type_t;

    type operator()(type emitted) const noexcept { return emitted; }
};

// On the client's executor.
inline task<void> run_while_open(
    std::shared_ptr<client_core> client,
    std::shared_ptr<pool> runs,
    bool until_empty
)
{
    if (client->closed)
        throw error(errc::closed, "the client was closed before the pool ran; make a new one");
    client->when_closed(runs, [raw = runs.get()] { raw->client_closed(); });
    co_await runs->run(until_empty);
}

// Runs the pool in a coroutine of its own, on the client's executor: cancelling the one that waits
// asks the pool to stop, and ends no await of the pool's.
struct run_apart
{
    template <typename Handler>
    void operator()(
        Handler handler,
        std::shared_ptr<client_core> client,
        std::shared_ptr<pool> runs,
        bool until_empty
    ) const
    {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
            slot.assign([runs](boost::asio::cancellation_type_t) {
                boost::asio::post(runs->executor(), [runs] { runs->run_cancelled(); });
            });
        boost::asio::co_spawn(
            runs->executor(),
            run_while_open(std::move(client), runs, until_empty),
            come_back(std::move(handler), runs->executor(), runs)
        );
    }
};

}  // namespace detail

// Asio can't tell which cancellation filter the waiting coroutine had, only give it a new one.
WORK_DECL task<void> worker_pool::run_pool(
    std::shared_ptr<detail::client_core> client,
    std::shared_ptr<detail::pool> pool,
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
                    std::move(client),
                    std::move(pool),
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
