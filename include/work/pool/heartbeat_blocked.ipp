// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/heartbeat.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/duration.hpp>
#include <work/values/failure.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace work::detail {

// What the heartbeat does for the jobs of a pool whose thread is blocked.

// Looks after what the pool's own thread can't do while a handler blocks it.
WORK_DECL task<void> heartbeat::watch_loop()
{
    clock::duration const period =
        std::min<clock::duration>(options_.lease / 3, std::chrono::seconds(1));
    bool block_logged = false;
    while (!stopping_) {
        clock::time_point const now = clock::now();
        if (pool_.wants(event::broker_away) || pool_.wants(event::broker_back))
            watch_broker();
        clock::rep const by = stop_by_.load();
        clock::time_point const stop_by =
            by == 0 ? clock::time_point::max() : clock::time_point(clock::duration(by));
        bool const watched = pool_.running() > 0 || leases_.has_claim_on_wake() || by != 0;
        auto const silent = now - clock::time_point(clock::duration(pulse_->last.load()));
        bool const blocked = watched && pulse_->asked && silent > time_to_release;
        if (with_signals_ && blocked && now >= stop_by - time_to_release) {
            std::size_t released = 0;
            if (now < stop_by)
                released = co_await release_all(stop_by);
            exit_blocked(released);
        }
        show_lag(watched);
        bool const stuck = watched && pulse_->asked && silent > std::chrono::seconds(2);
        pool_.thread_blocked(
            stuck ? std::chrono::duration_cast<std::chrono::milliseconds>(silent)
                  : std::chrono::milliseconds(0)
        );
        if (!watched || !pulse_->asked) {
            if (!pulse_->asked)
                pulse_->last = now.time_since_epoch().count();
            block_logged = false;
            if (watched)
                ping_loop_thread();
        } else if (stuck) {
            if (!std::exchange(block_logged, true))
                tell_blocked(now - silent);
            co_await settle_claim_on_wake();
            std::vector<late_job> late = find_late(now - std::chrono::milliseconds(500));
            if (!late.empty())
                co_await give_up(std::move(late));
        }
        clock::time_point next = now + period;
        if (by != 0 && now < stop_by - time_to_release)
            next = std::min(next, stop_by - time_to_release);
        else if (by != 0)
            next = now + std::chrono::milliseconds(50);
        co_await watch_wake_.sleep_until(next);
    }
}

// Once for each time that the thread is blocked.
WORK_DECL void heartbeat::tell_blocked(clock::time_point since)
{
    std::optional<blocked_thread> by = pool_.blocked();
    auto const ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - since).count();
    log_(
        log_level::warning,
        "a handler has kept the pool's thread for " + std::to_string(ms) + " ms" +
            (by ? ", " + describe(*by) : "") +
            "; leases are kept, but no other job goes on. Move CPU-bound work to a thread of its "
            "own"
    );
    if (pool_.wants(event::stalled))
        pool_.deliver({.stalled_since = since, .stalled_by = std::move(by)});
}

// What lasts for less than half a second is no trouble.
WORK_DECL void heartbeat::watch_broker()
{
    std::string trouble = broker_.trouble();
    if (broker_away_ == !trouble.empty())
        return;
    broker_away_ = !trouble.empty();
    pool_.deliver({.trouble = std::move(trouble)});
}

WORK_DECL void heartbeat::exit_blocked(std::size_t released)
{
    log_(
        log_level::error,
        "the pool did not stop in time: its thread is blocked. The process exits; " +
            std::to_string(released) +
            " unfinished job(s) were released, others are left to their leases"
    );
    std::fflush(nullptr);
    std::_Exit(EXIT_FAILURE);
}

WORK_DECL void heartbeat::show_lag(bool watched)
{
    clock::rep lag = watched ? pulse_->lag.load() : 0;
    if (watched && pulse_->asked)
        lag = std::max(lag, clock::now().time_since_epoch().count() - pulse_->asked_at);
    pool_.thread_lag(std::chrono::duration_cast<std::chrono::milliseconds>(clock::duration(lag)));
}

WORK_DECL void heartbeat::ping_loop_thread()
{
    pulse_->asked_at = clock::now().time_since_epoch().count();
    pulse_->asked = true;
    boost::asio::post(pool_executor_, [asked = pulse_] {
        clock::rep const now = clock::now().time_since_epoch().count();
        asked->lag = now - asked->asked_at;
        asked->last = now;
        asked->asked = false;
    });
}

// The pool can't take what its claim on wake brings, so somebody else is to have it.
WORK_DECL task<void> heartbeat::settle_claim_on_wake()
{
    std::optional<std::int64_t> const number = end_claim_on_wake();
    if (!number)
        co_return;
    exchange_request request;
    request.pool = pool_id_;
    request.number = *number;
    request.lease_ms = options_.lease.count();
    request.lean = true;
    request.deadline_ms = 1000;
    lease_list::map brought;
    try {
        exchange_answer answer = co_await port_->exchange(std::move(request));
        if (answer.claim != 0)
            brought[answer.claim] = lease_list::entry{std::move(answer.jobs), answer.bytes};
    } catch (std::exception const& e) {
        log_(log_level::warning, std::string("a claim on wake could not be settled: ") + e.what());
    }
    if (!brought.empty())
        co_await release(std::move(brought), clock::now() + std::chrono::seconds(1));
}

// The process is about to exit, so that nobody runs them here any more.
WORK_DECL task<std::size_t> heartbeat::release_all(clock::time_point until)
{
    return release(leases_.copy(), until);
}

// Of the jobs that ended the broker knows: a word about them changes nothing. The last ones first,
// to keep their order.
WORK_DECL task<std::size_t> heartbeat::release(lease_list::map held, clock::time_point until)
{
    std::vector<job_outcome> reports;
    for (auto const& [number, kept] : held) {
        for (claimed_job const& job : kept.jobs)
            reports.push_back(job_outcome{number, job.id, outcome_kind::release, 0, {}});
    }
    std::size_t released = 0;
    while (!reports.empty()) {
        while (exchanging_ && clock::now() < until)
            co_await watch_wake_.sleep_until(clock::now() + std::chrono::milliseconds(5));
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
        if (exchanging_ || left < std::chrono::milliseconds(10))
            break;
        turn const mine(exchanging_);
        exchange_request request = next_exchange(left);
        std::size_t const some = std::min<std::size_t>(reports.size(), 1024);
        request.outcomes.assign(
            reports.rbegin(),
            reports.rbegin() + static_cast<std::ptrdiff_t>(some)
        );
        reports.resize(reports.size() - some);
        if (reports.empty()) {
            for (auto const& [number, kept] : held)
                request.close.push_back(closed_claim(number));
        }
        exchange_answer answer;
        try {
            answer = co_await exchange(std::move(request));
        } catch (std::exception const& e) {
            log_(
                log_level::warning,
                std::string("unfinished jobs could not be released: ") + e.what()
            );
            reports.clear();
        }
        released += static_cast<std::size_t>(
            std::count(answer.outcomes.begin(), answer.outcomes.end(), outcome_code::ok)
        );
    }
    co_return released;
}

// Jobs past their timeout while the pool's thread can't say so, and what is to become of them.
WORK_DECL std::vector<late_job> heartbeat::find_late(clock::time_point before)
{
    std::vector<late_job> jobs;
    for (worker_watch::found& late : watch_.give_up(before)) {
        late.attempt.now_ms = time_ms(broker_);
        late.attempt.random = static_cast<std::uint64_t>(clock::now().time_since_epoch().count());
        late.job.what = pool_.next_step(*late.type, late.own ? &*late.own : nullptr, late.attempt);
        late.job.max_attempts = max_attempts(late.type->options, late.own ? &*late.own : nullptr);
        late.job.failure = encode_failure(
            work::failure{
                late.attempt.attempts_before + 1,
                "timed_out",
                late.job.name + " ran longer than its timeout (" + format_duration(late.timeout) +
                    ") and blocks its thread",
                late.attempt.now_ms,
                late.wait_ms,
                late.ran.count(),
                pool_id_
            },
            lean_failure_message
        );
        jobs.push_back(std::move(late.job));
    }
    return jobs;
}

WORK_DECL task<void> heartbeat::give_up(std::vector<late_job> late)
{
    while (exchanging_)
        co_await watch_wake_.sleep_until(clock::now() + std::chrono::milliseconds(5));
    turn const mine(exchanging_);
    exchange_request request = next_exchange(options_.lease);
    for (late_job const& job : late) {
        request.outcomes.push_back(
            job_outcome{job.claim, job.id, job.what.kind, job.what.delay_ms, job.failure}
        );
        log_(
            log_level::error,
            "job " + job.id + " (" + job.name +
                ") is past its timeout and blocks its thread; it is given up"
        );
    }
    bool done = false;
    exchange_answer answer;
    try {
        answer = co_await exchange(std::move(request));
        done = true;
    } catch (std::exception const& e) {
        log_(log_level::warning, std::string("a job could not be given up: ") + e.what());
    }
    for (std::size_t i = 0; i != std::min(late.size(), answer.outcomes.size()); ++i)
        late[i].code = answer.outcomes[i];
    pool_.deliver({.given_up = std::move(late), .known = done});
}

}  // namespace work::detail
