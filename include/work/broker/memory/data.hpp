// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>
#include <work/broker/memory/records.hpp>
#include <work/build_config.hpp>
#include <work/values/new_job.hpp>

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// The job name, encoded, of a list `<name>` or `<queue>:<name>`.
inline std::string_view list_job_name(std::string_view list)
{
    auto const colon = list.find(':');
    return colon == list.npos || colon + 1 == list.size() ? list : list.substr(colon + 1);
}

enum class list_end { back, front };

/// How a job comes to its end.
enum class job_end {
    completed,
    kept,  ///< completed, and kept for people
    discarded,
    cancelled,
    dropped,  ///< a dead one: there are too many
    dead,
    set_aside
};

/// The whole state, member by member what the scripts keep in keys (docs/redis-layout.md), and the
/// steps that more than one transition takes.
struct memory_data
{
    text_map<memory_job> jobs;
    text_map<std::string> bodies;         // of large jobs, whose records are heads
    text_map<memory_list> lists_of_jobs;  // without the empty ones
    std::set<std::string, std::less<>> ready;
    text_map<std::set<std::string, std::less<>>> queues;  // ready lists of other queues, by name
    text_map<std::int64_t> lists;                         // when each was used last, to the hour
    text_map<std::int64_t> listened;  // when a pool said last that it waits for this list
    std::map<std::string, std::string, std::less<>> settings;  // what is paused, and how
    text_set paused_lists;                                     // in neither `ready` nor `queues`
    std::map<claim_number, memory_claim> claims;
    std::set<std::pair<std::int64_t, claim_number>> leases;
    std::map<std::int64_t, suspect_group> groups;
    text_map<std::set<std::int64_t>> groups_by_name;
    std::map<std::string, std::int64_t, std::less<>> suspects;  // how many of a name
    text_map<claim_number> fallen;                              // by process
    scored_ids deaths, known_deaths, vanished;
    scored_ids scheduled, retry, dead, traces;
    text_map<std::string> set_aside;
    text_map<std::vector<std::string>> failures;
    text_map<std::vector<std::string>> logs;
    text_map<std::string> kept;  // record, newline, envelope
    text_map<scored_ids> completed_by_list;
    scored_ids completed, set_aside_at;
    counted_bytes kept_bytes, dead_bytes, set_aside_bytes;
    text_map<memory_stats> stats;
    std::map<std::int64_t, text_map<memory_stats>> stats_by_day;

    text_map<memory_pool> pools_by_name;
    std::set<std::string, std::less<>> pools;
    text_map<std::int64_t> absent;  // those that were gone when a draw met them
    text_map<text_map<std::int64_t>> served;
    text_map<std::set<std::pair<claim_number, std::string>>> orders;
    text_map<stored_status> status;
    text_map<memory_worker> workers;
    text_map<memory_operation> operations;
    std::int64_t operations_expire = 0;                             ///< all of them at once
    text_map<history_counts> history;                               // by `list:step:period`
    std::map<std::int64_t, std::vector<std::string>> history_ends;  // of those, when each is over
    std::map<std::string, std::int64_t, std::less<>> histories;     // lists → day of the last write
    text_map<memory_historian> historians;
    std::deque<std::string> audit;                                         ///< newest first
    std::int64_t first_expiry = std::numeric_limits<std::int64_t>::max();  ///< none is before
    text_map<stored_batch> batches;
    memory_alarm alarm;
    text_set wakeups;
    std::vector<std::string> given_wakeups;  // wakeups given by the last transition
    text_set became_ready, woken;            // lists that got their first job in it, or any
    std::int64_t soonest = 0;  // when the first of the jobs is due that it put by; 0: none

    std::int64_t forgotten_words = 0;  // jobs taken back from claims that were closed without

    claim_number fence = 0;
    std::int64_t last_exchange = 0;
    std::int64_t silent_from = 0;
    std::int64_t silent_until = 0;
    std::int64_t last_group = 0;
    std::string last_asked_pool;  // where `some_pools` goes on
    std::size_t batches_kept = 64;

    WORK_DECL void give_wakeup(std::string_view key);
    WORK_DECL std::vector<std::string> some_pools(
        std::size_t count,
        std::string_view except,
        std::int64_t now
    );
    /// Each transition begins with it.
    void begin()
    {
        given_wakeups.clear();
        became_ready.clear();
        woken.clear();
        soonest = 0;
    }
    WORK_DECL std::vector<std::string> draw_pools(std::size_t size);
    WORK_DECL void drop_pool(std::string const& pool, std::int64_t now);
    WORK_DECL std::vector<std::string> living_of(
        std::vector<std::string> const& drawn,
        std::int64_t now
    );
    WORK_DECL void forget_pools(std::int64_t now);
    /// Returns whether there may be more.
    WORK_DECL bool forget_lists(std::int64_t now);
    bool is_shown(std::string_view pool, std::int64_t now) const
    {
        auto const shown = status.find(pool);
        return shown != status.end() && shown->second.expires > now;
    }
    WORK_DECL void made_ready(std::string_view list, std::int64_t now);
    WORK_DECL void mark_mixed(std::string_view list);
    /// Not to a pool that is to be quiet, or to stop.
    WORK_DECL bool gives_jobs(std::string_view pool) const;
    // The gate, as in `scripts/parts/gate.lua`.
    /// Whether a list may not be claimed from now.
    WORK_DECL bool is_paused(std::string_view list, std::int64_t now) const;
    /// Brings all lists in line with `settings`.
    WORK_DECL void settle(std::int64_t now);
    WORK_DECL void open(std::string const& list, std::int64_t now);
    /// What `scheduled` holds beside jobs: a pause that ends by itself. False: it is an id.
    WORK_DECL bool fire(std::string_view timer, std::int64_t now);
    /// New jobs. Returns the codes of those of the lists that are `mixed_lists`.
    WORK_DECL std::string store(std::vector<new_job> const& some, std::int64_t now);
    // The doors between the places of a job, as in `scripts/parts/doors.lua`. What a job holds
    // beside its place is taken and given back there and nowhere else.
    /// Into a place where it waits.
    WORK_DECL void enter(
        std::string_view id,
        envelope_header const& header,
        list_end where,
        std::int64_t now
    );
    WORK_DECL void enter_until(scored_ids& set, std::string_view id, std::int64_t due);
    /// Many without priorities, in their order.
    WORK_DECL void enter_front(
        std::string const& list_name,
        std::vector<std::string> const& ids,
        std::int64_t now
    );
    /// Out of a claim that goes on without it.
    WORK_DECL void leave(claim_number claim, std::string_view id);
    /// On to its next stage: another record under its id, in a list of its own, and attempts from
    /// zero. What it left behind so far stays with it. `due` 0: at once.
    WORK_DECL void advance(
        std::string_view id,
        envelope_header const& header,
        std::string_view envelope,
        std::int64_t due,
        std::int64_t now
    );
    /// Nobody will run it any more. Goes with its record, unless it is dead; with its body, unless
    /// it is set aside.
    WORK_DECL void finish(std::string_view id, job_end end);
    WORK_DECL void bury(std::string_view id, int attempts, std::string_view text, std::int64_t now);
    /// Of a job that is out of its claim: whether it was cancelled or killed while it ran, and is
    /// that now.
    WORK_DECL bool end_cancelled(
        std::string_view id,
        envelope_header const& header,
        std::int64_t now
    );
    WORK_DECL void put_aside(
        std::string_view id,
        std::int64_t now,
        std::vector<std::string>& notes,
        std::string_view why = "unreadable record"
    );

    WORK_DECL void wake_woken();
    /// What a job that runs ends as, once it does not; empty: whatever becomes of it.
    WORK_DECL std::string_view cancel_word_of(std::string_view id);
    /// Whether a pool serves a list: as such, or its name in any queue.
    WORK_DECL bool serves(std::string_view pool, std::string_view list) const;
    WORK_DECL void due_at(std::int64_t due, std::int64_t now, bool appoints);
    /// Makes a group, changes it, or drops it (`after` is empty).
    WORK_DECL void store_group(std::int64_t number, suspect_group after);
    WORK_DECL void drop_suspect(std::int64_t number, std::string_view id);
    /// Groups of `size`, in front of all others, in this order.
    WORK_DECL void new_groups(std::vector<suspect> const& members, std::size_t size);
    WORK_DECL void add_failure(std::string_view id, std::string_view text);
    WORK_DECL void forget_failures(std::string_view id);
    WORK_DECL void add_log(std::string_view id, std::vector<std::string_view> const& lines);
    WORK_DECL void forget_log(std::string_view id);
    WORK_DECL void rewrite(memory_job& job, std::string envelope);
    /// Without its body, which is as large jobs' are.
    WORK_DECL void forget_aside(std::string_view id);
    WORK_DECL void forget_dead(std::string_view id);
    WORK_DECL void keep(
        std::string_view id,
        std::string_view list,
        std::string_view text,
        std::string_view envelope,
        std::int64_t most,
        std::int64_t now
    );
    WORK_DECL void drop_kept(std::string_view id, bool keeps_log = false);
    /// Drops what is kept above the limits, some of it; true: there is more.
    WORK_DECL bool trim_kept(
        retention_limits const& limits,
        std::int64_t now,
        std::vector<std::string>& notes
    );
    /// A job's bytes as an answer has them.
    WORK_DECL std::shared_ptr<job_bytes const> whole_bytes(memory_job const& job) const;
    WORK_DECL void forget_body(std::string_view id);
    /// Finds and drops a pending job that does not say where it is: O(pending).
    WORK_DECL void unlist(std::string_view id);
    WORK_DECL void forget_pool(std::string_view pool);
    WORK_DECL memory_list* find_list(std::string_view list);
    WORK_DECL memory_job* find_job(std::string_view id);
    WORK_DECL void unready_if_empty(std::string_view list);
    /// Holds no job that may be claimed.
    WORK_DECL void unready(std::string_view list);
    WORK_DECL void drop_list_if_empty(std::string_view list);
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/cancelling.ipp>
#include <work/broker/memory/data.ipp>
#include <work/broker/memory/doors.ipp>
#include <work/broker/memory/gate.ipp>
#include <work/broker/memory/keeping.ipp>
#include <work/broker/memory/registries.ipp>
#include <work/broker/memory/storing.ipp>
#endif
