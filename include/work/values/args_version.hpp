// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/json/fwd.hpp>

#include <concepts>
#include <functional>
#include <type_traits>

namespace work {

inline constexpr int most_args_version = 1'000'000;

/// Brings arguments of an older version up to date, where they stand.
using upcast_function = std::function<void(int from, boost::json::value& arguments)>;

namespace detail {

template <typename Job>
concept has_args_version = requires { std::bool_constant<(Job::args_version, true)>(); };
template <typename Job>
concept mentions_upcast = requires { &Job::upcast; };
template <typename Job>
concept has_upcast = requires(boost::json::value& arguments) {
    { Job::upcast(1, arguments) } -> std::same_as<void>;
};

/// What a job type says of itself; 0: nothing, which is version 1.
template <typename Job>
constexpr int args_version_of() noexcept
{
    if constexpr (has_args_version<Job>) {
        constexpr bool good = std::is_same_v<decltype(Job::args_version), int const> &&
                              Job::args_version >= 1 && Job::args_version <= most_args_version;
        static_assert(
            good,
            "work: args_version must be a static constexpr int from 1 to 1 000 000"
        );
        return Job::args_version;
    } else {
        return 0;
    }
}

/// Which arguments a handler takes, and what makes such of older ones.
struct args_rule
{
    int version = 0;  ///< 0: it was not said
    upcast_function upcast{};
};

template <typename Job>
args_rule args_rule_of()
{
    args_rule rule{args_version_of<Job>(), {}};
    if constexpr (mentions_upcast<Job>) {
        constexpr bool callable = has_upcast<Job>;
        constexpr bool has_older = args_version_of<Job>() > 1;
        static_assert(
            callable,
            "work: upcast must be static void upcast(int from, boost::json::value& arguments)"
        );
        static_assert(
            has_older,
            "work: a job with an upcast needs a static constexpr int args_version above 1"
        );
        if constexpr (has_upcast<Job>)
            rule.upcast = [](int from, boost::json::value& old) { Job::upcast(from, old); };
    }
    return rule;
}

}  // namespace detail
}  // namespace work
