// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/pool.hpp>
#include <work/printable.hpp>
#include <work/values/pool_info.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdio>
#include <random>
#include <unistd.h>
#include <utility>

namespace work::detail {

WORK_DECL pool::pool(pool_parts parts, pool_options options)
    : broker_(std::move(parts.broker)),
      station_(std::move(parts.station)),
      executor_(std::move(parts.executor)),
      options_(std::move(options)),
      id_(std::move(parts.id)),
      log_(std::move(parts.log), id_),
      hooks_(executor_, *broker_, log_, id_, options_.name),
      queues_(options_, types_, std::random_device()()),
      attempts_(
          id_,
          parts.id_retention,
          std::move(parts.prepare_job),
          *broker_,
          ledger_,
          queues_,
          hooks_,
          log_,
          std::random_device()()
      ),
      workers_(
          executor_,
          options_,
          life_,
          types_,
          ledger_,
          claimed_,
          attempts_,
          hooks_,
          log_,
          *this
      ),
      state_(options_, id_, ledger_, queues_),
      exchanger_(
          executor_,
          *broker_,
          *station_,
          life_,
          ledger_,
          queues_,
          claimed_,
          workers_,
          state_,
          hooks_,
          log_,
          *this
      ),
      waiter_(
          executor_,
          *station_,
          options_,
          life_,
          ledger_,
          queues_,
          state_,
          exchanger_,
          log_,
          *this
      ),
      history_(*broker_, id_),
      run_(executor_)
{
    options_.validate();
}

WORK_DECL pool::~pool() = default;

// ---- registration

WORK_DECL void pool::refuse_while_running(char const* function) const
{
    if (!life_.stopped())
        throw error(
            errc::invalid_option,
            std::string(function) + ": the pool is running; call it before the pool runs"
        );
}

WORK_DECL job_type& pool::add_type(std::string name, job_options options)
{
    if (!life_.stopped())
        throw error(
            errc::invalid_option,
            "handle(\"" + name + "\"): the pool is running; register handlers before it runs"
        );
    return types_.add(std::move(name), std::move(options));
}

WORK_DECL void pool::add_layer(middleware layer)
{
    refuse_while_running("use");
    types_.add_layer(std::move(layer));
}

WORK_DECL void pool::add_layer(std::string name, middleware layer)
{
    refuse_while_running("use");
    types_.add_layer(std::move(name), std::move(layer));
}

WORK_DECL void pool::add_provider(std::type_info const& type, std::function<void(worker&)> make)
{
    refuse_while_running("provide");
    types_.add_provider(type, std::move(make));
}

WORK_DECL void pool::add_hook(event what, erased_hook call)
{
    refuse_while_running("on");
    hooks_.on(what, std::move(call));
}

WORK_DECL void pool::add_duty(std::function<task<void>()> duty)
{
    refuse_while_running("beside");
    run_.duties.emplace_back();
    duties_.push_back(std::move(duty));
}

// ---- what its roles tell it

WORK_DECL void pool::job_ended()
{
    exchanger_.wake();
    became_idle();
}

WORK_DECL void pool::job_starts()
{
    state_.check_quarantine(clock::now());
    exchanger_.wake();
}

WORK_DECL void pool::lease_lost(claim_number claim)
{
    std::vector<claim_number> const lost(1, claim);
    exchanger_.claims_lost(lost);
}

WORK_DECL void pool::answered()
{
    became_idle();
    if (state_.can_wait(exchanger_.load()))
        waiter_.wake();
    else if (state_.hears_nothing(exchanger_.load()))
        waiter_.filled();
}

WORK_DECL void pool::client_closed()
{
    if (life_.stopped() || std::exchange(run_.client_gone, true))
        return;
    log_(log_level::error, "the client was closed while the pool runs: the pool stops");
    exchanger_.client_closed();
    request_stop();
}

WORK_DECL void pool::deliver(heartbeat_news news)
{
    boost::asio::post(executor_, [weak = weak_from_this(), news = std::move(news)] {
        if (auto const self = weak.lock())
            self->heard(news);
    });
}

WORK_DECL void pool::heard(heartbeat_news const& news)
{
    exchanger_.claims_lost(news.lost);
    if (!news.cancels.empty())
        exchanger_.jobs_cancelled(news.cancels);
    if (!news.orders.empty())
        ordered(news.orders);
    for (late_job const& job : news.given_up)
        workers_.given_up(job, news.known);
    if (news.forgotten && !life_.stopped()) {
        state_.forgotten(clock::now());
        exchanger_.wake();
    }
    tell_hooks(news);
}

WORK_DECL void pool::tell_hooks(heartbeat_news const& news)
{
    for (std::string const& note : news.notes)
        hooks_.noted(note);
    if (news.trouble) {
        event_info told =
            hooks_.make(news.trouble->empty() ? event::broker_back : event::broker_away);
        told.reason = printable(*news.trouble, max_log_line);
        hooks_.add(std::move(told));
    }
    if (news.stalled_since) {
        event_info told = hooks_.make(event::stalled);
        auto const since = std::chrono::duration_cast<std::chrono::milliseconds>(
            clock::now() - *news.stalled_since
        );
        told.duration_ms = since.count();
        told.reason = "a handler kept the pool's thread";
        if (news.stalled_by) {
            told.reason += ", " + describe(*news.stalled_by);
            told.job = news.stalled_by->job;
            told.name = news.stalled_by->name;
        }
        hooks_.add(std::move(told));
    }
}

// ---- for people

WORK_DECL void pool::dump_running()
{
    boost::asio::post(executor_, [weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->log_(log_level::info, self->workers_.describe_running());
    });
}

WORK_DECL std::vector<running_jobs> pool::in_flight() const
{
    pool_info all;
    all.runs(watch_.running(time_ms(*broker_)));
    return std::move(all.in_flight);
}

WORK_DECL std::vector<run_times> pool::ran() const
{
    std::vector<run_times> all;
    for (auto const& [name, type] : types_)
        type->clocks.read(name, &queue_clock::ran, all);
    return all;
}

WORK_DECL std::vector<run_times> pool::waited() const
{
    std::vector<run_times> all;
    for (auto const& [name, type] : types_)
        type->clocks.read(name, &queue_clock::waited, all);
    return all;
}

WORK_DECL std::vector<attempt_ends> pool::ended() const
{
    std::vector<attempt_ends> all;
    for (auto const& [name, type] : types_)
        all.push_back(type->ends.read(name));
    return all;
}

WORK_DECL pool_health pool::health() const
{
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    clock::time_point const now = clock::now();
    clock::time_point const answered = exchanger_.answered_at();
    auto age = now - answered;
    bool heard = answered != clock::time_point();
    pool_health shown;
    shown.pool = id_;
    shown.name = options_.name;
    shown.state = lifecycle::text(life_.now());
    shown.concurrency = options_.concurrency;
    shown.busy = running();
    shown.processed = processed();
    shown.failed = failed();
    shown.leases_lost = exchanger_.leases_lost();
    shown.unfinished = exchanger_.unfinished();
    shown.unheard = exchanger_.unheard();
    shown.loop_lag_ms = lag_ms_;
    shown.exchange_age_ms = heard ? duration_cast<milliseconds>(age).count() : -1;
    bool in_time = heard && age <= pool_health::ready_within;
    // One that is full asks for nothing: then it is the lease that tells.
    clock::time_point const renewed{clock::duration(renewed_at_.load())};
    if (heard && shown.busy >= shown.concurrency) {
        auto const patience = std::max<clock::duration>(pool_health::ready_within, options_.lease);
        in_time = now - std::max(answered, renewed) <= patience;
    }
    shown.ready = in_time && life_.claims();
    return shown;
}

// Handlers that run elsewhere keep their own threads.
WORK_DECL std::optional<blocked_thread> pool::blocked() const
{
    std::int64_t const so_far = blocked_ms_;
    if (so_far == 0 || options_.handler_executor)
        return {};
    auto by = watch_.blocked(workers_.first_run(), time_ms(*broker_));
    if (by)
        by->blocked_ms = so_far;
    return by;
}

WORK_DECL std::string pool::status() const
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
    // It is shown until it has left.
    phase const shown = life_.stopped() ? phase::stopping : life_.now();
    std::int64_t const now = time_ms(*broker_);
    auto const up = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - started_);
    pool_info shown_now;
    shown_now.pool = id_;
    shown_now.name = options_.name;
    shown_now.host = host;
    shown_now.pid = ::getpid();
    shown_now.state = lifecycle::text(shown);
    shown_now.started_at_ms = now - up.count();
    shown_now.heartbeat_at_ms = now;
    shown_now.concurrency = options_.concurrency;
    shown_now.busy = running();
    shown_now.lease_ms = options_.lease.count();
    shown_now.rss_kb = pages * (::sysconf(_SC_PAGESIZE) / 1024);
    shown_now.round_trip_us = exchanger_.round_trip_us();
    pool_health const here = health();
    shown_now.exchange_age_ms = std::max<std::int64_t>(0, here.exchange_age_ms);
    shown_now.loop_lag_ms = here.loop_lag_ms;
    shown_now.trouble = broker_->trouble();
    shown_now.events_dropped = hooks_.dropped();
    shown_now.job_names = types_.names();
    shown_now.runs(watch_.running(now));
    shown_now.blocked = blocked();
    return encode_pool_info(std::move(shown_now));
}

}  // namespace work::detail
