// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/broker/memory/memory_broker.hpp>
#include <work/broker/redis/redis_broker.hpp>
#include <work/client.hpp>
#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/values/failure.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace work {
namespace detail {

inline std::shared_ptr<broker> open_broker(
    boost::asio::any_io_executor executor,
    std::string_view url,
    client_options const& options
)
{
    auto const first = url.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos)
        url = url.substr(first, url.find_last_not_of(" \t\r\n") + 1 - first);
    if (url.starts_with("memory:")) {
        std::string_view const name = url.substr(7);
        std::string const shared =
            name.empty() ? std::string() : std::string(name) + "/" + options.ns;
        return std::make_shared<memory_broker>(std::move(executor), shared_memory(shared));
    }
    redis_broker_options o;
    o.ns = options.ns;
    o.allow_eviction = options.allow_eviction;
    o.enqueue_deadline = options.enqueue_deadline;
    o.logger = options.logger;
    redis::endpoint server = redis::parse_url(url);
    if (server.tls && !options.tls)
        throw error(
            errc::invalid_option,
            "the server " + redis::describe(server) +
                " is to be reached over TLS: include <work/tls.hpp>, link OpenSSL (in CMake "
                "work::tls), and set client_options::tls = work::tls()"
        );
    if (!server.tls && options.tls)
        throw error(
            errc::invalid_option,
            "client_options::tls is set, but " + redis::describe(server) +
                " would be reached without TLS: write rediss://, or leave it empty"
        );
    if (options.tls)
        o.make_transport = [tls = options.tls](boost::asio::any_io_executor on) {
            return tls->make(std::move(on));
        };
    return make_redis_broker(std::move(executor), std::move(server), std::move(o));
}

// What a function of the user's threw, once for each.
inline void blame_once(
    bool& blamed,
    logger const& to,
    std::string const& what,
    std::exception_ptr failure
)
{
    if (std::exchange(blamed, true))
        return;
    exception_text const thrown = describe_exception(std::move(failure));
    to(log_level::error,
       what + " threw " + thrown.type + ": " + thrown.message +
           "; it goes on, and further ones are not logged");
}

// What listens returns when it is ended; a coroutine that was cancelled hears that it was.
inline task<void> listen_until_ended(std::shared_ptr<client_core> core, task<void> listening)
{
    co_await core->here(std::move(listening));
    auto const state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
        throw boost::system::system_error(boost::asio::error::operation_aborted, "listen");
}

inline client_options validated(client_options options)
{
    options.validate();
    options.logger = safe_logger(std::move(options.logger));
    return options;
}

}  // namespace detail

WORK_DECL client::client(boost::asio::io_context& io, std::string_view url, client_options options)
{
    client_options good = detail::validated(std::move(options));
    auto const executor = detail::one_at_a_time(io);
    auto broker = detail::open_broker(executor, url, good);
    core_ = std::make_shared<detail::client_core>(executor, std::move(broker), std::move(good));
}

WORK_DECL client::client(
    boost::asio::any_io_executor executor,
    std::shared_ptr<work::broker> broker,
    client_options options
)
    : core_(std::make_shared<detail::client_core>(
          std::move(executor),
          std::move(broker),
          detail::validated(std::move(options))
      ))
{}

WORK_DECL client::~client()
{
    if (core_)
        close();
}

WORK_DECL boost::asio::any_io_executor client::executor() const
{
    return core_->executor;
}

WORK_DECL client_options const& client::options() const noexcept
{
    return core_->options;
}

WORK_DECL std::shared_ptr<work::broker> const& client::broker() const noexcept
{
    return core_->broker;
}

WORK_DECL task<void> client::check()
{
    return core_->here(core_->broker->check());
}

WORK_DECL task<void> client::publish(std::string channel, std::string text)
{
    return core_->here(core_->broker->publish(std::move(channel), std::move(text)));
}

WORK_DECL task<void> client::listen(
    std::string channel,
    std::function<void(std::string_view)> receive
)
{
    auto guarded = [to = core_->options.logger,
                    what = "the receiver of channel " + channel,
                    receive = std::move(receive),
                    blamed = std::make_shared<bool>(false)](std::string_view text) {
        try {
            receive(text);
        } catch (...) {
            detail::blame_once(*blamed, to, what, std::current_exception());
        }
    };
    auto listening = core_->broker->subscribe(std::move(channel), std::move(guarded), {});
    return detail::listen_until_ended(core_, std::move(listening));
}

WORK_DECL void client::end_subscriptions()
{
    core_->soon([core = core_] { core->broker->end_subscriptions(); });
}

WORK_DECL void client::close()
{
    core_->close();
}

}  // namespace work
