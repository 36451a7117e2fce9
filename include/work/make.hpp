// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/job.hpp>
#include <work/q.hpp>
#include <work/values/encode.hpp>
#include <work/values/make_job.hpp>
#include <work/values/new_job.hpp>

#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace work {
namespace detail {

template <typename T>
concept text_like = std::convertible_to<T const&, std::string_view>;

template <typename T>
concept are_options = std::same_as<std::remove_cvref_t<T>, enqueue_options>;

/// A call ends with options that it takes in a parameter of their own.
template <typename... Arguments>
inline constexpr bool ends_with_options = false;
template <typename First, are_options Options>
inline constexpr bool ends_with_options<First, Options> = !text_like<std::remove_cvref_t<First>>;
template <typename First, typename Second, are_options Options>
inline constexpr bool ends_with_options<First, Second, Options> =
    std::same_as<std::remove_cvref_t<Second>, q>;

#ifdef WORK_GCC_AWAIT_TEMPORARY_BUG
/// Destroyed twice by g++ 12 when it stands in a co_await expression: see work/build_config.hpp.
template <typename T>
inline constexpr bool dies_twice =
    !std::is_reference_v<T> && std::is_aggregate_v<T> && !std::is_trivially_destructible_v<T>;
#else
template <typename T>
inline constexpr bool dies_twice = false;
#endif

template <typename Job>
constexpr void refuse_temporary()
{
    static_assert(
        !dies_twice<Job>,
        "work: g++ 12 destroys a temporary job inside co_await twice. Give it a name "
        "on the line before (send_email mail{...}; co_await e.enqueue(mail);), or pass "
        "its members: co_await e.enqueue<send_email>(42, \"ada@example.com\")."
    );
}

/// Several jobs for one call: a container of described jobs, or of `new_job`.
template <typename T>
concept job_range = std::ranges::input_range<T> && !text_like<std::remove_cvref_t<T>> &&
                    !described_job<std::remove_cvref_t<T>>;
template <typename T>
using job_in = std::remove_cvref_t<std::ranges::range_reference_t<T>>;

/// Looked at first, so that compilers say what is wrong in few lines.
template <described_job Job>
new_job make_described(Job const& job, enqueue_options const& options)
{
    if constexpr (!good_arguments<false, Job>) {
        explain_fault<fault_of_arguments<false, Job>, Job>();
        std::abort();
    } else {
        new_job made = begin_job(job_identity_v<Job>, options);
        append_job_arguments(made.envelope, job);
        if constexpr (has_unique_rule<Job>)
            make_unique_by(made, Job::unique, job);
        return made;
    }
}

template <typename T>
inline constexpr bool is_described = described_job<T>;

/// Jobs of one type and the same options, which are turned into text once.
template <job_range Jobs>
std::vector<new_job> make_all(Jobs&& jobs, enqueue_options const& options)
{
    using job = job_in<Jobs>;
    static_assert(
        is_described<job>,
        "work: enqueue takes a range of described structs (BOOST_DESCRIBE_STRUCT), or "
        "of work::new_job"
    );
    refuse_temporary<Jobs>();
    std::vector<new_job> all;
    if constexpr (described_job<job>) {
        new_job empty = begin_jobs(job_identity_v<job>, options);
        if constexpr (std::ranges::sized_range<Jobs>)
            all.reserve(static_cast<std::size_t>(std::ranges::size(jobs)));
        for (auto const& one : jobs) {
            all.push_back(empty);
            append_job_arguments(all.back().envelope, one);
            if constexpr (has_unique_rule<job>)
                make_unique_by(all.back(), job::unique, one);
        }
    }
    return all;
}

}  // namespace detail

/// Makes a job to be stored later, or together with others: see `new_job`.
///
///     work::make(mail, {.max_attempts = 3});                    // a described struct
///     work::make<send_email>(42, "ada@example.com");            // the values of its members
///     work::make("resize", 7, "cat.png").with({.in = 5min});    // by name, by position
///     work::make("create_watch", named);                        // by name, by names
///
/// The arguments are turned into text at once, so nothing they were made of needs to live on.
///
/// \par Errors errc::invalid_option, errc::invalid_name, errc::invalid_id, errc::invalid_arguments.
template <described_job Job>
new_job make(Job const& job, enqueue_options const& options = enqueue_options())
{
    return detail::make_described(job, options);
}

#ifdef WORK_GCC_AWAIT_TEMPORARY_BUG
template <described_job Job>
    requires(detail::dies_twice<Job>)
new_job make(Job const&&, enqueue_options const& = enqueue_options())
{
    detail::refuse_temporary<Job>();
    std::abort();
}
#endif

/// Members left out keep their defaults.
template <described_job Job, typename... Members>
    requires(!(std::same_as<Members, Job> || ...) && !(detail::are_options<Members> || ...))
new_job make(Members const&... members)
{
    return detail::make_described(make_job<Job>(members...), enqueue_options());
}

template <detail::text_like Name, typename... Arguments>
    requires(!(std::same_as<Arguments, q> || ...))
new_job make(Name const& name, Arguments const&... arguments)
{
    static_assert(
        !(detail::are_options<Arguments> || ...),
        "work: the options of a job by position go behind it: "
        "work::make(name, arguments...).with(options)"
    );
    static_assert(
        !(described_job<Arguments> || ...),
        "work: a described struct is a job of its own: leave the name away, or give the "
        "struct that job_name"
    );
    new_job made = detail::begin_job(name, enqueue_options());
    if constexpr (!((detail::are_options<Arguments> || described_job<Arguments>) || ...))
        append_positional(made.envelope, arguments...);
    return made;
}

inline new_job make(
    std::string_view name,
    q const& named,
    enqueue_options const& options = enqueue_options()
)
{
    new_job made = detail::begin_job(name, options);
    named.append_json(made.envelope);
    return made;
}

/// Says in one line what is missing.
template <typename Job, typename... Rest>
    requires(std::is_class_v<Job> && !described_job<Job> && !detail::text_like<Job>)
new_job make(Job const&, Rest const&...)
{
    static_assert(
        described_job<Job>,
        "work: describe the job with BOOST_DESCRIBE_STRUCT(name, (), (members)), or "
        "give its name first"
    );
    std::abort();
}

/// By name, with arguments that are JSON text already: an array or an object.
/// Errors: errc::invalid_arguments for anything else, with the offset and the reason.
WORK_DECL new_job make_json(
    std::string_view name,
    std::string_view json,
    enqueue_options const& options = enqueue_options()
);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/make.ipp>
#endif
