// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/impl/session_bytes.hpp>
#include <work/web/problem.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <utility>

// How a route runs for a connection.
namespace work::web::detail_of_session {

/// One request's way through the server, for the log.
struct exchange
{
    web_request request;
    web_response answer;
    std::int64_t began_ms = 0;
    bool read = false;         ///< its head was
    bool whole = false;        ///< nothing of it is left on the connection
    bool ran = false;          ///< its route did
    std::string_view route{};  ///< the path of its route, "" before that was found
};

/// Tells a route that waits when its caller hangs up. One that sends its next request before it has
/// the answer is not seen to do so.
class hang_up_watch
{
public:
    hang_up_watch(std::shared_ptr<connection> of, web_request& request, bool waits)
        : of_(std::move(of))
    {
        if (!waits)
            return;
        caller_ = request.caller = std::make_shared<web_caller>();
        if (of_->tls)
            of_->caller = caller_;
        else if (of_->buffer.empty())
            boost::asio::co_spawn(
                of_->socket.get_executor(),
                look(of_, caller_),
                [](std::exception_ptr) {}
            );
    }
    hang_up_watch(hang_up_watch const&) = delete;
    hang_up_watch& operator=(hang_up_watch const&) = delete;
    ~hang_up_watch()
    {
        if (!caller_)
            return;
        caller_->when_gone = nullptr;
        boost::system::error_code ignored;
        if (!of_->tls)
            of_->socket.cancel(ignored);
    }

private:
    static task<void> look(std::shared_ptr<connection> of, std::shared_ptr<web_caller> caller)
    {
        boost::system::error_code ec;
        co_await of->socket.async_wait(
            boost::asio::ip::tcp::socket::wait_read,
            redirect_error(use_awaitable, ec)
        );
        if (ec)
            co_return;
        char next = 0;
        of->socket.non_blocking(true, ec);
        auto const got =
            of->socket.receive(buffer(&next, 1), boost::asio::ip::tcp::socket::message_peek, ec);
        if (got == 0 && ec != boost::asio::error::would_block)
            caller->hang_up();
    }

    std::shared_ptr<connection> of_;
    std::shared_ptr<web_caller> caller_;
};

/// What is said of the broker that is away, to who asks. Numbered requests of workers are repeated
/// as they are, whatever became of them.
inline problem away(server_core const& core, web_request const& request, route const& to, bool cut)
{
    bool const unknown = cut && to.changes() && to.needs != right::run;
    std::string const server =
        request.user.may(right::operate) ? core.at.core->broker->describe() : std::string();
    return broker_away(core.at.pulse->away_since_ms(), server, unknown);
}

/// A route that can't be ended runs by itself, and goes on when nobody waits for its answer any
/// more.
struct lone_route
{
    lone_route(std::shared_ptr<server_core> in, web_request& with, route const& what)
        : core(std::move(in)),
          to(what),
          news(core->acceptor.get_executor(), boost::asio::steady_timer::time_point::max())
    {
        // Who logs it wants all but the body.
        std::string body = std::move(with.body);
        request = with;
        request.body = std::move(body);
    }

    static task<web_response> answer(std::shared_ptr<lone_route> self)
    {
        boost::asio::co_spawn(
            self->core->acceptor.get_executor(),
            self->to.run(self->core->at, self->request),
            [self](std::exception_ptr why, web_response answered) {
                self->failure = why;
                self->got = std::move(answered);
                self->ended = true;
                self->news.cancel();
            }
        );
        boost::system::error_code ec;
        while (!self->ended) {
            co_await self->news.async_wait(redirect_error(use_awaitable, ec));
            auto const state = co_await boost::asio::this_coro::cancellation_state;
            if (state.cancelled() != boost::asio::cancellation_type::none && !self->ended)
                throw boost::system::system_error(boost::asio::error::operation_aborted);
        }
        if (self->failure)
            std::rethrow_exception(self->failure);
        co_return std::move(self->got);
    }

    std::shared_ptr<server_core> core;
    route const& to;
    web_request request;
    web_response got;
    std::exception_ptr failure;
    bool ended = false;
    boost::asio::steady_timer news;
};

inline task<web_response> answer_alone(
    std::shared_ptr<server_core> core,
    exchange& with,
    route const& to
)
{
    return lone_route::answer(std::make_shared<lone_route>(std::move(core), with.request, to));
}

/// Enqueues go out with those of others, and can't be taken back.
inline bool goes_on_alone(route const& to) noexcept
{
    return to.body == body_kind::job || to.body == body_kind::jobs;
}

/// The answer of a route. A broker that is away is not waited for.
inline task<void> run_route(
    std::shared_ptr<server_core> core,
    std::shared_ptr<connection> of,
    exchange& with,
    route const& to
)
{
    // It may be back in a moment.
    if (to.changes() || to.waits) {
        bool const there = co_await core->at.pulse->answers_within(std::chrono::seconds(1));
        if (!there)
            throw away(*core, with.request, to, false);
    }
    hang_up_watch const watch(of, with.request, to.waits);
    std::exception_ptr failure;
    of->waits = to.waits;
    of->asked_ms = steady_ms();
    try {
        if (goes_on_alone(to))
            with.answer = co_await answer_alone(core, with, to);
        else
            with.answer = co_await to.run(core->at, with.request);
    } catch (...) {
        failure = std::current_exception();
    }
    of->asked_ms = 0;
    if (std::exchange(of->cut, false)) {
        co_await boost::asio::this_coro::reset_cancellation_state(
            boost::asio::enable_terminal_cancellation()
        );
        if (failure && to.tells_away)
            with.answer = co_await to.run(core->at, with.request);
        else if (failure)
            throw away(*core, with.request, to, true);
    } else if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace work::web::detail_of_session
