// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/parsed.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work {

/// \file
/// A job as it is stored, in text that people and other languages can read:
///
///     2 0000 0000 1790000000000 send_email\n
///     {"max_attempts":3}\n
///     {"user_id":42,"address":"ada@example.com"}
///
/// The first line has the format version, the flags (four upper-case hexadecimal digits), the
/// number of attempts made (four digits), the time the job was made (13 digits, ms of the broker's
/// clock) and the id of its list, all at fixed offsets, so that a script can change one without
/// parsing.
/// Words of features follow the list: ` p=<priority>`, ` s=<snoozes>` of a job that snoozed,
/// ` g=<stages>` of one that went on to another stage, and ` d=<ms>` of one that was enqueued for
/// later: when it is due, as the broker writes it; ` u=<mode><key>` is the lock of a unique job,
/// and ` w=<client>,…` are those who are told of the job's end.
/// Words that a version does not know are kept as they are.
/// Options are one line of JSON, or empty; arguments are everything after it, opaque to the broker.

inline constexpr char envelope_version = '2';
inline constexpr std::size_t envelope_version_offset = 0;
inline constexpr std::size_t envelope_flags_offset = 2;
inline constexpr std::size_t envelope_flags_size = 4;
inline constexpr std::size_t envelope_attempts_offset = 7;
inline constexpr std::size_t envelope_attempts_size = 4;
inline constexpr std::size_t envelope_created_offset = 12;
inline constexpr std::size_t envelope_created_size = 13;
inline constexpr std::size_t envelope_list_offset = 26;

inline constexpr int max_envelope_attempts = 9999;
inline constexpr std::int64_t max_envelope_time_ms = 9'999'999'999'999;

/// What the broker must do beyond the fast path; 0 is the fast path. Bits that are not
/// named here belong to features to come, and are kept as they are; a job with one of the highest
/// four waits for a program that knows it.
namespace envelope_flags {
enum : unsigned {
    /// The id was chosen by the caller, and leaves a trace after the job is finished.
    chosen_id = 0x01,
    /// The job waits in the priority set beside its list.
    priority = 0x02,
    /// The options have `expires_in_ms`: a job not started by then is dropped.
    expires = 0x04,
    /// Failures of earlier attempts are kept with the job. Set by the broker.
    failed = 0x08,
    /// What follows the first line is stored apart (`envelope_parts.hpp`). Set by the broker.
    body_apart = 0x10,
    /// The job holds something beside its place, which words of the first line name: ` u=` the
    /// lock of a unique job.
    holds = 0x20,
    /// Clients are told when it ends: ` w=<client>,…`.
    followed = 0x40,
    /// Features that whoever runs the job has to know. There are none yet.
    features = 0xF000,
};
}  // namespace envelope_flags

/// Whether a stored job has this one flag. Precondition: it has flags.
inline bool has_envelope_flag(std::string_view envelope, unsigned flag) noexcept
{
    auto const at = static_cast<unsigned>(std::countr_zero(flag));
    char const digit = envelope[envelope_flags_offset + envelope_flags_size - 1 - at / 4];
    int const value = digit >= 'A' ? digit - 'A' + 10 : digit - '0';
    return (value >> at % 4 & 1) != 0;
}

/// Gives a stored job this one flag. Precondition: it has flags.
inline void set_envelope_flag(std::string& envelope, unsigned flag) noexcept
{
    if (has_envelope_flag(envelope, flag))
        return;
    auto const at = static_cast<unsigned>(std::countr_zero(flag));
    char& digit = envelope[envelope_flags_offset + envelope_flags_size - 1 - at / 4];
    int const value = (digit >= 'A' ? digit - 'A' + 10 : digit - '0') | 1 << at % 4;
    digit = static_cast<char>(value > 9 ? 'A' + value - 10 : '0' + value);
}

/// The parts of a stored job. The views point into the text it was decoded from.
struct envelope_view
{
    unsigned flags = 0;
    int attempts = 0;
    std::int64_t created_ms = 0;
    int priority = 0;  ///< meaningful with the flag
    std::string_view list;
    std::string_view options;
    std::string_view args;
    std::string_view flow{};  ///< that it belongs to
    /// Options and arguments are only the beginning of this many bytes; 0: they are whole.
    std::int64_t cut_from = 0;
    int snoozes = 0;  ///< how often it snoozed
    int stages = 0;   ///< how many it went through before the one it is in
    /// When it was first due, of a job that was enqueued for later; 0: when it was made.
    std::int64_t due_ms = 0;

    friend bool operator==(envelope_view const&, envelope_view const&) = default;
};

/// Reads a stored job. Garbage gives an error text; nothing throws and nothing outside `text` is
/// read.
WORK_DECL parsed<envelope_view> decode_envelope(std::string_view text);

/// What a stored job asks for that a program with this format and these features does not know.
/// Nothing: it knows all of it, or the bytes are no stored job of any format to come.
WORK_DECL std::optional<std::string> unsupported_envelope(
    std::string_view text,
    int format = envelope_version - '0',
    unsigned features = 0
);

/// Appends the stored form of a job.
///
/// Preconditions, checked: flags <= 0xFFFF, attempts and time in their widths, list and options
/// without newline, list not empty and without space. Errors: `errc::invalid_option`.
WORK_DECL void append_envelope(std::string& out, envelope_view const& job);

/// Writes the time a job was made into its stored form. Preconditions: that has a first line, and
/// the time is in its width.
WORK_DECL void set_created(std::string& envelope, std::int64_t created_ms) noexcept;

/// The size `append_envelope` adds.
WORK_DECL std::size_t envelope_size(envelope_view const& job) noexcept;

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/envelope.ipp>
#endif
