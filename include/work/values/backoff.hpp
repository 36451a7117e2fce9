// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <boost/describe/enum.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace work {

/// How long a job waits after its n-th failed attempt. A plain value, so that it can travel with
/// a job; `backoff_policy` is for functions of your own.
struct backoff
{
    enum class shape { polynomial, fixed, exponential };

    shape kind = shape::polynomial;
    /// The delay when fixed, the first delay when exponential; not used by the polynomial.
    std::chrono::milliseconds base{0};
    double factor = 2;
    std::chrono::milliseconds cap{std::chrono::hours(24 * 7)};
    /// Share of the delay that is added at random, also beyond the cap, so that jobs that failed
    /// together don't come back together: 0.1 adds up to 10 %.
    double jitter = 0;

    /// n^4 + 15 s, and at random up to 30 s * (n + 1): about a minute first, days by the 20th.
    static constexpr backoff polynomial() noexcept { return {}; }

    static constexpr backoff fixed(std::chrono::milliseconds delay) noexcept
    {
        return {shape::fixed, delay, 1, delay, 0};
    }

    /// base, base * factor, base * factor^2 ... up to the cap, and up to 10 % at random.
    static constexpr backoff exponential(
        std::chrono::milliseconds base,
        double factor = 2,
        std::chrono::milliseconds cap = std::chrono::hours(24 * 7)
    ) noexcept
    {
        return {shape::exponential, base, factor, cap, 0.1};
    }

    /// The delay after `failures` failed attempts (1 or more); `random` is any uniform number.
    WORK_DECL std::chrono::milliseconds delay(int failures, std::uint64_t random) const;

    /// Throws `errc::invalid_option`. `what` names the field: "backoff".
    WORK_DECL void validate(char const* what = "backoff") const;

    friend bool operator==(backoff const&, backoff const&) = default;
};

BOOST_DESCRIBE_ENUM(backoff::shape, polynomial, fixed, exponential)

static_assert(std::is_trivially_destructible_v<backoff>);

namespace detail {
template <typename Fn>
concept gives_delay =
    std::convertible_to<std::invoke_result_t<Fn&, int>, std::chrono::milliseconds>;
}

/// A `backoff`, or a function of your own from the number of failed attempts to the delay. What the
/// function answers is kept within 0 and one year; it must be callable from any thread of the pool.
class backoff_policy
{
public:
    using function = std::function<std::chrono::milliseconds(int failures)>;

    backoff_policy() = default;
    backoff_policy(backoff shape) : shape_(shape) {}

    template <typename Fn>
        requires(!std::same_as<std::remove_cvref_t<Fn>, backoff_policy> && detail::gives_delay<Fn>)
    backoff_policy(Fn&& fn) : own_(std::forward<Fn>(fn))
    {}

    WORK_DECL std::chrono::milliseconds delay(int failures, std::uint64_t random) const;
    WORK_DECL void validate(char const* what = "backoff") const;

    bool is_own() const noexcept { return static_cast<bool>(own_); }

    /// Meaningful unless `is_own()`.
    backoff const& shape() const noexcept { return shape_; }

private:
    backoff shape_;
    function own_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/backoff.ipp>
#endif
