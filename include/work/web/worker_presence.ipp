// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/values/pool_info.hpp>
#include <work/web/worker_presence.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace work::web {
namespace detail_of_presence {

inline constexpr std::int64_t show_every_ms = policy::heartbeat_ms - policy::heartbeat_late_ms;
inline constexpr std::int64_t say_every_ms = policy::ms_per_hour;
inline constexpr int samples_a_second = 10;

}  // namespace detail_of_presence

WORK_DECL worker_presence::worker_presence(
    boost::asio::any_io_executor on,
    std::shared_ptr<broker> to
)
    : broker_(std::move(to)),
      port_(broker_->make_lease_port(
          std::move(on),
          std::chrono::milliseconds(policy::status_shown_ms)
      ))
{}

WORK_DECL task<void> worker_presence::show(
    std::string pool,
    worker_registration const& is,
    held_work has,
    std::string_view state
)
{
    std::int64_t const now = steady_ms();
    seen& one = pools_[pool];
    one.user = is.user;
    if (one.shown_ms != 0 && now - one.shown_ms < detail_of_presence::show_every_ms)
        co_return;
    pool_info status;
    status.pool = pool;
    status.name = is.name;
    status.host = is.host;
    status.pid = is.pid;
    status.state = state;
    status.started_at_ms = is.since_ms;
    status.heartbeat_at_ms = time_ms(*broker_);
    status.concurrency = is.concurrency;
    status.busy = has.busy;
    status.lease_ms = is.lease_ms;
    status.language = is.language;
    std::int64_t const since = has.since_ms;
    std::vector<running_jobs> run = co_await look_up(std::move(has));
    status.runs(std::move(run));
    if (since != 0 && !status.oldest)
        status.oldest = oldest_job{"", "", since};
    for (worker_job_type const& type : is.job_types)
        status.job_names.push_back(type.name);
    std::string text = encode_pool_info(std::move(status));
    constexpr std::chrono::milliseconds shown_for(3 * policy::heartbeat_ms);
    std::string id = pool;
    bool known = false;
    try {
        known = co_await port_->heartbeat(std::move(id), std::move(text), shown_for);
    } catch (error const&) {
        // A server that is full shows nobody, and takes reports all the same; of one that is away
        // the caller hears by what it does next.
    }
    seen& shown = pools_[pool];
    shown.shown_ms = now;
    // Who was taken for gone is drawn for no wakeup before it says again what it serves.
    if (!known)
        shown.said.clear();
    forget_old(now);
}

// A job began when it was claimed, as far as anybody here knows: a fence is its claim's time in us.
WORK_DECL task<std::vector<running_jobs>> worker_presence::look_up(held_work has)
{
    std::map<std::string, running_jobs> names;
    std::vector<held_claim> held;
    if (has.busy > 0 && has.busy <= most_named) {
        std::vector<held_request> asked;
        for (claim_number const one : has.claims) {
            asked.emplace_back().claim = one;
            asked.back().all = true;
        }
        try {
            held = co_await broker_->held(std::move(asked));
        } catch (error const&) {
            // Then it is shown without them.
        }
    }
    for (held_claim const& claim : held)
        for (held_record const& job : claim.jobs) {
            auto const header = work::detail::read_header(job.envelope);
            if (job.left || !header)
                continue;
            running_jobs& to = names[queue_of_list(std::string(header->list)).name];
            ++to.jobs;
            std::int64_t const since = claim.claim / 1'000;
            if (to.since_ms != 0 && to.since_ms <= since)
                continue;
            to.since_ms = since;
            to.oldest = job.id;
        }
    std::vector<running_jobs> all;
    for (auto& [name, of] : names) {
        of.name = name;
        all.push_back(std::move(of));
    }
    co_return all;
}

WORK_DECL bool worker_presence::must_say(std::string const& pool, std::string_view registered) const
{
    auto const found = pools_.find(pool);
    return found == pools_.end() || found->second.said != registered ||
           steady_ms() - found->second.said_ms > detail_of_presence::say_every_ms;
}

WORK_DECL void worker_presence::said(std::string const& pool, std::string_view registered)
{
    seen& one = pools_[pool];
    one.said = registered;
    one.said_ms = steady_ms();
}

WORK_DECL void worker_presence::forget(std::string const& pool)
{
    pools_.erase(pool);
}

WORK_DECL std::size_t worker_presence::pools_of(std::string_view user) const
{
    return static_cast<std::size_t>(std::count_if(
        pools_.begin(),
        pools_.end(),
        [&](auto const& one) {
            return one.second.user == user &&
                   steady_ms() - one.second.shown_ms < policy::worker_kept_ms;
        }
    ));
}

WORK_DECL bool worker_presence::is_sample(std::string const& name)
{
    samples& of = samples_[name];
    std::int64_t const second = steady_ms() / 1'000;
    if (of.second != second)
        of = samples{second, 0};
    return of.count++ < detail_of_presence::samples_a_second;
}

WORK_DECL void worker_presence::forget_old(std::int64_t now)
{
    if (pools_.size() + samples_.size() < sweep_at_)
        return;
    std::erase_if(pools_, [&](auto const& one) {
        return now - one.second.shown_ms > policy::worker_kept_ms;
    });
    std::erase_if(samples_, [&](auto const& one) { return one.second.second < now / 1'000; });
    sweep_at_ = std::max<std::size_t>(1'000, 2 * (pools_.size() + samples_.size()));
}

}  // namespace work::web
