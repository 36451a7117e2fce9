// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/crons.hpp>
#include <work/broker/history.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/memory/bound_check.hpp>
#include <work/broker/memory/records.hpp>
#include <work/broker/memory/ties.hpp>
#include <work/broker/memory/user_keys.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/values/new_job.hpp>

#include <algorithm>
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

/// The queue, encoded, of such a list.
inline std::string_view list_queue(std::string_view list)
{
    std::string_view const name = list_job_name(list);
    return name.size() == list.size() ? list : list.substr(0, list.size() - name.size() - 1);
}

/// Of names that are joined by spaces.
inline std::vector<std::string> split_names(std::string_view text)
{
    std::vector<std::string> names;
    while (!text.empty()) {
        std::string_view const one = text.substr(0, text.find(' '));
        names.emplace_back(one);
        text.remove_prefix(std::min(text.size(), one.size() + 1));
    }
    return names;
}

enum class list_end { back, front };

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
    std::map<std::string, memory_limit, std::less<>> job_limits;
    std::map<std::string, std::string, std::less<>> limited;  // `queue:<q>`, `name:<n>` → limits
    text_map<memory_limited> limited_lists;
    std::map<std::string, memory_bound, std::less<>> bounds;  // by queue, encoded
    std::vector<std::string> touched_limits;  // by the transition: they may have room
    std::map<std::string, cron_record, std::less<>> crons;
    scored_ids crons_due;                     // those that are not paused
    text_map<std::deque<std::string>> fires;  // newest first
    std::int64_t last_cron = 0;               // the last revision
    std::map<claim_number, memory_claim> claims;
    std::set<std::pair<std::int64_t, claim_number>> leases;
    std::map<std::int64_t, suspect_group> groups;
    text_map<std::set<std::int64_t>> groups_by_name;
    std::map<std::string, std::int64_t, std::less<>> suspects;  // how many of a name
    text_map<claim_number> fallen;                              // by process
    scored_ids deaths, known_deaths, vanished;
    scored_ids scheduled, retry, dead, traces;
    text_map<std::string> set_aside;
    text_map<scored_ids> tags;    // encoded; jobs that have not ended, by when they were made
    text_map<memory_lock> locks;  // by key
    bool until_claim = false;     // some locks end when their jobs are claimed
    scored_ids waiting;
    scored_ids unread;  // of them: whose records ask for more; by what, 65 536 x format + features
    text_map<std::map<std::string, std::string, std::less<>>> needs;  // policy and label, by id
    text_map<std::set<std::string>> then, telling;                    // who needs it, who is told
    text_map<memory_given> given;
    std::map<std::int64_t, end_to_tell> tellings;
    std::int64_t last_telling = 0;
    scored_ids flows, flows_ended, uncommitted;
    text_map<flow_hash> flow_fields;
    std::deque<end_to_tell> ends;  // of this transition, from here on
    bool draining = false;
    bool aborting = false;
    std::int64_t told_budget = 0;
    std::int64_t time_ms = 0;
    std::vector<std::string>* notes_to = nullptr;
    std::vector<std::string> unheard_notes;
    text_map<std::vector<std::string>> failures;
    text_map<std::vector<std::string>> logs;
    text_map<std::string> kept;  // record, newline, envelope
    text_map<scored_ids> completed_by_list;
    scored_ids completed, set_aside_at;
    counted_bytes kept_bytes, dead_bytes, set_aside_bytes;
    user_keys written;  // by handlers
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
    text_map<std::string> tracked;                                  // → as they were then
    text_map<std::string> tracked_ends;                             // → state and time
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
    std::vector<std::pair<std::string, std::string>>
        messages;                            // of the last transition, by channel
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
    std::vector<std::string>& notes() { return notes_to != nullptr ? *notes_to : unheard_notes; }
    /// Each transition begins with it.
    void begin(std::int64_t now_ms = 0)
    {
        time_ms = now_ms;
        told_budget = policy::told_jobs;
        unheard_notes.clear();
        given_wakeups.clear();
        messages.clear();
        became_ready.clear();
        woken.clear();
        soonest = 0;
        touched_limits.clear();
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
    /// False: it holds jobs, and stays.
    WORK_DECL bool forget_list(std::string const& list, std::int64_t now);
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
    // Limits, as in `scripts/parts/limits.lua`.
    WORK_DECL std::string limits_for(std::string_view list) const;
    WORK_DECL void take_limits(std::string_view list);
    WORK_DECL bool is_parked(std::string_view list) const;
    WORK_DECL void touch_limit(std::string const& name);
    WORK_DECL std::int64_t limit_room(std::string const& name) const;
    WORK_DECL std::pair<std::int64_t, std::string> admit(
        std::vector<std::string> const& names,
        std::int64_t k
    ) const;
    WORK_DECL void charge(std::vector<std::string> const& names, std::string const& id);
    WORK_DECL void free_slot(
        claim_number n,
        std::set<std::string> const& names,
        std::string_view id
    );
    WORK_DECL void park(std::string const& list, std::string const& name, std::int64_t now_us);
    WORK_DECL void unpark(std::string const& list);
    WORK_DECL void park_suspects(std::string const& name, std::int64_t now_us);
    WORK_DECL bool look_again(std::string const& list, std::int64_t now);
    WORK_DECL void wake_for_suspects(std::string_view pool, std::int64_t now);
    /// `pool`: the one that speaks, "": none does.
    WORK_DECL void wake_limits(std::string_view pool, std::int64_t now);
    WORK_DECL void attach_limits(std::string const& list, std::string names, std::int64_t now);
    WORK_DECL void settle_limits(std::int64_t now);
    WORK_DECL void target_limit(std::string const& name, std::string_view targets, bool added);
    WORK_DECL limit_code set_limit(
        std::string const& name,
        memory_limit const& wanted,
        bool with_scope,
        std::int64_t now
    );
    WORK_DECL limit_code remove_limit(std::string const& name, std::int64_t now);
    WORK_DECL void sweep_limits(std::string_view pool, std::int64_t now);
    // Bounds, as in `scripts/parts/bounds.lua`.
    /// Of the queue of a list; null: it has none.
    WORK_DECL memory_bound* bound_of(std::string_view list);
    /// How many jobs wait in it.
    WORK_DECL std::int64_t waiting_in(memory_bound const& bound) const;
    /// The job at the front of a list; ghosts are taken on the way. Null: there is none.
    WORK_DECL memory_job* front_of(memory_list& list);
    /// The oldest go, until it holds as many as it may.
    WORK_DECL void make_room(memory_bound& bound, std::int64_t excess, std::int64_t now);
    WORK_DECL void drop_for_room(std::string const& id, std::int64_t most, std::int64_t now);
    WORK_DECL void put_cron(cron_record const& record);
    /// New jobs. Returns what became of each. `asked`: what bounds let in; null: everything comes.
    WORK_DECL std::vector<enqueued> store(
        std::vector<new_job> const& some,
        std::int64_t now,
        bound_check* asked = nullptr
    );
    // What jobs hold beside their places, as in `scripts/parts/holdings.lua`.
    /// Who has a lock; "": nobody.
    WORK_DECL std::string lock_owner(std::string_view key, std::int64_t now) const;
    /// Into the sets of its tags, and out of them.
    WORK_DECL void tag(std::string_view id, std::string_view envelope);
    WORK_DECL void untag(std::string_view id, std::string_view envelope);
    WORK_DECL void take_lock(
        std::string_view id,
        char mode,
        std::string const& key,
        std::int64_t until
    );
    WORK_DECL void release_lock(std::string_view id, std::string_view envelope, lock_release how);
    /// One that let its lock go is to wait again. False: another one has it by now.
    WORK_DECL bool retake_lock(std::string_view id, std::string_view envelope, std::int64_t now);
    WORK_DECL job_state waiting_state(std::string_view id) const;
    WORK_DECL void replace(std::string_view id, new_job const& by, std::int64_t now);
    /// What becomes of the job that has the lock of a new one.
    WORK_DECL enqueued resolve_conflict(
        std::string const& owner,
        new_job const& by,
        std::int64_t due,
        std::int64_t now
    );
    // Jobs that need others, as in `scripts/parts/needs.lua` and `flows.lua`.
    WORK_DECL std::optional<std::pair<char, std::string>> ended_as(
        std::string_view id,
        std::int64_t now
    ) const;
    WORK_DECL void mark_needed(std::string_view id);
    WORK_DECL bool waits_for(job_ties const& ties) const;
    WORK_DECL void look_at_needs(
        job_ties& ties,
        std::vector<job_need> const& all,
        std::int64_t now
    );
    WORK_DECL job_ties bind(job_links const& links, std::int64_t now);
    WORK_DECL enqueued need_more(job_links const& links, std::int64_t now);
    WORK_DECL void add_needs(std::string const& id, job_ties const& ties);
    WORK_DECL std::optional<std::string> need_of(std::string_view child, std::string_view parent)
        const;
    WORK_DECL void give(
        std::string_view id,
        std::string_view from,
        char letter,
        std::string_view text
    );
    /// False: it waits for nobody.
    WORK_DECL bool tie(
        std::string const& id,
        std::string_view list,
        job_ties const& ties,
        job_links const& links,
        std::int64_t now
    );
    WORK_DECL void untie(std::string_view id);
    WORK_DECL void wait_for_reader(std::string const& id, std::int64_t now);
    WORK_DECL void reader_came(record_reader const& reader, std::int64_t now);
    WORK_DECL job_bonds bonds_of(std::string_view id) const;
    WORK_DECL void let_go(std::string const& id, std::int64_t now);
    WORK_DECL void give_up(std::string const& id, std::string why, std::int64_t now);
    WORK_DECL void tell_one(std::string const& child, end_to_tell const& end);
    WORK_DECL void put_by(end_to_tell end);
    WORK_DECL void tell_all(std::int64_t now);
    WORK_DECL void ended(std::string_view id, char letter, std::string_view text, std::int64_t now);
    WORK_DECL void tell_more(std::int64_t number, std::int64_t now);
    WORK_DECL void sweep_needs(record_reader const& reader, std::int64_t now);
    WORK_DECL void look_at_need(std::string const& id, std::string const& parent, std::int64_t now);
    WORK_DECL void wait_at_gate(std::string const& gate, std::string const& flow, std::int64_t now);
    WORK_DECL void join_flow(
        std::string const& id,
        std::string_view list,
        job_links const& links,
        std::int64_t now
    );
    WORK_DECL void member_ended(
        std::string const& flow,
        std::string_view id,
        char letter,
        std::int64_t now
    );
    WORK_DECL void member_again(std::string const& flow, std::string_view id);
    WORK_DECL void close_flow(std::string const& flow);
    WORK_DECL void abort_flow(std::string const& flow, std::int64_t now);
    WORK_DECL enqueued commit_flow(job_links const& links, std::int64_t now);
    WORK_DECL void fire_timer(std::string_view timer, std::int64_t now);
    WORK_DECL void trim_flows(std::int64_t now);
    /// Forgets some of the locks that nobody has any more.
    WORK_DECL void sweep_locks(std::int64_t now);
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
    /// `text`: its ending, or last failure, for those who follow it.
    WORK_DECL void finish(std::string_view id, finish_as end, std::string_view text = {});
    /// Tells who follows the job that it has ended.
    WORK_DECL void tell(
        std::string_view id,
        std::string_view envelope,
        finish_as end,
        std::string_view text
    );
    WORK_DECL void note_tracked_end(std::string_view id, finish_as end);
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
#include <work/broker/memory/bound_check.ipp>
#include <work/broker/memory/cancelling.ipp>
#include <work/broker/memory/data.ipp>
#include <work/broker/memory/doors.ipp>
#include <work/broker/memory/flows.ipp>
#include <work/broker/memory/gate.ipp>
#include <work/broker/memory/holdings.ipp>
#include <work/broker/memory/keeping.ipp>
#include <work/broker/memory/limits.ipp>
#include <work/broker/memory/needs.ipp>
#include <work/broker/memory/registries.ipp>
#include <work/broker/memory/storing.ipp>
#endif
