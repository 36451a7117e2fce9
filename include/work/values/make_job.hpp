// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/argument_types.hpp>
#include <work/values/described.hpp>
#include <work/values/job_name.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace work {
namespace detail {

template <typename T>
concept plain_integer = std::integral<T> && !std::same_as<T, bool>;

/// A double never becomes an integer, and nothing but a bool becomes a bool, by accident.
template <typename From, typename To>
inline constexpr bool fits_member =
    std::is_convertible_v<From, To> &&
    !(std::is_floating_point_v<std::remove_cvref_t<From>> && std::is_integral_v<To>) &&
    (!std::same_as<To, bool> || std::same_as<std::remove_cvref_t<From>, bool>);

template <typename From, typename To>
inline constexpr bool fits_member<From, std::optional<To>> =
    std::is_convertible_v<From, std::optional<To>> &&
    (is_specialization<std::remove_cvref_t<From>, std::optional> ||
     std::same_as<std::remove_cvref_t<From>, std::nullopt_t> || fits_member<From, To>);

[[noreturn]] WORK_DECL void throw_member_range(
    std::string_view job,
    std::string_view member,
    std::string const& value
);

/// False when an integer is outside the range of its member.
template <typename To, typename Arg>
bool assign_member(To& to, Arg&& arg)
{
    using from = std::remove_cvref_t<Arg>;
    if constexpr (plain_integer<from> && plain_integer<To>) {
        To const narrow = static_cast<To>(arg);
        bool const sign_kept = (narrow < To{}) == (arg < from{});
        to = narrow;
        return static_cast<from>(narrow) == arg && sign_kept;
    } else if constexpr (std::is_arithmetic_v<from> && std::is_arithmetic_v<To>) {
        to = static_cast<To>(arg);
        return true;
    } else if constexpr (optional_like<To> && std::is_arithmetic_v<from>) {
        return assign_member(to.emplace(), arg);
    } else {
        to = std::forward<Arg>(arg);
        return true;
    }
}

template <typename Job, std::size_t Index, typename Arg>
void set_member(Job& job, Arg&& arg)
{
    using member = member_at<Job, Index>;
    if constexpr (!fits_member<Arg&&, member_type<Job, member>>)
        static_assert(
            always_false<Arg>,
            "work: an argument doesn't convert to the member of the job at its position"
        );
    else if (!assign_member(job.*member::pointer, std::forward<Arg>(arg)))
        if constexpr (std::is_arithmetic_v<std::remove_cvref_t<Arg>>)
            throw_member_range(job_name_v<Job>, member::name, std::to_string(arg));
}

}  // namespace detail

/// Builds a described job from the values of its members, in order; members without a value keep
/// their defaults.
///
/// Errors: `errc::invalid_arguments` for an integer outside the range of its member.
template <described_job Job, typename... Args>
Job make_job(Args&&... args)
{
    static_assert(
        sizeof...(Args) <= detail::member_count<Job>,
        "work: more arguments than the job has described members"
    );
    static_assert(
        std::is_default_constructible_v<Job>,
        "work: a job built from its members needs a default constructor"
    );
    Job job{};
    if constexpr (sizeof...(Args) <= detail::member_count<Job>)
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (detail::set_member<Job, Index>(job, std::forward<Args>(args)), ...);
        }(std::index_sequence_for<Args...>{});
    return job;
}

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/make_job.ipp>
#endif
