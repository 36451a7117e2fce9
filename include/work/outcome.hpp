// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/options.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace work {

/// The largest result that is kept with a completed job, in bytes of JSON.
inline constexpr std::size_t max_result = 64 << 10;

/// How a handler that returns `task<outcome>` ends other than by returning or throwing.
///
///     work::task<work::outcome> poll(work::context&, order o) {
///         if (!co_await shipped(o))
///             co_return work::snooze(5min);
///         co_return work::done();
///     }
class outcome
{
public:
    enum class kind { done, snooze, discard };

    kind what() const noexcept { return kind_; }
    std::chrono::milliseconds delay() const noexcept { return delay_; }
    std::string const& reason() const noexcept { return reason_; }
    /// Made by `done`, `snooze` or `discard`, which counts also when the job was told to stop.
    bool is_express() const noexcept { return express_; }

private:
    friend outcome done();
    friend outcome snooze(std::chrono::milliseconds);
    friend outcome discard(std::string);

    kind kind_ = kind::done;
    std::chrono::milliseconds delay_{0};
    std::string reason_;
    bool express_ = false;
};

/// The job is done. Said expressly it is so also for a handler that was told to stop, as long as
/// the job's lease is valid.
inline outcome done()
{
    outcome o;
    o.express_ = true;
    return o;
}

/// The job runs again after a while, and no attempt is counted. Less than 1 ms is 1 ms.
/// \par Errors errc::invalid_option beyond 10 years.
inline outcome snooze(std::chrono::milliseconds delay)
{
    std::chrono::milliseconds const least(1);
    if (delay > furthest_due)
        detail::check_duration("the delay of snooze", delay, least, furthest_due);
    outcome o;
    o.kind_ = outcome::kind::snooze;
    o.delay_ = std::max(delay, least);
    o.express_ = true;
    return o;
}

/// The job is dropped: neither done nor failed.
inline outcome discard(std::string why)
{
    outcome o;
    o.kind_ = outcome::kind::discard;
    o.reason_ = std::move(why);
    o.express_ = true;
    return o;
}

/// Thrown by a handler: the job is dead at once, whatever attempts are left.
class fatal : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

}  // namespace work
