// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/job_name.hpp>
#include <work/values/options.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// A job that is not stored yet: a name, arguments, options and a time, made by `work::make`.
///
///     work::new_job job = work::make("resize", 7, "cat.png").with({.queue = "slow", .in = 5min});
///     co_await enqueuer.enqueue(job);
///
/// It is what `enqueue` takes, what a batch holds, and what a broker stores: the text that it
/// becomes is written once. A copy is another job, unless it has an id of its own.
struct new_job
{
    // Not an aggregate: g++ 12 destroys those twice inside a co_await.
    new_job() noexcept {}

    /// Errors: errc::unreadable, when `list` was set by hand and is none.
    WORK_DECL std::string name() const;
    WORK_DECL std::string queue() const;
    /// The text of a JSON array or object.
    WORK_DECL std::string_view arguments() const noexcept;

    /// These options, and the time in them, in the place of those that it had.
    /// Errors: errc::invalid_option, errc::invalid_name, errc::invalid_id.
    WORK_DECL new_job& with(enqueue_options const& options) &;
    new_job with(enqueue_options const& options) && { return std::move(with(options)); }

    // What brokers read.
    std::string id;          ///< empty until it is enqueued, unless it was chosen
    std::string list;        ///< as `list_id` writes it
    std::string envelope;    ///< created at 0 until it is enqueued
    bool chosen_id = false;  ///< the caller's id: enqueuing it twice is harmless
    bool stamp = false;      ///< its creation time is stamped by the broker
    int priority = 0;
    std::int64_t delay_ms = 0;  ///< > 0: scheduled, from the broker's now
    std::int64_t at_ms = 0;     ///< > 0: scheduled, at the broker's time
    /// Since when it has the time of this machine's clock, ms of the steady one; 0: it has the
    /// broker's.
    std::int64_t undated_ms = 0;
    /// The type it was made from, if any.
    detail::job_identity const* type = nullptr;

    /// Nothing but a list entry and a record: costs least.
    bool plain() const noexcept
    {
        return !chosen_id && !stamp && priority == 0 && delay_ms <= 0 && at_ms <= 0 && !large();
    }
    /// Its record becomes a head, and its body is stored apart.
    bool large() const noexcept
    {
        return envelope.size() > max_whole_envelope && is_large_envelope(envelope);
    }
    /// What it takes in a queue of jobs to be sent.
    std::size_t bytes() const noexcept { return id.size() + list.size() + envelope.size() + 64; }
};

namespace detail {

/// A job whose arguments are to be appended to its envelope.
WORK_DECL new_job begin_job(std::string_view name, enqueue_options const& options);
/// To be copied for many of them.
WORK_DECL new_job begin_jobs(std::string_view name, enqueue_options const& options);

/// The job at another time than now. Errors: errc::invalid_option, when it has one already.
WORK_DECL new_job due(new_job job, std::chrono::milliseconds delay);
WORK_DECL new_job due(new_job job, std::chrono::system_clock::time_point time);

/// The lists of a batch whose jobs must not overtake each other, since one of them is not plain.
class mixed_lists
{
public:
    WORK_DECL explicit mixed_lists(std::vector<new_job> const& jobs);
    bool empty() const noexcept { return lists_.empty(); }
    WORK_DECL bool has(new_job const& job) const noexcept;

private:
    std::vector<std::string_view> lists_;  // sorted
};

}  // namespace detail

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/new_job.ipp>
#endif
