// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/envelope.hpp>
#include <work/values/new_job.hpp>
#include <work/values/redis_write.hpp>
#include <work/values/retention.hpp>

#include <boost/describe/enum.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work {

/// A claim's number: the fence of every job in it. It only ever grows, also across failovers.
using claim_number = std::int64_t;

/// The heartbeat exchanges under its pool's id and this, by numbers of its own.
inline constexpr std::string_view heartbeat_suffix = ".heartbeat";

/// So a note begins that names a job which is dead now, since it took its process with it.
inline constexpr std::string_view dead_by_crash_note = "dead, as its process died: ";

/// Ids of one claim that finished and leave nothing behind but their absence: the fast path. Not of
/// jobs that hold anything, or whose body is apart.
struct finished_jobs
{
    claim_number claim = 0;
    std::vector<std::string_view> ids{};
    /// Their callers chose them: so long they stay known, in ms.
    std::optional<std::int64_t> known_ms{};
    bool forgets = false;  ///< they failed before, or have a log
};

/// What became of a job that is not on the fast path.
enum class outcome_kind : char {
    complete = 'c',  ///< done; `number` is how long its id stays known (ms), `text` the kept record
    retry = 'r',     ///< failed; again `number` ms from now; `text` is the failure
    uncounted = 'f',  ///< failed, as `retry`, costing no attempt: it counts as a snooze does
    dead = 'd',       ///< failed for good; `text` is the failure
    snooze = 's',     ///< again `number` ms from now, costing no attempt
    release = 'b',    ///< back to the front of its list at once, costing no attempt
    discard = 'x',    ///< dropped (expired, discarded); `number` as for `complete`
    stage = 'm',      ///< on to its next stage: `text` is its new envelope, `number` ms from now
    set_aside = 'q',  ///< its record can't be read: kept with its bytes, out of the way
    unsupported =
        'u',          ///< its record asks for more than the pool knows: it waits for one that does
    cancelled = 'z',  ///< it was cancelled or killed, and runs no more; if it was not: as `release`
};

struct job_outcome
{
    claim_number claim = 0;
    std::string_view id;
    outcome_kind kind = outcome_kind::complete;
    std::int64_t number = 0;
    std::string_view text{};
};

/// Jobs that are stored if, and only if, an outcome is taken.
struct follow_ups
{
    std::size_t outcome = 0;  ///< of `exchange_request::outcomes`
    std::vector<new_job> jobs{};
};

/// Writes that happen if, and only if, an outcome is taken: complete, discard or stage. Where one
/// of them would be refused none happens, and the job fails as is said here.
struct outcome_writes
{
    std::size_t outcome = 0;  ///< of `exchange_request::outcomes`
    std::vector<redis_write> all{};
    outcome_kind otherwise = outcome_kind::retry;
    std::int64_t number = 0;
    /// The failure; `refused_write_mark` in it stands for which was refused, and why.
    std::string_view text{};
};
inline constexpr std::string_view refused_write_mark = "{write}";

/// So a note begins that says which write was refused, and why: then comes the id, and `: `.
inline constexpr std::string_view refused_write_note = "a write was refused, so it failed: ";

/// How one word about a job, or about all `finished_jobs` of a claim, was taken.
enum class outcome_code : char {
    ok = 'k',          ///< recorded
    partly = 'p',      ///< recorded, but some of the ids had been cancelled or given up before
    gone = 'g',        ///< the job no longer exists (already recorded, say)
    cancelled = 'z',   ///< it was cancelled or killed, and ended as that instead
    lease_lost = 'l',  ///< the lease is no longer valid: nothing was changed
    refused = 'w',     ///< one of its writes was refused: it ended as `outcome_writes` say
};

/// What the pool would like jobs from, in the order of its policy: a list, or `*` and a job name
/// (as in list ids): that name in whatever queue.
struct wanted_list
{
    std::string_view list;
    int take = 0;
    bool dead_on_crash = false;  ///< jobs of this type are not run again after a crash
};

/// What the pool serves, likewise; a lower rank is claimed from first when the fetch order leaves
/// room. A pool serves either names or lists.
struct served_list
{
    std::string_view list;
    std::int64_t rank = 0;
};

/// The newest format of records that a pool reads, and the features of `envelope_flags::features`
/// that it knows. Formats to come keep the layout of the first line.
struct record_reader
{
    int format = 0;
    unsigned features = 0;

    bool knows(int asked_format, unsigned asked) const noexcept
    {
        return asked_format <= format && (asked & ~features) == 0;
    }
};

/// What this program knows.
inline constexpr record_reader this_reader{envelope_version - '0', 0};

/// What becomes of a job whose record this program can't use.
inline outcome_kind outcome_of_unread(std::string_view envelope)
{
    return unsupported_envelope(envelope, this_reader.format, this_reader.features)
               ? outcome_kind::unsupported
               : outcome_kind::set_aside;
}

/// How many jobs of a name may run at a time in all pools, as handlers say it.
struct pool_limit
{
    std::string_view name;  ///< encoded
    std::int64_t slots = 0;
};

/// Below zero where what was counted before was not taken.
struct job_counts
{
    std::string_view list;
    std::int64_t processed = 0;
    std::int64_t failed = 0;
};

struct job_progress
{
    claim_number claim = 0;
    std::string_view id;
    std::string_view text;
};

/// Lines for a job's log; see `job_log_line`.
struct job_log_lines
{
    claim_number claim = 0;
    std::string_view id;
    std::vector<std::string_view> lines;
};

/// A claim of whose jobs every one was spoken about.
///
/// The broker counts the words it heard. Where it heard about fewer than `jobs` of them, it forgot
/// some, as a store does that was restored from an older copy: what is left of the claim then goes
/// back to the front of its list. 0: this is not looked at.
struct closed_claim
{
    closed_claim() = default;
    closed_claim(claim_number number_of, std::int64_t jobs_of = 0)
        : number(number_of),
          jobs(jobs_of)
    {}

    claim_number number = 0;
    std::int64_t jobs = 0;
};

/// A job whose handler is about to run its first line.
struct started_job
{
    claim_number claim = 0;
    std::string_view id;
};

/// What a pool may be told from outside: to claim nothing any more, to claim again, to end.
enum class pool_order { quiet, resume, stop };
BOOST_DESCRIBE_ENUM(pool_order, quiet, resume, stop)

constexpr std::string_view to_string(pool_order order) noexcept
{
    switch (order) {
    case pool_order::quiet: return "quiet";
    case pool_order::resume: return "resume";
    case pool_order::stop: return "stop";
    }
    return "?";
}

/// What a pool is told, with what belongs to it.
struct told_order
{
    pool_order order = pool_order::quiet;
    std::int64_t grace_ms = -1;  ///< stop: that of the pool is so long this time; -1: as it has it

    constexpr told_order() = default;
    constexpr told_order(pool_order what, std::int64_t grace = -1) : order(what), grace_ms(grace) {}

    friend bool operator==(told_order const&, told_order const&) = default;
};

/// The longest grace that a pool can be told.
inline constexpr std::int64_t most_told_grace_ms = 86'400'000;

/// As scripts have it: "quiet", "stop 5000".
inline std::string to_text(told_order what)
{
    std::string text(to_string(what.order));
    return what.grace_ms < 0 ? text : text + " " + std::to_string(what.grace_ms);
}

/// As it stands among what a pool is told: "{quiet", "{stop 5000".
inline std::optional<told_order> read_order(std::string_view text) noexcept
{
    if (!text.starts_with('{'))
        return std::nullopt;
    std::string_view const word = text.substr(1, text.find(' ') - 1);
    for (pool_order const one : {pool_order::quiet, pool_order::resume, pool_order::stop}) {
        if (word != to_string(one))
            continue;
        told_order told(one);
        std::string_view const grace = text.substr(std::min(text.size(), word.size() + 2));
        auto const end = grace.data() + grace.size();
        if (!grace.empty() && std::from_chars(grace.data(), end, told.grace_ms).ptr != end)
            return std::nullopt;
        return told;
    }
    return std::nullopt;
}

struct job_cancel
{
    claim_number claim = 0;
    std::string id;
    std::string reason{};  ///< what who did it said; empty: nothing
    std::string by{};      ///< who did it

    friend bool operator==(job_cancel const&, job_cancel const&) = default;
};

/// What a pool says and asks in one numbered request. All views must outlive the call.
///
/// The broker keeps the answers to a pool's last 16 numbers (`policy::stored_answers`), one for
/// each remainder of their division by 16: a request repeated after a lost reply changes nothing
/// and gets the same answer. So at most 16 may be in flight.
struct exchange_request
{
    std::string_view pool;
    std::int64_t number = 0;
    std::int64_t lease_ms = 15'000;

    std::vector<finished_jobs> finished;
    std::vector<job_outcome> outcomes;
    std::vector<follow_ups> then;  ///< in the order of the outcomes, each of which has one at most
    std::vector<outcome_writes> writes;  ///< likewise
    /// Of types that are dead after a crash: should their lease lapse, those that are not named
    /// here go back to their lists.
    std::vector<started_job> started;
    std::vector<closed_claim> close;  ///< after the words above
    std::vector<claim_number> renew;
    std::vector<job_progress> progress;
    std::vector<job_log_lines> logs;  ///< before what became of the jobs
    std::vector<job_counts> counts;   ///< of each list once
    std::vector<job_cancel> cancels_seen;
    std::vector<told_order> orders_seen;
    std::vector<served_list> serves;  ///< added to what the pool serves
    /// What the pool knows of records, said with chores: what waited for it goes on. Format 0:
    /// nothing is said.
    record_reader reads{};
    std::vector<pool_limit> max_concurrency;  ///< set, unless somebody did so by hand

    int want = 0;  ///< how many jobs, at most 256; 0 claims nothing
    std::int64_t max_bytes = 1 << 20;
    std::vector<wanted_list> fetch_order;
    bool discover = false;     ///< also claim from other ready lists the pool serves, and say which
    bool serves_many = false;  ///< more than a thousand, and their ranks do not matter
    bool take_suspects = false;   ///< no suspect group is in quarantine here
    bool runs_suspects = false;   ///< some of an earlier group run here
    bool joins_suspects = false;  ///< it lives for 1.5 leases: groups may be taken as one
    /// Of a claim that is left with the broker: nobody has it before it is renewed, within 2 s.
    bool provisional = false;
    /// Gives the pool a wakeup: a claim of it that waits, here or elsewhere, is to ask again.
    bool wakes_pool = false;
    bool will_wait = false;        ///< the pool will sleep: may be appointed to hold the alarm
    bool chores = false;           ///< housekeeping: clamp leases, trim, forget dead pools
    retention_limits limits{};     ///< heard with outcomes and chores
    bool lean = false;             ///< may run over maxmemory; else errc::full when it is reached
    std::int64_t deadline_ms = 0;  ///< give up after so long; 0: repeat until the broker answers
};

struct claimed_job
{
    std::string_view id;
    std::string_view envelope;
};

struct list_left
{
    std::string list;
    std::int64_t length = 0;

    friend bool operator==(list_left const&, list_left const&) = default;
};

struct exchange_answer
{
    std::int64_t now_ms = 0;
    bool repeated = false;
    std::vector<outcome_code> finished;  ///< one per `finished`
    std::vector<outcome_code> outcomes;  ///< one per `outcomes`
    std::vector<outcome_code> started;   ///< one per `started`
    std::vector<claim_number> lost;      ///< of `renew`: no longer valid

    claim_number claim = 0;  ///< 0: nothing was claimed
    bool suspects = false;   ///< the claim is a suspect group
    /// Of suspects: take no others until so long after the last of them started.
    std::int64_t quarantine_ms = 0;
    bool isolate = false;  ///< and nothing else, either
    std::vector<claimed_job> jobs;
    /// Of a repeated answer: how many jobs the claim had, those included that are gone by now.
    std::int64_t claim_jobs = 0;
    std::shared_ptr<void const> bytes;  ///< what the views in `jobs` point into

    /// Of the fetch order, or discovered, what still holds jobs. Of a name other queues than its
    /// own count as one job each.
    std::vector<list_left> left;
    std::int64_t next_due_ms = 0;    ///< first scheduled job or retry, 0: none
    std::int64_t next_lapse_ms = 0;  ///< first lease to end, 0: none
    std::int64_t alarm_ms = 0;  ///< when this pool was appointed to come back, 0: not appointed
    bool more = false;          ///< more is due or lapsed right now than one call may move
    /// The broker does not know what the pool serves: it has to say so again. Told with the chores.
    bool forgotten = false;
    bool chores_left = false;         ///< more than one call may do
    bool chores_soon = false;         ///< and the next step is to follow within some milliseconds
    std::vector<job_cancel> cancels;  ///< claimed by this pool and cancelled since
    std::vector<told_order> orders;   ///< what the pool is told to do; nothing is claimed then
    std::vector<std::string> notes;   ///< what was found broken and set aside
};

/// What ended a `broker::wait`.
struct wait_answer
{
    bool woken = false;  ///< a wakeup came that `claimed` does not answer: look at the lists
    std::optional<exchange_answer> claimed;  ///< what the claim on wake brought
    /// The claim on wake may have been carried out: ask for its answer by its number.
    bool unsure = false;
    bool failed = false;  ///< nothing was left with the broker, nor was it waited for
    /// What the wakeup was for: one of what is served, or the pool. Empty: not known.
    std::string of{};
};

}  // namespace work
