// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/job_name.hpp>
#include <work/values/needs.hpp>
#include <work/values/options.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/unique.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {
namespace detail {

/// What makes a job unique, and how, as it was asked for.
struct uniqueness
{
    char kind = '-';   ///< by: `a` all arguments, `k` a key, `m` some members; `-`: it is not
    std::string text;  ///< the key, or the members' values
    std::optional<work::until> until{};
    std::optional<std::chrono::milliseconds> time{};
    std::optional<work::conflict> on_conflict{};

    bool asked() const noexcept { return kind != '-' || until || time || on_conflict; }
};

}  // namespace detail

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

    /// Its options, but for those of its place: queue, id, time, and how it is unique.
    /// Errors: errc::unreadable, when the envelope was set by hand and is none.
    WORK_DECL stored_options options() const;
    /// The job with other ones; its queue, id and time, and how it is unique, stay.
    /// Errors: errc::invalid_option.
    WORK_DECL new_job& set_options(stored_options const& options);
    /// In the place of a header of that name, or one more. Errors: errc::invalid_option.
    WORK_DECL new_job& set_header(std::string_view name, std::string_view value);
    /// A JSON array or object in the place of its arguments. Errors: errc::invalid_arguments.
    WORK_DECL new_job& set_arguments(std::string_view json);

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
    detail::job_lock lock;  ///< written when it is enqueued, from `unique`
    detail::uniqueness unique;
    /// Its needs, and its flow; null: it has none.
    std::shared_ptr<detail::job_links const> links;
    /// The type it was made from, if any.
    detail::job_identity const* type = nullptr;

    /// Nothing but a list entry and a record: costs least.
    bool plain() const noexcept
    {
        return !chosen_id && !stamp && priority == 0 && delay_ms <= 0 && at_ms <= 0 && !holds() &&
               links == nullptr && !large();
    }
    /// It has a lock or tags.
    bool holds() const noexcept
    {
        return !lock.key.empty() || (envelope.size() > envelope_list_offset &&
                                     has_envelope_flag(envelope, envelope_flags::holds));
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

/// A job whose arguments are to be appended to its envelope. Of a described one with its type.
WORK_DECL new_job begin_job(std::string_view name, enqueue_options const& options);
WORK_DECL new_job begin_job(job_identity const& type, enqueue_options const& options);
/// To be copied for many of them.
WORK_DECL new_job begin_jobs(job_identity const& type, enqueue_options const& options);

/// Unique by these members, unless its options make it so by something else.
template <auto... Members, typename Job>
void make_unique_by(new_job& made, unique_rule<Members...> const& rule, Job const& job)
{
    if (made.unique.kind == '-') {
        made.unique.kind = 'm';
        made.unique.text = unique_rule<Members...>::text_of(job);
    }
    if (!made.unique.until && !made.unique.time) {
        if (rule.time_.count() > 0)
            made.unique.time = rule.time_;
        else
            made.unique.until = rule.until_;
    }
    if (!made.unique.on_conflict)
        made.unique.on_conflict = rule.on_conflict_;
}

/// Once its arguments are there: its key, and what its envelope says of it. Errors:
/// errc::invalid_option, when it says how a job is unique that is not.
WORK_DECL void write_lock(new_job& job);

/// This client is told of its end.
WORK_DECL void follow_with(new_job& job, std::string_view follower);

/// The job at another time than now. Errors: errc::invalid_option, when it has one already.
WORK_DECL new_job due(new_job job, std::chrono::milliseconds delay);
WORK_DECL new_job due(new_job job, std::chrono::system_clock::time_point time);

}  // namespace detail

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/new_job.ipp>
#endif
