// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/job_page.hpp>
#include <work/values/parsed.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// How an action on all jobs of a filter stands.
enum class operation_state {
    counting,     ///< it looks how many there are; none was touched
    running,      ///< it acts
    done,         ///< it looked at all there are
    stopped,      ///< somebody wanted it to stop
    refused,      ///< there were more than was expected; none was touched
    failed,       ///< the broker did not do what it was asked for: `trouble` says what
    interrupted,  ///< who ran it was silent for `operation_info::silent_ms`: start it again
};
BOOST_DESCRIBE_ENUM(operation_state, counting, running, done, stopped, refused, failed, interrupted)

constexpr std::string_view to_string(operation_state state) noexcept
{
    switch (state) {
    case operation_state::counting: return "counting";
    case operation_state::running: return "running";
    case operation_state::done: return "done";
    case operation_state::stopped: return "stopped";
    case operation_state::refused: return "refused";
    case operation_state::failed: return "failed";
    case operation_state::interrupted: return "interrupted";
    }
    return "unknown";
}

/// A `job_filter` as it is kept.
struct kept_job_filter
{
    std::vector<job_state> states;
    std::string queue;
    std::string name;
    std::string pool;
    std::string tag;
    std::string failure;
    std::string message;
    std::string args;
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;
    int min_attempt = 0;

    WORK_DECL static kept_job_filter of(job_filter const& filter);
    /// With views of this one's texts.
    WORK_DECL job_filter view() const;
    /// In a few words: "name mail, failure timeout, dead"; "all" if it asks for nothing.
    WORK_DECL std::string text() const;
    /// As JSON with what it asks for alone: "{}" if that is nothing.
    WORK_DECL std::string asked_json() const;

    friend bool operator==(kept_job_filter const&, kept_job_filter const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    kept_job_filter,
    (),
    (states, queue, name, pool, tag, failure, message, args, since_ms, until_ms, min_attempt)
)

/// An action on all jobs of a filter. Times are the broker's, in ms since 1970.
struct operation_info
{
    std::string id;
    std::string action;  ///< `cancel`, `requeue`, `kill`, `delete`, `move`, `repair`
    operation_state state = operation_state::counting;
    kept_job_filter filter;
    std::string queue;  ///< move: where to
    std::string reason;
    std::string by;
    std::int64_t seen_ms = 0;    ///< what came into its state later is left alone
    std::int64_t expected = -1;  ///< so many were expected; −1: nobody said
    std::int64_t at_most = 0;    ///< so many are acted on; 0: all
    std::int64_t matched = -1;   ///< so many were found before it began; −1: not counted
    std::int64_t scanned = 0;    ///< so many were looked at, in this state of it
    std::int64_t of = 0;         ///< of so many; −1: not known
    // What became of those that were acted on, as `admin_code` has it.
    std::int64_t done = 0;
    std::int64_t already = 0;
    std::int64_t active = 0;
    std::int64_t gone = 0;
    std::int64_t moved_on = 0;
    std::int64_t unreadable = 0;
    std::int64_t started_ms = 0;
    std::int64_t updated_ms = 0;  ///< when it was kept last
    std::int64_t ended_ms = 0;    ///< 0: not yet
    std::string trouble;

    /// Whoever runs one keeps it far more often than this.
    static constexpr std::int64_t silent_ms = 15'000;

    /// Still counting, or running.
    bool is_open() const noexcept
    {
        return state == operation_state::counting || state == operation_state::running;
    }

    friend bool operator==(operation_info const&, operation_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(
    operation_info,
    (),
    (id,
     action,
     state,
     filter,
     queue,
     reason,
     by,
     seen_ms,
     expected,
     at_most,
     matched,
     scanned,
     of,
     done,
     already,
     active,
     gone,
     moved_on,
     unreadable,
     started_ms,
     updated_ms,
     ended_ms,
     trouble)
)

/// Hears how an operation goes on.
class operation_watch
{
public:
    /// After each part of at most 500 jobs that are counted, or 100 that are acted on. False stops
    /// it.
    virtual bool goes_on(operation_info const& now) = 0;

protected:
    ~operation_watch() = default;
};

/// What an action on all jobs of a filter may touch. The texts are copied by the call.
///
///     co_await inspector.act_on_all(
///         work::admin_action::requeue,
///         {.states = {work::job_state::dead}, .name = "mail"},
///         {.expected = 17, .by = "ada"}
///     );
struct operation_options
{
    /// How many there are, as they were seen: should there be more by a tenth, and by more than 10,
    /// none is touched. −1: they are not counted before.
    std::int64_t expected = -1;
    /// How many there are, as they were counted a moment ago: spares counting them again. −1: not.
    std::int64_t counted = -1;
    /// As `admin_options::seen_ms`. 0: the time at which it begins, and a second more.
    std::int64_t seen_ms = 0;
    std::int64_t at_most = 0;  ///< so many of them, those that come first; 0: all
    bool all = false;          ///< that the filter asks for nothing is meant
    std::string_view queue{};  ///< move: the new queue; "": that of their name
    std::string_view reason{};
    std::string_view by{};
    std::string_view id{};             ///< of the operation; "": it is given one
    operation_watch* watch = nullptr;  ///< for as long as the call takes
};

/// The states in which an action changes a job, as far as they are asked for; none: all of those.
/// \par Errors errc::invalid_option: a state for which the action is not
WORK_DECL job_states states_acted_on(admin_action action, job_states asked = {});

/// How many jobs a filter finds, as far as was looked.
struct job_count
{
    std::int64_t now_ms = 0;
    std::int64_t matched = 0;
    std::int64_t scanned = 0;
    std::int64_t of = 0;           ///< of so many; −1: not known
    bool whole = false;            ///< all that there are were looked at
    std::vector<job_row> samples;  ///< the first five
};
BOOST_DESCRIBE_STRUCT(job_count, (), (now_ms, matched, scanned, of, whole, samples))

namespace detail {

/// The operation that puts jobs back that are in no place.
inline constexpr std::string_view repair_action = "repair";

WORK_DECL parsed<operation_info> decode_operation(std::string_view text);
/// More by a tenth, and by more than 10.
constexpr bool is_unexpected(std::int64_t matched, std::int64_t expected) noexcept
{
    return matched > expected + 10 && 10 * matched > 11 * expected;
}

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/operation.ipp>
#endif
