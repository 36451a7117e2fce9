// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/heartbeat.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/encode.hpp>
#include <work/values/failure.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace work::detail {

WORK_DECL heartbeat::heartbeat(
    heartbeat_port& pool,
    std::string const& pool_id,
    boost::asio::any_io_executor pool_executor,
    work::broker& to,
    pool_options const& options,
    pool_log const& log,
    bool with_signals,
    std::int64_t& first_number,
    std::shared_ptr<status_board> board,
    worker_watch& watch
)
    : pool_(pool),
      pool_id_(pool_id),
      pool_executor_(std::move(pool_executor)),
      broker_(to),
      options_(options),
      log_(log),
      with_signals_(with_signals),
      port_(to.make_lease_port(io_.get_executor(), options.lease)),
      renew_wake_(io_.get_executor()),
      status_wake_(io_.get_executor()),
      watch_wake_(io_.get_executor()),
      name_(std::string(pool_id).append(heartbeat_suffix)),
      number_(first_number),
      board_(std::move(board)),
      watch_(watch),
      membership_(pool_executor_, *this)
{
    auto const now = clock::now().time_since_epoch().count();
    pulse_->last = now;
    renewed_at_ = now;
}

WORK_DECL heartbeat::~heartbeat()
{
    stop();
}

WORK_DECL void heartbeat::start()
{
    board_->add(pool_, pool_id_, options_.heartbeat);
    for (auto const loop :
         {&heartbeat::renew_loop, &heartbeat::status_loop, &heartbeat::watch_loop})
        boost::asio::co_spawn(io_, go_on(loop), [](std::exception_ptr) {});
    if (with_signals_) {
        signals_.emplace(io_, SIGTERM, SIGINT);
        signals_->add(SIGTSTP);
        signals_->add(SIGTTIN);
        await_signal(0);
    }
    thread_ = std::thread([this] {
        for (;;) {
            try {
                io_.run();
                return;
            } catch (...) {
                log_fault(std::current_exception());
            }
        }
    });
}

WORK_DECL task<void> heartbeat::go_on(task<void> (heartbeat::*loop)())
{
    wakeable pause(io_.get_executor());
    while (!stopping_ && !pool_.abandoned()) {
        std::exception_ptr fault;
        try {
            co_await (this->*loop)();
        } catch (...) {
            fault = std::current_exception();
        }
        if (!fault)
            continue;
        log_fault(std::move(fault));
        co_await pause.sleep_until(clock::now() + std::chrono::milliseconds(500));
    }
}

WORK_DECL void heartbeat::log_fault(std::exception_ptr fault)
{
    exception_text const thrown = describe_exception(std::move(fault));
    log_(log_level::error, "the heartbeat goes on after: " + thrown.type + ": " + thrown.message);
}

WORK_DECL void heartbeat::stop()
{
    if (!thread_.joinable())
        return;
    if (mark_.surely_elsewhere()) {
        static_cast<void>(new std::thread(std::move(thread_)));  // runs in the parent alone
        return;
    }
    stopping_ = true;
    board_->remove(pool_);
    boost::asio::post(io_, [this] {
        port_->close();
        io_.stop();
    });
    thread_.join();
    // What waits for an answer of its port hears that it is closed.
    io_.restart();
    try {
        io_.poll();
    } catch (...) {
        log_fault(std::current_exception());
    }
}

// What is sent to a child would reach the parent through the pipe of its signal handler.
WORK_DECL void heartbeat::now_in_child()
{
    for (int const signal : {SIGTERM, SIGINT, SIGTSTP, SIGTTIN})
        if (with_signals_)
            std::signal(signal, SIG_DFL);
}

WORK_DECL void heartbeat::add(exchange_answer& answer, bool provisional)
{
    if (leases_.add(answer, provisional && options_.lease > provisional_lease))
        boost::asio::post(io_, [this] { renew_wake_.wake(); });
}

WORK_DECL task<exchange_answer> heartbeat::exchange_for_pool(exchange_request request)
{
    return boost::asio::co_spawn(
        io_,
        port_->exchange(std::move(request)),
        boost::asio::use_awaitable
    );
}

WORK_DECL task<void> heartbeat::leave_for_pool(
    std::vector<std::string> lists,
    std::chrono::milliseconds deadline
)
{
    return boost::asio::co_spawn(
        io_,
        port_->leave(pool_id_, std::move(lists), deadline),
        boost::asio::use_awaitable
    );
}

WORK_DECL void heartbeat::stop_requested(clock::duration grace)
{
    clock::rep const by =
        (clock::now() + grace + std::chrono::milliseconds(900)).time_since_epoch().count();
    clock::rep known = stop_by_.load();
    while ((known == 0 || by < known) && !stop_by_.compare_exchange_weak(known, by)) {
    }
    boost::asio::post(io_, [this] { watch_wake_.wake(); });
}

WORK_DECL exchange_request heartbeat::next_exchange(std::chrono::milliseconds deadline)
{
    exchange_request request;
    request.pool = name_;
    request.number = number_++;
    request.lease_ms = options_.lease.count();
    request.lean = true;
    request.deadline_ms = deadline.count();
    return request;
}

WORK_DECL task<exchange_answer> heartbeat::exchange(exchange_request request)
{
    exchange_answer answer = co_await port_->exchange(std::move(request));
    log_.notes(answer.notes);
    co_return answer;
}

WORK_DECL task<void> heartbeat::renew_loop()
{
    clock::duration const period = options_.lease / 3;
    clock::time_point due = clock::now() + period;
    clock::time_point provisional_due = clock::time_point::max();
    while (!stopping_ && !pool_.abandoned()) {
        co_await renew_wake_.sleep_until(std::min(due, provisional_due));
        clock::time_point const now = clock::now();
        bool const all = now >= due;
        if (all || now >= provisional_due) {
            provisional_due = clock::time_point::max();
            std::vector<claim_number> claims =
                all ? leases_.take_all() : leases_.take_provisional();
            if (all)
                due = std::max(due + period, now + period / 2);
            bool failed = false;
            if (!claims.empty()) {
                if (stalled())
                    continue;
                bool const renewed = co_await renew(std::move(claims), all);
                failed = !renewed;
                if (renewed)
                    pool_.leases_renewed();
            }
            if (failed)
                due = clock::now() +
                      std::min<clock::duration>(period / 4, std::chrono::milliseconds(500));
            else if (all)
                renewed_at_ = clock::now().time_since_epoch().count();
        }
        if (provisional_due == clock::time_point::max() && leases_.has_provisional())
            provisional_due = clock::now() + std::chrono::milliseconds(400);
    }
}

WORK_DECL task<bool> heartbeat::renew(std::vector<claim_number> claims, bool chores)
{
    bool all = true;
    for (std::size_t at = 0; at < claims.size() && !stopping_; at += 1000) {
        while (exchanging_)
            co_await renew_wake_.sleep_until(clock::now() + std::chrono::milliseconds(5));
        turn const mine(exchanging_);
        exchange_request request = next_exchange(options_.lease / 2);
        request.chores = chores && at == 0;
        auto const from = claims.begin() + static_cast<std::ptrdiff_t>(at);
        auto const count = std::min<std::size_t>(1000, claims.size() - at);
        request.renew.assign(from, from + static_cast<std::ptrdiff_t>(count));
        exchange_answer answer;
        try {
            answer = co_await exchange(std::move(request));
        } catch (std::exception const& e) {
            all = false;
            if (!stopping_ && !broker_.ailing())
                log_(log_level::warning, std::string("leases could not be renewed: ") + e.what());
        }
        bool const noted = !answer.notes.empty() && pool_.wants(event::dead);
        if (!answer.lost.empty() || !answer.cancels.empty() || !answer.orders.empty() || noted) {
            heartbeat_news news;
            if (noted)
                news.notes = std::move(answer.notes);
            news.lost = std::move(answer.lost);
            news.cancels = std::move(answer.cancels);
            news.orders = std::move(answer.orders);
            pool_.deliver(std::move(news));
        }
    }
    co_return all;
}

WORK_DECL task<void> heartbeat::status_loop()
{
    while (!stopping_) {
        auto const pause = co_await status_board::show(board_, pool_, *port_);
        co_await status_wake_.sleep_until(clock::now() + pause);
    }
}

WORK_DECL void heartbeat::await_signal(int seen)
{
    signals_->async_wait([this, seen](boost::system::error_code failure, int signal) {
        if (failure)
            return;
        if (signal == SIGTSTP) {
            pool_.quiet();
        } else if (signal == SIGTTIN) {
            pool_.dump_running();
        } else if (seen > 0) {
            log_(log_level::warning, "a second signal: the process exits at once");
            std::fflush(nullptr);
            std::_Exit(128 + signal);
        } else {
            stop_requested(options_.grace);
            pool_.stop();
        }
        await_signal(seen + (signal == SIGTERM || signal == SIGINT));
    });
}

}  // namespace work::detail
