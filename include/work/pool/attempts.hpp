// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/events.hpp>
#include <work/pool/claim_ledger.hpp>
#include <work/pool/hooks.hpp>
#include <work/pool/late_job.hpp>
#include <work/pool/pool_log.hpp>
#include <work/pool/queue_set.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/pool/worker.hpp>
#include <work/values/failure.hpp>
#include <work/values/random_bits.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// What a handler threw.
struct caught_failure
{
    exception_text text;
    bool is_fatal = false;   ///< no other attempt can help
    bool is_misfit = false;  ///< the arguments, which may fit the handler of another version
    bool is_newer = false;   ///< the arguments, than the handler
    bool counts = true;      ///< costs an attempt
    std::optional<std::chrono::milliseconds> again_in{};
};

/// What was just caught, within the catch block. `thrown` is null: it is none of std::exception.
/// Null: there was no memory to describe it.
WORK_DECL std::unique_ptr<caught_failure> catch_failure(std::exception const* thrown) noexcept;
/// Stands for what could not be described.
WORK_DECL caught_failure const& undescribed_failure() noexcept;

/// What became of a job, and what is reported of it: done, another attempt, dead, given back.
class attempts
{
public:
    attempts(
        std::string const& pool,
        std::chrono::milliseconds id_retention,
        std::function<void(new_job&)> prepare_job,
        work::broker const& clock,
        claim_ledger& ledger,
        queue_set& queues,
        hooks& events,
        pool_log& log,
        std::uint64_t seed
    )
        : pool_(pool),
          id_retention_(id_retention),
          prepare_job_(std::move(prepare_job)),
          clock_(clock),
          ledger_(ledger),
          queues_(queues),
          hooks_(events),
          log_(log),
          random_(seed)
    {}

    /// The worker's handler ended, by an exception or not. Should even that throw, the job is left
    /// to its lease.
    /// `failure`: what it threw, if it did.
    WORK_DECL void ended(worker& s, caught_failure const* failure);
    /// The same of one that was given up before.
    WORK_DECL void ended_late(worker& s);
    /// It ended, and its lease had before.
    WORK_DECL void ended_lost(worker& s);
    /// It was cancelled or killed, and does not run, any more or at all.
    WORK_DECL void cancelled(held_job const& held);
    /// It did not end when it was cancelled after its timeout.
    WORK_DECL void overstayed(worker& s);

    /// The heartbeat gave it up, and reports that. Returns what is to be told of it; may be null.
    WORK_DECL std::unique_ptr<event_info> given_up(held_job const& held, late_job const& job);

    /// It is about to run: counts how long it waited, the first time.
    WORK_DECL void starts(held_job const& job);
    // Before it runs; true: it is not to run, and that was reported.
    WORK_DECL bool expired(held_job const& job, stored_options const* own);
    /// Else shortens `timeout` to what is left until the deadline.
    WORK_DECL bool misses_deadline(
        held_job const& job,
        stored_options const* own,
        std::chrono::milliseconds& timeout
    );
    WORK_DECL void set_aside(held_job const& job, std::string const& why);

    std::int64_t now_ms() const { return time_ms(clock_); }

    /// Thread safety: any thread. Logs, once for a type, that its own backoff function threw.
    WORK_DECL retry_decision
    next_step(job_type const& type, stored_options const* own, failed_attempt const& attempt) const;

private:
    WORK_DECL void decide(worker& s, caught_failure const* failure);
    WORK_DECL void threw(worker& s, caught_failure const& failure);
    WORK_DECL bool prepare(worker& s, std::vector<new_job>& jobs);
    WORK_DECL bool take_committed(worker& s);
    WORK_DECL void add_writes(worker& s, job_report& what);
    WORK_DECL void go_on(worker& s);
    WORK_DECL void complete(worker& s, std::string_view how, std::string_view detail);
    WORK_DECL void fail(worker& s, std::string type, std::string message, failed_attempt how = {});
    WORK_DECL job_report
    failed_report(worker& s, std::string type, std::string message, failed_attempt how);
    static void count_end(held_job const& job, attempt_end how) noexcept
    {
        job.list->type->ends.add(how);
    }
    /// Null if nobody wants to know.
    WORK_DECL std::unique_ptr<event_info> event_of(
        held_job const& job,
        retry_decision const& next,
        work::failure const& why,
        int max_attempts
    ) const;
    /// Names this pool, and how long it waited, as far as that is known.
    WORK_DECL void say_where(work::failure& why, held_job const& job) const;
    WORK_DECL std::string completed_record(worker& s, std::string_view how, std::string_view detail)
        const;
    std::int64_t trace_ms(held_job const& job) const noexcept
    {
        return job.record.flags & envelope_flags::chosen_id ? id_retention_.count() : 0;
    }

    std::string const& pool_;
    std::chrono::milliseconds id_retention_;
    std::function<void(new_job&)> prepare_job_;  // before it can be stored
    work::broker const& clock_;
    claim_ledger& ledger_;
    queue_set& queues_;
    hooks& hooks_;
    pool_log& log_;
    random_bits random_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/attempts.ipp>
#include <work/pool/completing.ipp>
#endif
