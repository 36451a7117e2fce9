// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/pool/core.hpp>
#include <work/pool/keeper.hpp>
#include <work/pool/verdict.hpp>
#include <work/values/duration.hpp>
#include <work/values/failure.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>

namespace work::detail {

// What the keeper does for the jobs of a pool whose thread is blocked.

// The pool can't take what its standing claim brings, so somebody else is to have it.
WORK_DECL task<void> lease_keeper::settle_standing()
{
    std::optional<std::int64_t> const number = end_standing();
    if (!number)
        co_return;
    exchange_request request;
    request.pool = pool_.id();
    request.number = *number;
    request.lease_ms = options_.lease.count();
    request.lean = true;
    request.deadline_ms = 1000;
    std::map<claim_number, kept_claim> brought;
    try {
        exchange_answer answer = co_await port_->exchange(std::move(request));
        if (answer.claim != 0)
            brought[answer.claim] = kept_claim{std::move(answer.jobs), answer.bytes};
    } catch (std::exception const& e) {
        pool_.log(
            log_level::warning,
            std::string("a standing claim could not be settled: ") + e.what()
        );
    }
    if (!brought.empty())
        co_await release(std::move(brought), clock::now() + std::chrono::seconds(1));
}

// The process is about to exit, so that nobody runs them here any more.
WORK_DECL task<std::size_t> lease_keeper::release_all(clock::time_point until)
{
    std::map<claim_number, kept_claim> held;
    {
        std::lock_guard const lock(mutex_);
        held = claims_;
    }
    return release(std::move(held), until);
}

// Of the jobs that ended the broker knows: a word about them changes nothing. The last ones first,
// to keep their order.
WORK_DECL task<std::size_t> lease_keeper::release(
    std::map<claim_number, kept_claim> held,
    clock::time_point until
)
{
    std::vector<job_outcome> words;
    for (auto const& [number, kept] : held) {
        for (claimed_job const& job : kept.jobs)
            words.push_back(job_outcome{number, job.id, outcome_kind::release, 0, {}});
    }
    std::size_t released = 0;
    while (!words.empty()) {
        while (exchanging_ && clock::now() < until)
            co_await watch_wake_.sleep_until(clock::now() + std::chrono::milliseconds(5));
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
        if (exchanging_ || left < std::chrono::milliseconds(10))
            break;
        exchanging_ = true;
        exchange_request request = next_exchange(left);
        std::size_t const some = std::min<std::size_t>(words.size(), 1024);
        request.outcomes.assign(words.rbegin(), words.rbegin() + static_cast<std::ptrdiff_t>(some));
        words.resize(words.size() - some);
        if (words.empty()) {
            for (auto const& [number, kept] : held)
                request.close.push_back(number);
        }
        exchange_answer answer;
        try {
            answer = co_await port_->exchange(std::move(request));
        } catch (std::exception const& e) {
            pool_.log(
                log_level::warning,
                std::string("unfinished jobs could not be released: ") + e.what()
            );
            words.clear();
        }
        exchanging_ = false;
        released += static_cast<std::size_t>(
            std::count(answer.outcomes.begin(), answer.outcomes.end(), outcome_code::ok)
        );
    }
    co_return released;
}

// Jobs past their timeout while the pool's thread can't say so. All that is needed of them is
// copied while their slots are locked: the thread may go on at any moment.
WORK_DECL std::vector<lease_keeper::late_job> lease_keeper::find_late(clock::time_point before)
{
    std::vector<late_job> late;
    std::lock_guard const lock(mutex_);
    for (slot* s : slots_) {
        slot_lock const guard(*s);
        if (!s->running || s->given_up || s->give_up_at >= before)
            continue;
        s->given_up = true;
        late_job job;
        job.worker = s;
        job.generation = s->generation;
        job.id = s->held.id;
        job.claim = s->held.of->number;
        job.name = s->held.list->type->name;
        failed_attempt attempt;
        attempt.attempts_before = s->held.record.attempts;
        attempt.created_ms = s->held.record.created_ms;
        attempt.now_ms = pool_.now_ms();
        attempt.random = static_cast<std::uint64_t>(clock::now().time_since_epoch().count());
        job.what = judge(s->held.list->type->options, s->options.get(), attempt);
        job.failure = encode_failure(
            work::failure{
                attempt.attempts_before + 1,
                "timed_out",
                job.name + " ran longer than its timeout (" + format_duration(s->timeout) +
                    ") and blocks its thread",
                attempt.now_ms
            },
            lean_failure_message
        );
        late.push_back(std::move(job));
    }
    return late;
}

WORK_DECL task<void> lease_keeper::give_up(std::vector<late_job> late)
{
    while (exchanging_)
        co_await watch_wake_.sleep_until(clock::now() + std::chrono::milliseconds(5));
    exchanging_ = true;
    exchange_request request = next_exchange(options_.lease);
    for (late_job const& job : late) {
        request.outcomes.push_back(
            job_outcome{job.claim, job.id, job.what.kind, job.what.delay_ms, job.failure}
        );
        pool_.log(
            log_level::error,
            "job " + job.id + " (" + job.name +
                ") is past its timeout and blocks its thread; it is given up"
        );
    }
    bool done = false;
    try {
        co_await port_->exchange(std::move(request));
        done = true;
    } catch (std::exception const& e) {
        pool_.log(log_level::warning, std::string("a job could not be given up: ") + e.what());
    }
    exchanging_ = false;
    auto pool = weak_.lock();
    if (!pool)
        co_return;
    auto const executor = pool->executor();
    boost::asio::post(executor, [pool = std::move(pool), late = std::move(late), done] {
        for (late_job const& job : late)
            pool->given_up_by_keeper(job, done);
    });
}

}  // namespace work::detail
