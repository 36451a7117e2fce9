// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/pool.hpp>
#include <work/values/text.hpp>
#include <work/web/impl/session.hpp>
#include <work/web/problem.hpp>
#include <work/web/server.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <poll.h>
#include <utility>
#include <vector>

namespace work::web {

WORK_DECL server_core::server_core(client& with, web_options wanted)
    : at(with, std::move(wanted)),
      options(at.options),
      log(with.options().logger),
      guards(options),
      proxies(options),
      count(options.limits),
      acceptor(with.executor()),
      turn(with.executor())
{
    namespace ip = boost::asio::ip;
    options.validate();
    if (!options.tokens_file.empty())
        tokens.emplace(options.tokens_file, log);
    ip::tcp::endpoint const where(ip::make_address(options.address), options.port);
    acceptor.open(where.protocol());
    acceptor.set_option(ip::tcp::acceptor::reuse_address(true));
    acceptor.bind(where);
    acceptor.listen();
}

/// Nobody new; who has asked for nothing goes; who has, gets the answer.
inline void server_core::stop()
{
    stopping = true;
    at.watch->stop();
    at.hall->stop();
    at.operations->stop();
    at.pulse->stop();
    boost::system::error_code ignored;
    acceptor.close(ignored);
    for (auto const& one : open)
        if (one->idle)
            one->socket.close(ignored);
    turn.cancel();
}

namespace detail_of_server {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;

inline void forget(server_core& core, std::shared_ptr<connection> const& one)
{
    if (core.open.erase(one) == 0)
        return;
    core.count.leave(one->peer, one->by_token());
    if (!one->user.empty())
        core.count.leave_user(one->user);
    boost::system::error_code ignored;
    one->socket.close(ignored);
    if (core.stopping)
        core.turn.cancel();
}

/// Says so and goes: the answer fits into the socket's buffer.
inline void turn_away(server_core& core, connection& of)
{
    problem const why =
        problem(429, "too-many", "There are too many connections: close some, or try again later.")
            .with("Retry-After", "2");
    std::string const text = write_response(why.response(core.at.now_ms()), false, true);
    boost::system::error_code ignored;
    of.socket.non_blocking(true, ignored);
    if (!core.options.tls)
        of.socket.write_some(boost::asio::buffer(text), ignored);
    of.socket.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
    of.socket.close(ignored);
    core.at.served.refuse("connections");
    core.log(log_level::warning, "web: too many connections, turned away peer=" + of.peer);
}

inline void take(std::shared_ptr<server_core> core, boost::asio::ip::tcp::socket socket)
{
    auto const one = std::make_shared<connection>(std::move(socket));
    boost::system::error_code ec;
    auto const peer = one->socket.remote_endpoint(ec);
    if (ec)
        return;
    one->peer = peer.address().to_string();
    one->loopback = peer.address().is_loopback();
    one->trusted = core->proxies.is_trusted(peer.address());
    one->socket.set_option(boost::asio::ip::tcp::no_delay(true), ec);
    if (!core->count.admit(one->peer, one->by_token())) {
        turn_away(*core, *one);
        return;
    }
    if (core->options.tls)
        one->tls = core->options.tls->make(one->socket);
    core->open.insert(one);
    if (core->open.size() == 1)
        core->turn.cancel();
    // A connection that broke is no news: what its session throws is dropped.
    boost::asio::co_spawn(
        core->acceptor.get_executor(),
        serve(core, one),
        boost::asio::bind_cancellation_slot(
            one->cancel.slot(),
            [core, one](std::exception_ptr) { forget(*core, one); }
        )
    );
}

inline task<void> accept_all(std::shared_ptr<server_core> core)
{
    while (!core->stopping) {
        boost::system::error_code ec;
        boost::asio::ip::tcp::socket socket =
            co_await core->acceptor.async_accept(redirect_error(use_awaitable, ec));
        if (!ec) {
            take(core, std::move(socket));
            continue;
        }
        if (core->stopping)
            co_return;
        // No descriptors are left, or the peer was gone: others end meanwhile.
        core->log(log_level::error, "web: no connection can be taken: " + ec.message());
        boost::asio::steady_timer pause(core->acceptor.get_executor());
        pause.expires_after(std::chrono::milliseconds(100));
        co_await pause.async_wait(redirect_error(use_awaitable, ec));
    }
}

/// For readiness, and for what is said while the broker is away. What workers reported is written
/// as often.
inline task<void> ask_broker(std::shared_ptr<server_core> core)
{
    // Of pools their own fetching tells.
    if (core->options.metrics_only && !core->at.watched.empty())
        co_return;
    auto const write = [core] {
        return worker_times::write(core->at.times, std::chrono::milliseconds(3'000));
    };
    co_await broker_pulse::go_on(core->at.pulse, write);
}

/// A request that has an answer within this time asks nothing more of the broker.
inline constexpr std::int64_t quick_ms = 100;
/// A route that waits has waited for the broker alone, as long as this.
inline constexpr std::int64_t settled_ms = 3'000;

/// Requests that wait for a broker that is away end with that. Whether some wait.
inline bool look_for_away(server_core& core)
{
    std::int64_t const now = steady_ms();
    bool const away = core.at.pulse->away();
    bool waited_for = core.at.watch->waits_since(now - quick_ms);
    std::vector<std::shared_ptr<connection>> lost;
    for (auto const& one : core.open) {
        if (one->asked_ms == 0 || one->asked_ms > now - quick_ms)
            continue;
        waited_for = waited_for || !one->waits || one->asked_ms > now - settled_ms;
        if (away && !one->cut)
            lost.push_back(one);
    }
    if (waited_for)
        core.at.pulse->hurry();
    if (!away)
        return waited_for;
    // Who watches is told first: some answer with what they had.
    core.at.watch->tell_away(core.at.pulse->away_since_ms());
    for (auto const& one : lost) {
        one->cut = true;
        one->cancel.emit(boost::asio::cancellation_type::terminal);
    }
    return waited_for;
}

/// Behind TLS it can't be seen in what came whether the caller has gone, but the socket knows.
inline bool hung_up(connection& of)
{
    ::pollfd look{of.socket.native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) > 0;
}

inline void look_for_late(server_core& core)
{
    std::int64_t const now = steady_ms();
    boost::system::error_code ignored;
    std::vector<std::shared_ptr<web_caller>> gone;
    for (auto const& one : core.open) {
        auto caller = one->caller.lock();
        if (caller && !caller->gone && hung_up(*one))
            gone.push_back(std::move(caller));
        if (one->until_ms > now)
            continue;
        one->late = true;
        one->until_ms = connection::no_limit;
        one->socket.cancel(ignored);
    }
    for (auto const& caller : gone)
        caller->hang_up();
}

/// What is looked at once in a while: another certificate, and what the log has to say again.
inline void look_after_doors(server_core& core)
{
    std::int64_t const now = steady_ms();
    web_options const& options = core.options;
    if (options.tls && now - core.refreshed_ms >= 1'000) {
        core.refreshed_ms = now;
        std::string const news = options.tls->refresh();
        if (!news.empty())
            core.log(log_level::warning, "web: " + detail::log_field(news, 512));
    }
    bool const open = options.insecure && options.tokens_file.empty() && options.trust.empty();
    if (open && now - core.warned_ms >= 60'000) {
        core.warned_ms = now;
        core.log(
            log_level::error,
            "web: insecure: everyone who reaches " + options.address + " may do everything"
        );
    }
}

/// Looks four times a second while there are connections, and ten where some wait for the broker;
/// false: it is to stop.
inline task<bool> next_look(std::shared_ptr<server_core> core, bool soon)
{
    bool const warns = core->options.insecure;
    if (core->open.empty() && !warns)
        core->turn.expires_at(boost::asio::steady_timer::time_point::max());
    else if (core->open.empty())
        core->turn.expires_after(std::chrono::seconds(10));
    else
        core->turn.expires_after(std::chrono::milliseconds(soon ? 100 : 250));
    boost::system::error_code ec;
    co_await core->turn.async_wait(redirect_error(use_awaitable, ec));
    auto const state = co_await boost::asio::this_coro::cancellation_state;
    co_return state.cancelled() == boost::asio::cancellation_type::none && !core->stopping;
}

/// What is under way gets a while; then it is cancelled, and what does not hear of it is left.
inline task<void> wait_for_sessions(std::shared_ptr<server_core> core)
{
    for (int round = 0; round != 2 && !core->open.empty(); ++round) {
        std::int64_t const until = steady_ms() + (round == 0 ? 500 : 250);
        while (!core->open.empty() && steady_ms() < until) {
            boost::system::error_code ec;
            core->turn.expires_after(std::chrono::milliseconds(50));
            co_await core->turn.async_wait(redirect_error(use_awaitable, ec));
        }
        std::vector<std::shared_ptr<connection>> const left(core->open.begin(), core->open.end());
        for (auto const& one : left) {
            boost::system::error_code ignored;
            one->cancel.emit(boost::asio::cancellation_type::terminal);
            one->socket.close(ignored);
        }
    }
}

inline task<void> run(std::shared_ptr<server_core> core)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto const executor = core->acceptor.get_executor();
    boost::asio::co_spawn(executor, accept_all(core), [](std::exception_ptr) {});
    boost::asio::co_spawn(
        executor,
        ask_broker(core),
        boost::asio::bind_cancellation_slot(core->asking.slot(), [core](std::exception_ptr) {})
    );
    bool going = !core->stopping;
    bool soon = false;
    while (going) {
        going = co_await next_look(core, soon);
        look_for_late(*core);
        look_after_doors(*core);
        soon = look_for_away(*core);
    }
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    core->stop();
    core->asking.emit(boost::asio::cancellation_type::terminal);
    co_await wait_for_sessions(core);
    co_await worker_times::write(core->at.times, std::chrono::milliseconds(300));
    core->at.presence->close();
}

}  // namespace detail_of_server
}  // namespace work::web

namespace work {

WORK_DECL web_server::web_server(client& of, web_options options)
    : core_(std::make_shared<web::server_core>(of, std::move(options)))
{}

WORK_DECL web_server::~web_server() = default;

WORK_DECL void web_server::watch(worker_pool const& pool)
{
    std::weak_ptr<detail::pool> const of(pool.core());
    web::local_pool one;
    one.health = [of] {
        auto const there = of.lock();
        pool_health gone;
        gone.state = "stopped";
        return there ? there->health() : gone;
    };
    one.in_flight = [of] {
        auto const there = of.lock();
        return there ? there->in_flight() : std::vector<running_jobs>();
    };
    one.ran = [of] {
        auto const there = of.lock();
        return there ? there->ran() : std::vector<run_times>();
    };
    one.waited = [of] {
        auto const there = of.lock();
        return there ? there->waited() : std::vector<run_times>();
    };
    one.ended = [of] {
        auto const there = of.lock();
        return there ? there->ended() : std::vector<attempt_ends>();
    };
    core_->at.watched.push_back(std::move(one));
}

WORK_DECL std::uint16_t web_server::port() const
{
    return core_->acceptor.local_endpoint().port();
}

WORK_DECL task<void> web_server::run()
{
    return core_->at.core->here(web::detail_of_server::run(core_));
}

WORK_DECL void web_server::stop()
{
    // Also where one thread runs everything, it may be called from another one.
    boost::asio::dispatch(core_->acceptor.get_executor(), [core = core_] { core->stop(); });
}

}  // namespace work
