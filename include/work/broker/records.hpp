// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/build_config.hpp>
#include <work/error.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/name.hpp>
#include <work/values/new_job.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

/// One numbered batch of a producer: at most 256 jobs and 1 MiB (or one job).
/// A repeated number changes nothing and gets the stored answer; at most 16 may be in flight, one
/// for each remainder of the division by `policy::stored_batches`.
struct enqueue_request
{
    std::string_view producer;
    std::int64_t number = 0;
    std::vector<new_job> jobs;
};

enum class enqueue_code : char {
    stored = 's',
    duplicate = 'd',  ///< a job with that chosen id exists, or existed until a while ago
    // Another one has the lock of its key: it is as it was; has the new arguments; is due at the
    // new time; both.
    kept = 'u',
    replaced = 'r',
    extended = 'e',
    renewed = 'b',
    // Not stored, for the sake of another one:
    unmet = 'n',       ///< which it needs, and which is not there, or is not to complete
    unfollowed = 'v',  ///< which it needs, and which has to be followed first (`followed_by_jobs`)
    // Not stored, for its queue holds as many as it may, which `other` says:
    refused = 'f',  ///< and refuses more
    no_room = 'w',  ///< and its producer is to wait
};

/// Who follows a job that others need.
inline constexpr std::string_view followed_by_jobs = "{";

/// What became of a job of a batch.
struct enqueued
{
    enqueue_code code = enqueue_code::stored;
    std::string other{};  ///< the id of the one that has its lock, or that it needs; see the codes
};

struct enqueue_answer
{
    std::int64_t now_ms = 0;
    bool repeated = false;
    std::vector<enqueued> jobs;  ///< one for each
    /// Those that were not stored since their queue is full, by index: who sent them may wait.
    std::vector<std::pair<std::size_t, new_job>> back{};
};

namespace detail {

/// What became of the jobs of a batch, as text: of each that gets a code (`batch_plan::coded`) a
/// letter, and with some letters what is said of another one and a comma; then those of the others
/// that were not stored, with a space and their id before the comma.
WORK_DECL std::string enqueued_text(
    std::vector<new_job> const& jobs,
    std::vector<enqueued> const& answers
);
/// Those that were refused for a full queue go back to their producer.
WORK_DECL void give_back(enqueue_answer& answer, std::vector<new_job>& jobs);
/// False: it is no such text.
WORK_DECL bool read_enqueued(
    std::string_view text,
    std::vector<new_job> const& jobs,
    std::vector<enqueued>& answers
);

}  // namespace detail

/// Where a job is.
enum class job_state {
    unknown,    ///< never existed, or finished and not kept
    scheduled,  ///< waits for its first time, or snoozes
    waiting,    ///< for others to end, which it needs
    pending,    ///< in its list
    suspect,    ///< pending, in a suspect group: its last worker died while it ran
    active,     ///< claimed under a valid lease
    retry,      ///< waits for its next attempt
    dead,       ///< out of attempts
    completed,  ///< done, and kept as a sample
    cancelled,  ///< by somebody, and kept
    set_aside,  ///< its record can't be read
};

BOOST_DESCRIBE_ENUM(
    job_state,
    unknown,
    scheduled,
    waiting,
    pending,
    suspect,
    active,
    retry,
    dead,
    completed,
    cancelled,
    set_aside
)

/// The state's one word, the same everywhere.
constexpr std::string_view to_string(job_state state) noexcept
{
    switch (state) {
    case job_state::unknown: return "unknown";
    case job_state::scheduled: return "scheduled";
    case job_state::waiting: return "waiting";
    case job_state::pending: return "pending";
    case job_state::suspect: return "suspect";
    case job_state::active: return "active";
    case job_state::retry: return "retry";
    case job_state::dead: return "dead";
    case job_state::completed: return "completed";
    case job_state::cancelled: return "cancelled";
    case job_state::set_aside: return "set_aside";
    }
    return "unknown";
}

/// The state of that word; `unknown` if there is none.
constexpr job_state state_named(std::string_view word) noexcept
{
    for (int i = 0; i <= static_cast<int>(job_state::set_aside); ++i) {
        if (to_string(static_cast<job_state>(i)) == word)
            return static_cast<job_state>(i);
    }
    return job_state::unknown;
}

/// What binds a job to others, as it is stored: of each at most `policy::shown_bonds`.
struct job_bonds
{
    std::vector<std::pair<std::string, std::string>> needs;  ///< whom it waits for; policy, label
    std::int64_t needs_left = 0;
    std::vector<std::string> needed_by;
    std::int64_t needed_by_count = 0;
    std::vector<std::pair<std::string, std::string>> given;  ///< from; state, newline, ending

    friend bool operator==(job_bonds const&, job_bonds const&) = default;
};

/// One job as a broker keeps it; `read_record` makes a `job_info` of it.
struct job_record
{
    job_state state = job_state::unknown;
    std::int64_t now_ms = 0;
    /// Due (scheduled, retry), ended (dead, completed, cancelled, set_aside), end of the lease
    /// (active), since when (waiting).
    std::int64_t when_ms = 0;
    claim_number claim = 0;  ///< active: its fence
    std::string pool;        ///< active: who runs it
    std::string envelope;
    std::string version;                ///< another one with each change of its stored bytes
    std::string progress;               ///< last checkin
    std::string kept;                   ///< completed, cancelled: its ending
    std::vector<std::string> failures;  ///< oldest first, at most 10
    std::vector<std::string> history;   ///< what people did to it, likewise, at most 20
    job_bonds bonds;
};

/// What can be paused: all jobs of a queue, or of a job name in whatever queue.
enum class pause_kind { queue, name };
BOOST_DESCRIBE_ENUM(pause_kind, queue, name)

constexpr std::string_view to_string(pause_kind kind) noexcept
{
    return kind == pause_kind::queue ? "queue" : "name";
}

/// Something that is paused.
struct pause_info
{
    pause_kind kind = pause_kind::queue;
    std::string name;
    std::string by;
    std::string reason;
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;  ///< 0: until somebody lets it go on

    friend bool operator==(pause_info const&, pause_info const&) = default;
};
BOOST_DESCRIBE_STRUCT(pause_info, (), (kind, name, by, reason, since_ms, until_ms))

/// The jobs of one name in one queue.
struct queue_info
{
    std::string queue;
    std::string name;
    std::string list;  ///< both, as Redis keys have them: docs/redis-layout.md
    /// Looked up a moment after the totals, list by list, and what is active a moment after that: a
    /// job that moved in between is in both or in neither.
    std::int64_t pending = 0;
    std::int64_t active = 0;
    std::int64_t processed = 0;
    std::int64_t failed = 0;
    /// Since when the job at the front waits (when it was stored, or fell due), or that with a
    /// priority that is taken first, if it does so for longer; 0: none.
    std::int64_t oldest_ms = 0;
    bool paused = false;                 ///< its queue or its name is
    std::vector<std::string> limited{};  ///< limits that apply to it, by name
    std::string waits_at{};  ///< the one that was full when it was its turn; "": it waits at none
};
BOOST_DESCRIBE_STRUCT(
    queue_info,
    (),
    (queue, name, list, pending, active, processed, failed, oldest_ms, paused, limited, waits_at)
)

/// With its names and without counts. What is written by hand has the queue "?".
inline queue_info queue_of_list(std::string list)
{
    queue_info info;
    try {
        list_name named = parse_list_id(list);
        info.queue = std::move(named.queue);
        info.name = std::move(named.name);
    } catch (error const&) {
        info.queue = "?";
        info.name = list;
    }
    info.list = std::move(list);
    return info;
}

namespace detail {

/// What a job needs, as it needs others, that waits for a program that can read its record.
inline constexpr std::string_view reader_gate = "{{reader";

}  // namespace detail

/// The totals are of one moment, but for how many of pending and active together are pending: that
/// is the sum of the lists, and the rest is active.
struct broker_counts
{
    std::int64_t now_ms = 0;
    std::int64_t waiting = 0;
    /// Of those that wait: for a program that can read their records, which are newer than those
    /// that claimed them.
    std::int64_t unsupported = 0;
    std::int64_t pending = 0;
    std::int64_t active = 0;
    std::int64_t suspect = 0;
    std::int64_t scheduled = 0;
    std::int64_t retry = 0;
    std::int64_t dead = 0;
    std::int64_t set_aside = 0;
    std::int64_t processed = 0;
    std::int64_t failed = 0;
    std::int64_t processed_today = 0;  ///< UTC day of the broker's clock
    std::int64_t failed_today = 0;
    /// Jobs that were given back since the store had forgotten what was said about them: it was
    /// restored from an older copy. They may have run before.
    std::int64_t forgotten = 0;
    std::vector<queue_info> lists;
    std::vector<pause_info> paused;
};
BOOST_DESCRIBE_STRUCT(
    broker_counts,
    (),
    (now_ms,
     waiting,
     unsupported,
     pending,
     active,
     suspect,
     scheduled,
     retry,
     dead,
     set_aside,
     processed,
     failed,
     processed_today,
     failed_today,
     forgotten,
     lists,
     paused)
)

/// What is left: for run_until_empty. Suspects are pending; of a name other queues than its own
/// count as one job each. Where something is pending, not all that is active need be counted.
struct outstanding_jobs
{
    std::int64_t pending = 0;
    std::int64_t active = 0;
};

/// What a pool showed of itself; `decode_pool_info` reads it.
struct pool_status
{
    std::string pool;
    std::string status;  ///< JSON, as the pool wrote it
};

/// States of jobs, as a set: `{job_state::dead, job_state::retry}`.
class job_states
{
public:
    constexpr job_states() noexcept = default;
    constexpr job_states(std::initializer_list<job_state> states) noexcept
    {
        for (job_state const one : states)
            bits_ |= 1u << static_cast<unsigned>(one);
    }
    constexpr bool contains(job_state state) const noexcept
    {
        return (bits_ >> static_cast<unsigned>(state) & 1u) != 0;
    }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    friend constexpr job_states operator|(job_states a, job_states b) noexcept
    {
        a.bits_ |= b.bits_;
        return a;
    }
    friend constexpr bool operator==(job_states, job_states) noexcept = default;

private:
    unsigned bits_ = 0;
};

/// What several pools show at once. They are gone when it is.
struct shared_status
{
    std::string home;  ///< where they show it: an id of no pool
    std::vector<pool_status> pools;
    std::vector<std::string> joined;  ///< of these pools, which are new here
    std::vector<std::string> left;    ///< pools that are here no longer
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/broker/records.ipp>
#endif
