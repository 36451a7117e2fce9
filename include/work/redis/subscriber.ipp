// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/command.hpp>
#include <work/redis/handshake.hpp>
#include <work/redis/subscriber.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <set>
#include <utility>

namespace work::redis {
namespace detail {

/// Tasks: 1. connect and subscribe, again and again; 2. pass messages on; 3. send what is asked for
/// meanwhile; 4. ask a silent server for a sign of life.
class subscriber_core : public std::enable_shared_from_this<subscriber_core>
{
public:
    subscriber_core(
        boost::asio::any_io_executor executor,
        endpoint server,
        subscriber_options options
    )
        : executor_(std::move(executor)),
          server_(std::move(server)),
          options_(std::move(options)),
          incoming_(options_.limits),
          pauses_(options_.reconnect),
          pause_(executor_),
          ping_timer_(executor_)
    {
        if (!options_.make_transport)
            options_.make_transport = make_socket_transport;
    }

    static task<void> run(
        std::shared_ptr<subscriber_core> self,
        std::vector<std::string> channels,
        subscriber::message_handler on_message
    );
    void subscribe(std::string channel);
    void unsubscribe(std::string_view channel);
    void close();
    subscriber_stats stats() const { return stats_; }

private:
    task<void> session(subscriber::message_handler const& on_message);
    void take(reply const& answer, subscriber::message_handler const& on_message);
    void report_subscribed();
    void send_soon(command const& asked);
    void write_more();
    void watch();
    void drop();

    boost::asio::any_io_executor executor_;
    endpoint server_;
    subscriber_options options_;
    subscriber_stats stats_;
    std::set<std::string, std::less<>> wanted_;
    std::set<std::string, std::less<>> confirmed_;
    std::shared_ptr<transport> link_;
    parser incoming_;
    backoff pauses_;
    std::string outgoing_;
    std::string writing_;
    bool is_writing_ = false;
    bool listening_ = false;  // connected, and the channels were asked for
    bool running_ = false;
    bool closed_ = false;
    bool heard_ = false;
    bool pinged_ = false;
    boost::asio::steady_timer pause_;
    boost::asio::steady_timer ping_timer_;
    std::exception_ptr thrown_;  // by the user's functions
};

WORK_DECL task<void> subscriber_core::run(
    std::shared_ptr<subscriber_core> self,
    std::vector<std::string> channels,
    subscriber::message_handler on_message
)
{
    if (self->running_)
        throw error(errc::invalid_option, "this subscriber runs already; make another one");
    self->running_ = true;
    for (auto& channel : channels)
        self->wanted_.insert(std::move(channel));
    unsigned failures = 0;
    std::exception_ptr fatal;
    while (!self->closed_ && !fatal) {
        auto const before = self->stats_.connections;
        try {
            co_await self->session(on_message);
        } catch (error const& failure) {
            if (failure.code() == errc::refused || failure.code() == errc::invalid_option)
                fatal = std::current_exception();
        } catch (boost::system::system_error const&) {
        } catch (...) {
            fatal = std::current_exception();
        }
        self->drop();
        if (self->thrown_)
            fatal = std::exchange(self->thrown_, nullptr);
        if (self->closed_ || fatal)
            break;
        ++self->stats_.failures;
        auto const state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none)
            break;
        // A connection that carried a subscription was a good one.
        failures = self->stats_.connections > before ? 1 : failures + 1;
        boost::system::error_code ignored;
        self->pause_.expires_after(self->pauses_.pause(failures));
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
        co_await self->pause_.async_wait(token);
    }
    self->running_ = false;
    if (fatal)
        std::rethrow_exception(fatal);
}

WORK_DECL task<void> subscriber_core::session(subscriber::message_handler const& on_message)
{
    incoming_.reset();
    outgoing_.clear();
    confirmed_.clear();
    std::shared_ptr<transport> const link = options_.make_transport(executor_);
    link_ = link;
    co_await establish(*link, incoming_, server_);
    if (closed_)
        co_return;
    listening_ = true;
    heard_ = pinged_ = false;
    command asked;
    if (!wanted_.empty()) {
        asked.begin(1 + wanted_.size()).arg("SUBSCRIBE");
        for (auto const& channel : wanted_)
            asked.arg(channel);
        send_soon(asked);
    }
    watch();
    report_subscribed();
    reply answer;
    while (!closed_ && !thrown_ && link_ == link) {
        while (!closed_ && !thrown_ && incoming_.next(answer))
            take(answer, on_message);
        if (closed_ || thrown_)
            break;
        co_await receive(*link, incoming_);
        heard_ = true;
    }
}

WORK_DECL void subscriber_core::take(
    reply const& answer,
    subscriber::message_handler const& on_message
)
{
    if (answer.is_error()) {
        std::string const said(answer.text().substr(0, 256));
        if (said.starts_with("NOPERM"))
            throw error(
                errc::refused,
                "the Redis server " + describe(server_) + " refused SUBSCRIBE with \"" + said +
                    "\"; give the user access to the channels"
            );
        throw error(errc::unavailable, said);
    }
    // RESP2 sends arrays where RESP3 sends pushes; the answers to PING are neither, or a "pong".
    if (answer.size() < 3 || !answer[0].is_text())
        return;
    auto const what = answer[0].text();
    if (what == "message") {
        ++stats_.messages;
        try {
            on_message(answer[1].text(), answer[2].text());
        } catch (...) {
            thrown_ = std::current_exception();
        }
    } else if (what == "subscribe") {
        if (wanted_.contains(answer[1].text()) && confirmed_.emplace(answer[1].text()).second)
            report_subscribed();
    }
}

WORK_DECL void subscriber_core::report_subscribed()
{
    if (confirmed_.size() != wanted_.size())
        return;
    if (!stats_.connected) {
        stats_.connected = true;
        ++stats_.connections;
    }
    if (!options_.on_subscribed)
        return;
    try {
        options_.on_subscribed();
    } catch (...) {
        thrown_ = std::current_exception();
    }
}

WORK_DECL void subscriber_core::subscribe(std::string channel)
{
    auto const [place, added] = wanted_.insert(std::move(channel));
    if (added && listening_)
        send_soon(command("SUBSCRIBE", *place));
}

WORK_DECL void subscriber_core::unsubscribe(std::string_view channel)
{
    auto const place = wanted_.find(channel);
    if (place == wanted_.end())
        return;
    if (listening_)
        send_soon(command("UNSUBSCRIBE", channel));
    if (auto const known = confirmed_.find(channel); known != confirmed_.end())
        confirmed_.erase(known);
    wanted_.erase(place);
}

WORK_DECL void subscriber_core::send_soon(command const& asked)
{
    outgoing_.append(asked.bytes());
    if (!is_writing_)
        write_more();
}

WORK_DECL void subscriber_core::write_more()
{
    if (writing_.empty())
        writing_.swap(outgoing_);
    if (writing_.empty() || !listening_)
        return;
    is_writing_ = true;
    boost::asio::const_buffer const bytes(writing_.data(), writing_.size());
    link_->write_some(
        bytes,
        [self = shared_from_this(),
         link = link_](boost::system::error_code failure, std::size_t size) {
            self->is_writing_ = false;
            if (link != self->link_ || failure)
                self->writing_.clear();  // the reader notices the loss
            else
                self->writing_.erase(0, size);
            self->write_more();
        }
    );
}

WORK_DECL void subscriber_core::watch()
{
    ping_timer_.expires_after(options_.ping_interval);
    ping_timer_.async_wait([self = shared_from_this(),
                            link = link_](boost::system::error_code failure) {
        if (failure || self->closed_ || self->link_ != link)
            return;
        if (!self->heard_ && self->pinged_) {
            link->close();
            return;
        }
        self->pinged_ = !self->heard_;
        self->heard_ = false;
        if (self->pinged_)
            self->send_soon(command("PING"));
        self->watch();
    });
}

WORK_DECL void subscriber_core::drop()
{
    listening_ = false;
    stats_.connected = false;
    ping_timer_.cancel();
    if (link_)
        link_->close();
    link_.reset();
}

WORK_DECL void subscriber_core::close()
{
    closed_ = true;
    pause_.cancel();
    ping_timer_.cancel();
    if (link_)
        link_->close();
}

}  // namespace detail

WORK_DECL subscriber::subscriber(
    boost::asio::any_io_executor executor,
    endpoint server,
    subscriber_options options
)
    : core_(std::make_shared<detail::subscriber_core>(
          std::move(executor),
          std::move(server),
          std::move(options)
      ))
{}

WORK_DECL subscriber& subscriber::operator=(subscriber&& other) noexcept
{
    if (core_ && core_ != other.core_)
        core_->close();
    core_ = std::move(other.core_);
    return *this;
}

WORK_DECL subscriber::~subscriber()
{
    if (core_)
        core_->close();
}

WORK_DECL task<void> subscriber::run(std::vector<std::string> channels, message_handler on_message)
{
    return detail::subscriber_core::run(core_, std::move(channels), std::move(on_message));
}

WORK_DECL void subscriber::subscribe(std::string channel)
{
    core_->subscribe(std::move(channel));
}

WORK_DECL void subscriber::unsubscribe(std::string_view channel)
{
    core_->unsubscribe(channel);
}

WORK_DECL void subscriber::close()
{
    core_->close();
}

WORK_DECL subscriber_stats subscriber::stats() const
{
    return core_->stats();
}

}  // namespace work::redis
