// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/values/job_ending.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// What people do to a job.
enum class admin_action {
    cancel,   ///< it is not to run: one that runs is told
    requeue,  ///< pending now
    kill,     ///< dead now
    remove,   ///< its record goes: of a job that will not run
    move,     ///< into another queue
};
BOOST_DESCRIBE_ENUM(admin_action, cancel, requeue, kill, remove, move)

constexpr std::string_view to_string(admin_action action) noexcept
{
    switch (action) {
    case admin_action::cancel: return "cancel";
    case admin_action::requeue: return "requeue";
    case admin_action::kill: return "kill";
    case admin_action::remove: return "delete";
    case admin_action::move: return "move";
    }
    return "unknown";
}

/// The states an action is for. That a job is active, or already so, is answered as such.
constexpr job_states states_for(admin_action action) noexcept
{
    using enum job_state;
    switch (action) {
    case admin_action::cancel: return {waiting, scheduled, pending, suspect, active, retry};
    case admin_action::requeue:
        return {waiting, scheduled, pending, suspect, active, retry, dead, set_aside};
    case admin_action::kill: return {waiting, scheduled, pending, suspect, active, retry, dead};
    case admin_action::remove: return {dead, completed, cancelled, set_aside};
    case admin_action::move: return {waiting, scheduled, pending, active, retry, dead};
    }
    return {};
}

/// An action on some jobs.
struct admin_request
{
    admin_action action = admin_action::cancel;
    std::vector<std::string> ids{};
    /// What is in none of these is left alone, `moved_on`.
    job_states only{};
    /// What came into its state later is left alone, too: 0: whenever it came.
    std::int64_t seen_ms = 0;
    /// What has another `job_record::version` is left alone; "": whatever is there.
    std::string version{};
    std::string queue{};   ///< move: its new queue; "": that of its name
    std::string reason{};  ///< cancel, kill
    std::string by{};      ///< who wants it; "": nobody, and nothing of it is kept with the job
};

/// Other bytes for a job that waits, or is dead.
struct edit_request
{
    std::string id;
    std::string version{};    ///< `job_record::version` of the bytes that were seen
    std::string envelope{};   ///< whole, with the attempts and the flags of those
    std::int64_t due_ms = 0;  ///< scheduled, retry: its new time; 0: as it was
    std::string what{};       ///< what is changed, for people
    std::string by{};         ///< who wants it; "": nobody
};

/// What became of a job that somebody acted on.
enum class admin_code : char {
    done = 'm',
    already = 'p',     ///< it was so before
    active = 'a',      ///< being run: nothing was done
    gone = 'g',        ///< no such job
    moved_on = 'v',    ///< it is in another state than was asked for: nothing was done
    unreadable = 'u',  ///< its record can't be read: it is set aside, or still so
    locked = 'l',      ///< it is unique, and another job of its key is there: nothing was done
};
BOOST_DESCRIBE_ENUM(admin_code, done, already, active, gone, moved_on, unreadable, locked)

struct admin_result
{
    admin_code code = admin_code::gone;
    job_state state = job_state::unknown;  ///< in which it was found

    friend bool operator==(admin_result const&, admin_result const&) = default;
};
BOOST_DESCRIBE_STRUCT(admin_result, (), (code, state))

namespace detail {

/// In which a job neither runs nor will, unless somebody requeues it.
inline constexpr job_states
    ended_states{job_state::dead, job_state::completed, job_state::cancelled, job_state::set_aside};

/// What a pool is told of a job that is not to run: `word` is the value of its `cancel_word`, ""
/// when it ended already.
WORK_DECL job_cancel read_cancel(claim_number claim, std::string id, std::string_view word);
/// What is kept of a job that is cancelled.
WORK_DECL job_ending cancelled_ending(admin_request const& by, std::int64_t now_ms);
/// Of a job of which this ending is kept.
WORK_DECL job_state kept_state(std::string_view ending);
/// What is kept of it with the job, without its end; "": nothing.
WORK_DECL std::string history_note(admin_request const& of);
WORK_DECL std::string history_note(edit_request const& of);
/// What the last failure of a job that is killed says.
WORK_DECL std::string killed_message(admin_request const& by);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/admin.ipp>
#endif
