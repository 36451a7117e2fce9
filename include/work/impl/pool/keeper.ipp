// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/pool/keeper.hpp>
#include <work/pool/verdict.hpp>
#include <work/values/encode.hpp>
#include <work/values/failure.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace work::detail {

WORK_DECL lease_keeper::lease_keeper(
    pool_core& pool,
    work::broker& to,
    pool_options const& options,
    bool with_signals
)
    : pool_(pool),
      weak_(pool.weak_from_this()),
      options_(options),
      with_signals_(with_signals),
      port_(to.make_lease_port(io_.get_executor())),
      renew_wake_(io_.get_executor()),
      beat_wake_(io_.get_executor()),
      watch_wake_(io_.get_executor()),
      name_(pool.id() + ".keeper")
{
    auto const now = clock::now().time_since_epoch().count();
    last_pong_ = now;
    renewed_at_ = now;
}

WORK_DECL lease_keeper::~lease_keeper()
{
    stop();
}

WORK_DECL void lease_keeper::start()
{
    auto const ended = [](std::exception_ptr failure) {
        if (failure)
            std::rethrow_exception(failure);
    };
    boost::asio::co_spawn(io_, renew_loop(), ended);
    boost::asio::co_spawn(io_, beat_loop(), ended);
    boost::asio::co_spawn(io_, watch_loop(), ended);
    if (with_signals_) {
        signals_.emplace(io_, SIGTERM, SIGINT);
        signals_->add(SIGTSTP);
        signals_->add(SIGTTIN);
        await_signal();
    }
    thread_ = std::thread([this] {
        for (;;) {
            try {
                io_.run();
                return;
            } catch (std::exception const& e) {
                pool_.log(
                    log_level::error,
                    std::string("the lease keeper goes on after: ") + e.what()
                );
            }
        }
    });
}

WORK_DECL void lease_keeper::stop()
{
    if (!thread_.joinable())
        return;
    stopping_ = true;
    boost::asio::post(io_, [this] {
        port_->close();
        io_.stop();
    });
    thread_.join();
}

WORK_DECL void lease_keeper::add(exchange_answer& answer)
{
    std::lock_guard const lock(mutex_);
    claims_[answer.claim] = kept_claim{std::move(answer.jobs), answer.bytes};
}

WORK_DECL void lease_keeper::remove(claim_number claim)
{
    std::lock_guard const lock(mutex_);
    claims_.erase(claim);
}

WORK_DECL void lease_keeper::add(slot& worker)
{
    std::lock_guard const lock(mutex_);
    slots_.push_back(&worker);
}

WORK_DECL void lease_keeper::begin_standing(std::int64_t number)
{
    std::lock_guard const lock(mutex_);
    standing_ = number;
}

WORK_DECL std::optional<std::int64_t> lease_keeper::end_standing()
{
    std::lock_guard const lock(mutex_);
    return std::exchange(standing_, std::nullopt);
}

WORK_DECL bool lease_keeper::has_standing()
{
    std::lock_guard const lock(mutex_);
    return standing_.has_value();
}

WORK_DECL void lease_keeper::stop_requested()
{
    clock::rep none = 0;
    clock::time_point const by = clock::now() + options_.grace + std::chrono::milliseconds(900);
    stop_by_.compare_exchange_strong(none, by.time_since_epoch().count());
    boost::asio::post(io_, [this] { watch_wake_.wake(); });
}

WORK_DECL exchange_request lease_keeper::next_exchange(std::chrono::milliseconds deadline)
{
    exchange_request request;
    request.pool = name_;
    request.number = number_++;
    request.lease_ms = options_.lease.count();
    request.lean = true;
    request.deadline_ms = deadline.count();
    return request;
}

WORK_DECL task<void> lease_keeper::renew_loop()
{
    clock::duration const period = options_.lease / 3;
    clock::time_point due = clock::now() + period;
    while (!stopping_) {
        co_await renew_wake_.sleep_until(due);
        due = std::max(due + period, clock::now() + period / 2);
        std::vector<claim_number> claims;
        {
            std::lock_guard const lock(mutex_);
            for (auto const& [number, kept] : claims_)
                claims.push_back(number);
        }
        if (claims.empty()) {
            renewed_at_ = clock::now().time_since_epoch().count();
            continue;
        }
        if (stalled())
            continue;
        bool all = true;
        for (std::size_t at = 0; at < claims.size() && !stopping_; at += 1000) {
            while (exchanging_)
                co_await renew_wake_.sleep_until(clock::now() + std::chrono::milliseconds(5));
            exchanging_ = true;
            exchange_request request = next_exchange(options_.lease / 2);
            request.chores = at == 0;
            auto const from = claims.begin() + static_cast<std::ptrdiff_t>(at);
            auto const count = std::min<std::size_t>(1000, claims.size() - at);
            request.renew.assign(from, from + static_cast<std::ptrdiff_t>(count));
            exchange_answer answer;
            try {
                answer = co_await port_->exchange(std::move(request));
            } catch (std::exception const& e) {
                all = false;
                if (!stopping_)
                    pool_.log(
                        log_level::warning,
                        std::string("leases could not be renewed: ") + e.what()
                    );
            }
            exchanging_ = false;
            if (!answer.lost.empty() || !answer.cancels.empty()) {
                auto pool = weak_.lock();
                if (pool) {
                    auto const executor = pool->executor();
                    boost::asio::post(
                        executor,
                        [pool = std::move(pool),
                         lost = std::move(answer.lost),
                         cancels = std::move(answer.cancels)] {
                            pool->claims_lost(lost);
                            pool->jobs_cancelled(cancels);
                        }
                    );
                }
            }
        }
        if (all)
            renewed_at_ = clock::now().time_since_epoch().count();
        else
            due = clock::now() +
                  std::min<clock::duration>(period / 4, std::chrono::milliseconds(500));
    }
}

WORK_DECL task<void> lease_keeper::beat_loop()
{
    while (!stopping_) {
        bool failed = false;
        try {
            std::string text = status();
            std::string id = pool_.id();
            co_await port_->beat(std::move(id), std::move(text));
        } catch (std::exception const&) {
            failed = true;
        }
        std::chrono::milliseconds pause = options_.heartbeat;
        if (failed)
            pause = std::chrono::milliseconds(1000);
        co_await beat_wake_.sleep_until(clock::now() + pause);
    }
}

// Looks after what the pool's own thread can't do while a handler blocks it.
WORK_DECL task<void> lease_keeper::watch_loop()
{
    clock::duration const period =
        std::min<clock::duration>(options_.lease / 3, std::chrono::seconds(1));
    while (!stopping_) {
        clock::time_point const now = clock::now();
        clock::rep const by = stop_by_.load();
        clock::time_point const stop_by =
            by == 0 ? clock::time_point::max() : clock::time_point(clock::duration(by));
        bool const busy = pool_.running() > 0 || has_standing();
        auto const silent = now - clock::time_point(clock::duration(last_pong_.load()));
        bool const blocked = busy && ping_out_ && silent > time_to_release;
        if (with_signals_ && (now >= stop_by || (blocked && now >= stop_by - time_to_release))) {
            std::size_t released = 0;
            if (now < stop_by)
                released = co_await release_all(stop_by);
            pool_.log(
                log_level::error,
                "the pool did not stop in time: its thread is blocked. The process exits; " +
                    std::to_string(released) +
                    " unfinished job(s) were released, others are left to their leases"
            );
            std::fflush(nullptr);
            std::_Exit(EXIT_FAILURE);
        }
        if (!busy || !ping_out_) {
            if (!ping_out_)
                last_pong_ = now.time_since_epoch().count();
            block_logged_ = false;
            if (busy)
                ping_loop_thread();
        } else if (silent > std::chrono::seconds(2)) {
            if (!std::exchange(block_logged_, true))
                pool_.log(
                    log_level::warning,
                    "a handler has kept the pool's thread for " +
                        std::to_string(
                            std::chrono::duration_cast<std::chrono::milliseconds>(silent).count()
                        ) +
                        " ms; leases are kept, but no other job goes on. Move CPU-bound work "
                        "to a thread of its own"
                );
            co_await settle_standing();
            std::vector<late_job> late = find_late(now - std::chrono::milliseconds(500));
            if (!late.empty())
                co_await give_up(std::move(late));
        }
        clock::time_point next = std::min(now + period, stop_by);
        if (by != 0 && now < stop_by - time_to_release)
            next = std::min(next, stop_by - time_to_release);
        co_await watch_wake_.sleep_until(next);
    }
}

WORK_DECL void lease_keeper::ping_loop_thread()
{
    auto pool = weak_.lock();
    if (!pool)
        return;
    ping_out_ = true;
    auto const executor = pool->executor();
    boost::asio::post(executor, [this, pool = std::move(pool)] {
        last_pong_ = clock::now().time_since_epoch().count();
        ping_out_ = false;
    });
}

WORK_DECL void lease_keeper::await_signal()
{
    signals_->async_wait([this](boost::system::error_code failure, int signal) {
        if (failure)
            return;
        auto const pool = weak_.lock();
        if (!pool)
            return;
        if (signal == SIGTSTP) {
            pool->quiet();
        } else if (signal == SIGTTIN) {
            boost::asio::post(pool->executor(), [pool] { pool->dump_running(); });
        } else if (++signals_seen_ > 1) {
            pool_.log(log_level::warning, "a second signal: the process exits at once");
            std::fflush(nullptr);
            std::_Exit(128 + signal);
        } else {
            stop_requested();
            pool->stop();
        }
        await_signal();
    });
}

WORK_DECL std::string lease_keeper::status() const
{
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    long pages = 0;
    if (std::FILE* const statm = std::fopen("/proc/self/statm", "r")) {
        long total = 0;
        if (std::fscanf(statm, "%ld %ld", &total, &pages) != 2)
            pages = 0;
        std::fclose(statm);
    }
    std::string text = "{\"pool\":\"" + pool_.id() + "\",\"name\":";
    append_json(text, options_.name);
    text += ",\"host\":";
    append_json(text, std::string(host));
    text += ",\"pid\":" + std::to_string(::getpid());
    text += ",\"state\":\"" + std::string(pool_.state()) + '"';
    text += ",\"started_at_ms\":" + std::to_string(pool_.started_ms());
    text += ",\"beat_at_ms\":" + std::to_string(pool_.now_ms());
    text += ",\"concurrency\":" + std::to_string(options_.concurrency);
    text += ",\"busy\":" + std::to_string(pool_.running());
    text += ",\"lease_ms\":" + std::to_string(options_.lease.count());
    text += ",\"rss_kb\":" + std::to_string(pages * (::sysconf(_SC_PAGESIZE) / 1024));
    text += ",\"round_trip_us\":" + std::to_string(pool_.round_trip_us());
    text += ",\"job_names\":";
    append_json(text, pool_.job_names());
    text += '}';
    return text;
}

}  // namespace work::detail
