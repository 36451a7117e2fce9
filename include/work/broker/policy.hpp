// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>

/// Numbers that both brokers go by. The scripts of the Redis broker know them by name
/// (`policy.max_failures`), and are given them when `tools/embed` makes the bundle: each is one
/// literal, therefore. Times are in ms.
namespace work::policy {

inline constexpr std::int64_t ms_per_hour = 3'600'000;
inline constexpr std::int64_t ms_per_day = 86'400'000;
/// A job is taken as much earlier for each step of its priority.
inline constexpr std::int64_t priority_step_ms = 60'000;
/// How many of a job's failures are kept: the newest.
inline constexpr std::int64_t max_failures = 10;

/// How many of the things that people did to a job are shown: the last ones.
inline constexpr std::int64_t max_history = 20;

/// How many lines of a job's log are kept, with those of its history: the newest.
inline constexpr std::int64_t max_log_lines = 100;

// Claims.
/// A claim of no more jobs than this is in the index from id to claim.
inline constexpr std::int64_t indexed_jobs = 32;
/// Due jobs that one exchange moves into their lists, and lapsed claims that it ends.
inline constexpr std::int64_t moved_jobs = 256;
inline constexpr std::int64_t ended_claims = 64;
/// Where one exchange stops ending more claims: so many jobs, or bytes of their records.
inline constexpr std::int64_t ended_jobs = 512;
inline constexpr std::int64_t step_bytes = 1'048'576;
/// Ghosts and priorities that one exchange steps over in a list.
inline constexpr std::int64_t looked_at_jobs = 1'024;
/// From this mean length on the records of a claim are read by who claimed them.
inline constexpr std::int64_t unread_bytes = 2'048;
/// Lists in other queues than a name's own that one exchange looks into.
inline constexpr std::int64_t drawn_lists = 256;
/// Of what a pool serves, how much one exchange looks through for suspects.
inline constexpr std::int64_t looked_at_served = 256;

// Exchanges.
/// Answers that are kept of each stream of exchanges, by number modulo this: so many may be in
/// flight. Part of the format: servers that number for workers count by it.
inline constexpr std::int64_t stored_answers = 16;
/// The same of batches of a producer.
inline constexpr std::int64_t stored_batches = 16;

// Crashes.
/// Groups of suspects of a name that are looked at: the newest, and some of the others by lot.
inline constexpr std::int64_t newest_groups = 32;
inline constexpr std::int64_t other_groups = 8;
/// Groups that one exchange tries to take.
inline constexpr std::int64_t tried_groups = 64;
/// Groups that it looks at for that: those of paused lists are passed over.
inline constexpr std::int64_t passed_groups = 256;
/// So many suspects are joined from small groups into one, when as many wait.
inline constexpr std::int64_t joined_jobs = 64;
/// Into at most so many groups the suspects of one claim are split.
inline constexpr std::int64_t suspect_groups = 256;
/// Jobs of a process that died which one record holds until all its claims lapsed.
inline constexpr std::int64_t fallen_jobs = 512;
inline constexpr std::int64_t max_quarantine_ms = 1'200'000;
/// Deaths as the only suspect are counted up to this.
inline constexpr std::int64_t max_solo_crashes = 99;
/// Pools whose heartbeat is looked at when a death is met, and how many deaths of a kind
/// are known.
inline constexpr std::int64_t drawn_pools = 64;
inline constexpr std::int64_t deaths_kept = 1'000;
/// How long a pool's status is shown at least, how often a heartbeat comes at most, and how late it
/// may be.
inline constexpr std::int64_t status_shown_ms = 15'000;
inline constexpr std::int64_t heartbeat_ms = 5'000;
inline constexpr std::int64_t heartbeat_late_ms = 1'000;

/// How long what a pool registered through a server is kept after its last word.
inline constexpr std::int64_t worker_kept_ms = 3'600'000;

// What people did: operations on many jobs, for a day; the newest lines of the audit.
inline constexpr std::int64_t operations_kept_ms = 86'400'000;
inline constexpr std::int64_t audit_lines = 10'000;
/// Jobs that are tracked.
inline constexpr std::int64_t most_tracked = 1'000;

// Cron entries, and how many of the times that one fired are kept.
inline constexpr std::int64_t most_crons = 10'000;
inline constexpr std::int64_t fires_kept = 100;

// Histories.
/// So many lists have one of their own, so many of one name; and how long it is known which write
/// of a writer was the last.
inline constexpr std::int64_t history_lists = 500;
inline constexpr std::int64_t history_queues = 32;
inline constexpr std::int64_t historian_ms = 3'600'000;

// The alarm: the pool that comes when something is due, and the one behind it.
inline constexpr std::int64_t alarm_late_ms = 1'000;
inline constexpr std::int64_t alarm_backup_ms = 25;

// Keeping and forgetting, in one exchange with chores.
/// What is kept for people goes in such steps, where it is over its limits.
inline constexpr std::int64_t trimmed_jobs = 256;
/// What keys there are and what is in them: whoever knows an older number leaves them alone.
inline constexpr std::int64_t layout = 1;
/// So many are told of the end of one job.
inline constexpr std::int64_t followers = 16;
/// How many locks chores look at in each of 16 segments.
inline constexpr std::int64_t swept_locks = 16;
// Jobs that need others, and flows.
/// So many jobs are told of an end in one call; and so many chores ask whether they wait in vain.
inline constexpr std::int64_t told_jobs = 64;
inline constexpr std::int64_t swept_needs = 128;
/// So many are looked at before a job is added to what waits already, lest they wait for each
/// other.
inline constexpr std::int64_t walked_needs = 256;
/// Whom a new job needs, so many are said in one call, the others in later ones; and one beside
/// which others are added may be needed by so many.
inline constexpr std::int64_t most_bonds = 256;
/// An ending that is handed on has at most so many bytes, and all that one job is given.
inline constexpr std::int64_t given_bytes = 65'536;
inline constexpr std::int64_t given_in_all = 1'048'576;
/// How long it may take to store a flow; how long one is kept that has ended, and how many.
inline constexpr std::int64_t commit_ms = 600'000;
inline constexpr std::int64_t flow_kept_ms = 604'800'000;
inline constexpr std::int64_t flows_kept = 1'000;
inline constexpr std::int64_t trimmed_flows = 4;
/// Of those that a job needs, that need it, or that left it something, so many are shown with it.
inline constexpr std::int64_t shown_bonds = 100;
/// Of whom a job of a flow needs, so many are shown with the flow.
inline constexpr std::int64_t shown_parents = 256;
inline constexpr std::int64_t trimmed_bytes = 16'777'216;
/// Cancelled jobs of a list are kept with the completed ones, so many in all.
inline constexpr std::int64_t kept_cancelled = 1'000;
inline constexpr std::int64_t forgotten_pools = 16;
inline constexpr std::int64_t forgotten_lists = 256;
/// What stands for a paused list in `lists`: later than any time.
inline constexpr std::int64_t paused_score = 9'007'199'254'740'991;
/// Lists that one call brings in line with what is paused; and how long whoever paused may be
/// silent before pools do it.
inline constexpr std::int64_t settled_lists = 64;
inline constexpr std::int64_t settled_late_ms = 1'000;

// Limits: so many in all, and of one queue or name; claims that one call brings in line with them.
inline constexpr std::int64_t most_limits = 1'000;
inline constexpr std::int64_t limits_of_one = 8;
inline constexpr std::int64_t adopted_claims = 16;
/// Holders that are looked at before a limit is said to be full; those, and limits, that chores do.
inline constexpr std::int64_t audited_slots = 4;
inline constexpr std::int64_t swept_slots = 64;
/// Of limits, or of the holders of one, so many are looked at in one call.
inline constexpr std::int64_t shown_limits = 64;
inline constexpr std::int64_t swept_limits = 16;
/// Of those who wait for a slot so many are looked at to find one that is served here; so many are
/// woken in one call.
inline constexpr std::int64_t seen_waiters = 16;
inline constexpr std::int64_t woken_waiters = 256;

// Bounds: so many queues may have one; so many jobs one call drops to make room.
inline constexpr std::int64_t most_bounds = 100;
inline constexpr std::int64_t dropped_jobs = 1'024;

inline constexpr std::int64_t forgotten_traces = 1'000;
/// Leases, from the longest on, that are cut when they are longer than two of their claim.
inline constexpr std::int64_t cut_leases = 64;

}  // namespace work::policy
