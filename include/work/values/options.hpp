// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/backoff.hpp>
#include <work/values/option_list.hpp>
#include <work/values/unique.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace work {

inline constexpr int min_priority = -100;
inline constexpr int max_priority = 100;
inline constexpr int most_attempts = 1000;
inline constexpr std::chrono::milliseconds longest_option{std::chrono::hours(24 * 365)};
/// How far ahead of now a job may be due.
inline constexpr std::chrono::milliseconds furthest_due{std::chrono::hours(24 * 365 * 10)};
inline constexpr std::size_t max_headers = 64;
inline constexpr std::size_t max_headers_size = 64 << 10;
inline constexpr std::size_t max_tags = 32;

/// What one enqueue may ask for. What is not set is the job type's choice, made where it runs.
///
/// Lifetimes: the views must live until the enqueue function returns its awaitable; it copies them.
/// Trivially destructible, since g++ 12 destroys other aggregates inside a co_await twice.
struct enqueue_options
{
    /// The queue to wait in; by default the one of the job's own name.
    std::string_view queue{};
    /// An id of your own: enqueuing it twice stores one job.
    std::string_view id{};
    /// -100..100, higher first. A job that waits gains on those that came later.
    int priority = 0;
    /// 1..1000 attempts in all.
    std::optional<int> max_attempts{};
    /// How long one attempt may run.
    std::optional<std::chrono::milliseconds> timeout{};
    /// When it may start, at the earliest: after a delay, or at a time of the broker's clock, at
    /// most 10 years ahead; not both. What lies in the past means now.
    std::chrono::milliseconds in{0};
    std::chrono::system_clock::time_point at{};
    /// The job is dropped when it has not been started by then.
    std::optional<std::chrono::milliseconds> expires_in{};
    /// How long the job may take in all, from enqueue, over all its attempts.
    std::optional<std::chrono::milliseconds> deadline{};
    std::optional<work::backoff> backoff{};
    /// Out of attempts, the job is dropped rather than kept in the dead set.
    std::optional<bool> skip_dead{};
    /// Of which version the arguments are, 1..1 000 000; 0: of that of the job's type, or 1. See
    /// `job_options::args_version`.
    int args_version = 0;
    /// At most one job of this name and these arguments is there at a time: another one is not
    /// stored, and its handle has the id of the one that is there. A job type can say by which of
    /// its members: `unique_by`.
    bool unique = false;
    /// The same by a key of your own in the place of the arguments.
    std::string_view unique_key{};
    /// When another one is let in; by default when this one has succeeded or is dead.
    std::optional<work::until> unique_until{};
    /// Or for so long from now, whatever becomes of it: at most a year.
    std::optional<std::chrono::milliseconds> unique_for{};
    /// What becomes of the one that is there; by default nothing.
    std::optional<work::conflict> on_conflict{};
    /// {{"tenant", "acme"}}, or a container of pairs. At most 64, and 64 KiB in all.
    header_list headers{};
    /// {"nightly"}, or a container of texts. At most 32. The job is found by them until it has
    /// ended: `job_filter::tag`; it leaves the fast path, as one with an id of its own does.
    tag_list tags{};

    /// Throws `work::error` that names the field, the value and the range.
    WORK_DECL void validate() const;

    /// Parts of `validate`.
    WORK_DECL void check_headers() const;
    WORK_DECL void check_tags() const;
};

static_assert(std::is_trivially_destructible_v<enqueue_options>);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/options.ipp>
#endif
