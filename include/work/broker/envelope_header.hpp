// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work::detail {

/// What the broker reads of an envelope: its first line.
struct envelope_header
{
    unsigned flags = 0;
    int attempts = 0;
    std::int64_t created = 0;
    std::string_view list;
    std::int64_t priority = 0;

    /// What a job waits by in the set beside its list: a minute of waiting is worth one priority.
    std::int64_t score() const noexcept { return created - priority * policy::priority_step_ms; }
};

/// Nothing when the bytes are no stored job.
WORK_DECL std::optional<envelope_header> read_header(std::string_view envelope);

/// What tells a stored record from the one before: as `version_of` in the scripts.
WORK_DECL std::string version_of(std::string_view record);

/// The value of a word (` key=value`) of the envelope's first line, if it has it.
WORK_DECL std::optional<std::string_view> word_of(std::string_view envelope, std::string_view key);
/// Since when a pending job waits: since it was stored, or fell due if it was stored for later.
/// Nothing when the bytes are no stored job.
WORK_DECL std::optional<std::int64_t> waits_since(std::string_view envelope);
/// The envelope with this value of the word; nothing takes the word out. Others are kept.
WORK_DECL std::string with_word(
    std::string_view envelope,
    std::string_view key,
    std::optional<std::string_view> value
);

/// What the crashes of a job came to: the word `x` of its envelope.
struct crash_state
{
    bool any = false;
    std::int64_t longest = 0;       ///< from its claim to a death, ms
    std::int64_t counted = 0;       ///< deaths that count against it
    std::int64_t pending = 0;       ///< when another happened that may come to count, 0: none
    std::int64_t solo_crashes = 0;  ///< deaths of which it was the only suspect
    std::int64_t alone = 0;  ///< since when it wants to run where no other suspect does, 0: not
};
WORK_DECL crash_state read_crashes(std::string_view envelope);
WORK_DECL std::string with_crashes(std::string_view envelope, crash_state const& crashes);
/// How long nobody else's suspects run beside such a job.
WORK_DECL std::int64_t quarantine_of(std::int64_t longest, std::int64_t lease_ms);
/// Pools of one process have this in common.
WORK_DECL std::string_view process_of(std::string_view pool);

/// The record with these flags and no others.
WORK_DECL std::string with_flags(std::string_view envelope, unsigned flags);
/// The envelope of a job that failed: its attempts, and the flag that says failures are kept.
WORK_DECL std::string with_failures(std::string_view envelope, int attempts);
/// The record of a job in another list.
WORK_DECL std::string with_list(std::string_view envelope, std::string_view list);
/// The record of a job that snoozed once more: ` s=N` counts, up to nine digits.
WORK_DECL std::string snoozed(std::string_view envelope);
WORK_DECL std::string with_attempts(std::string_view envelope, int attempts);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/envelope_header.ipp>
#endif
