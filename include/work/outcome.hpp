// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/new_job.hpp>
#include <work/values/options.hpp>
#include <work/values/redis_write.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// How many jobs may follow upon one.
inline constexpr std::size_t max_follow_ups = 256;

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
    enum class kind { done, snooze, discard, next_stage };

    kind what() const noexcept { return kind_; }
    std::chrono::milliseconds delay() const noexcept { return delay_; }
    std::string const& reason() const noexcept { return reason_; }
    /// Made by `done`, `snooze`, `discard` or `next_stage`, which counts also when the job was told
    /// to stop.
    bool is_express() const noexcept { return express_; }

    /// A job that is stored if, and only if, this attempt ends so: both in one step of the broker,
    /// so that neither is there without the other.
    ///
    ///     co_return work::done().then(work::make<send_receipt>(order.id)).then(next);
    ///
    /// \par Errors errc::invalid_option: of a snooze, which ends nothing; or more than
    /// `max_follow_ups`. A job that can't be enqueued (its arguments are too large, say) fails the
    /// attempt instead.
    outcome& then(new_job job) &
    {
        check_follow_up(job);
        more().follow_ups.push_back(std::move(job));
        return *this;
    }
    outcome then(new_job job) && { return std::move(then(std::move(job))); }
    std::vector<new_job> const& follow_ups() const noexcept
    {
        static std::vector<new_job> const none;
        return more_ ? more_->follow_ups : none;
    }
    /// A Redis command on a key of your own that is carried out if, and only if, this attempt ends
    /// so: in the same step, all of them or none.
    ///
    ///     co_return work::done().write("HINCRBY", "paid", "2026-11", 1);
    ///
    /// \par Errors errc::invalid_option: of a snooze, which ends nothing; more than `max_writes`
    ///             or `max_write_bytes`; and those of `redis_write`. What Redis would refuse, as a
    ///             key of another type, fails the attempt instead, with the type `write_refused`.
    outcome& write(redis_write one) &
    {
        check_write(one);
        more().writes.push_back(std::move(one));
        return *this;
    }
    outcome write(redis_write one) && { return std::move(write(std::move(one))); }
    template <typename... Words>
        requires std::
            constructible_from<redis_write, std::string_view, std::string_view, Words const&...>
        outcome& write(std::string_view command, std::string_view key, Words const&... words) &
    {
        return write(redis_write(command, key, words...));
    }
    template <typename... Words>
        requires std::
            constructible_from<redis_write, std::string_view, std::string_view, Words const&...>
        outcome write(std::string_view command, std::string_view key, Words const&... words) &&
    {
        return std::move(write(redis_write(command, key, words...)));
    }
    std::vector<redis_write> const& writes() const noexcept
    {
        static std::vector<redis_write> const none;
        return more_ ? more_->writes : none;
    }
    /// Of `next_stage`: what the job becomes; null: it goes to another queue, which `reason` names.
    new_job const* stage() const noexcept
    {
        return more_ && more_->stage ? &*more_->stage : nullptr;
    }

private:
    friend outcome done();
    friend outcome snooze(std::chrono::milliseconds);
    friend outcome discard(std::string);
    friend outcome next_stage(new_job);
    friend outcome next_stage(std::string_view);

    struct parts
    {
        std::vector<new_job> follow_ups;
        std::vector<redis_write> writes;
        std::optional<new_job> stage;
    };
    parts& more()
    {
        if (!more_)
            more_ = std::make_shared<parts>();
        return *more_;
    }
    WORK_DECL void check_follow_up(new_job const& job) const;
    WORK_DECL void check_write(redis_write const& one) const;

    kind kind_ = kind::done;
    std::chrono::milliseconds delay_{0};
    std::string reason_;
    bool express_ = false;
    std::shared_ptr<parts> more_;  // most have none
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

/// The job goes on to its next stage: under the same id, as another job type, in another queue or
/// both, with all its attempts anew. Headers, tags and priority stay, unless the stage has its own.
///
///     co_return work::next_stage(work::make<publish>(video.id).with({.queue = "edge"}));
///     co_return work::next_stage("gpu");    // the same job in the queue "gpu"
///
/// It is one step of the broker: nobody sees the job between two stages. A time in the options of
/// the stage (`in`, `at`) is when it is to run.
/// \par Errors errc::invalid_option, when the stage has an id of its own.
WORK_DECL outcome next_stage(new_job stage);
/// \par Errors errc::invalid_name
WORK_DECL outcome next_stage(std::string_view queue);

/// Thrown by a handler: the job is dead at once, whatever attempts are left.
class fatal : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Thrown by a handler: it failed through no fault of the job's, as when what it needs is known to
/// be away, and no attempt is counted. It is a failure else: told, and kept with the job. Where
/// `job_options::max_snoozes` bounds how often a job may come again at no cost, these count, too,
/// and beyond them attempts do.
///
///     throw work::uncounted("the mail server is away", 30s);
class uncounted : public std::runtime_error
{
public:
    /// Again after the backoff of the job's next attempt.
    explicit uncounted(std::string const& why) : std::runtime_error(why) {}
    /// \par Errors errc::invalid_option below 0 or beyond 10 years.
    uncounted(std::string const& why, std::chrono::milliseconds again_in)
        : std::runtime_error(why),
          delay_(again_in)
    {
        detail::check_duration(
            "the delay of uncounted",
            again_in,
            std::chrono::milliseconds(0),
            furthest_due
        );
    }

    std::optional<std::chrono::milliseconds> delay() const noexcept { return delay_; }

private:
    std::optional<std::chrono::milliseconds> delay_{};
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/outcome.ipp>
#endif
