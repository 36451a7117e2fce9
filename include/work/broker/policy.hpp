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

/// How many lines of a job's log are kept: the newest.
inline constexpr std::int64_t max_log_lines = 100;

// Claims.
/// A claim of no more jobs than this is in the index from id to claim.
inline constexpr std::int64_t indexed_jobs = 32;
/// Due jobs that one exchange moves into their lists, and lapsed claims that it ends.
inline constexpr std::int64_t moved_jobs = 256;
inline constexpr std::int64_t ended_claims = 256;
/// Where one exchange stops ending more claims: so many jobs, or bytes of their records.
inline constexpr std::int64_t ended_jobs = 512;
inline constexpr std::int64_t step_bytes = 1'048'576;
/// Ghosts and priorities that one exchange steps over in a list.
inline constexpr std::int64_t looked_at_jobs = 1'024;
/// Lists in other queues than a name's own that one exchange looks into.
inline constexpr std::int64_t drawn_lists = 256;
/// Of what a pool serves, how much one exchange looks through for suspects.
inline constexpr std::int64_t looked_at_served = 256;

// Exchanges.
/// Answers that are kept of each stream of exchanges, by number modulo this: so many may be in
/// flight. Part of the format: servers that number for workers count by it.
inline constexpr std::int64_t stored_answers = 3;

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
inline constexpr std::int64_t forgotten_traces = 1'000;
/// Leases, from the longest on, that are cut when they are longer than two of their claim.
inline constexpr std::int64_t cut_leases = 64;

}  // namespace work::policy
