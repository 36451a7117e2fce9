// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/sha1.hpp>
#include <work/values/envelope.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace work::detail {

inline bool all_digits(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <typename Number>
Number number_in(std::string_view text, int base = 10) noexcept
{
    Number n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n, base);
    return n;
}

// The last ` p=<number>` of an envelope's first line.
inline std::int64_t read_priority(std::string_view line) noexcept
{
    for (std::size_t at = line.rfind(" p="); at != line.npos && at != 0;
         at = line.rfind(" p=", at - 1)) {
        std::string_view const digits = line.substr(at + 3);
        std::size_t const sign = digits.starts_with('-') ? 1 : 0;
        if (sign < digits.size() && all_digits(digits.substr(sign, 1)))
            return number_in<std::int64_t>(digits);
    }
    return 0;
}

WORK_DECL std::optional<envelope_header> read_header(std::string_view envelope)
{
    std::size_t const end = envelope.find('\n');
    if (end == envelope.npos || end <= envelope_list_offset)
        return std::nullopt;
    std::string_view const line = envelope.substr(0, end);
    std::string_view const flags = line.substr(envelope_flags_offset, envelope_flags_size);
    std::string_view const attempts = line.substr(envelope_attempts_offset, envelope_attempts_size);
    std::string_view const created = line.substr(envelope_created_offset, envelope_created_size);
    auto const is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
    };
    if (line[0] < '2' || line[0] > '9' || line[1] != ' ' || line[6] != ' ' || line[11] != ' ' ||
        line[25] != ' ' || !std::all_of(flags.begin(), flags.end(), is_hex) ||
        !all_digits(attempts) || !all_digits(created) || line[envelope_list_offset] == ' ')
        return std::nullopt;
    envelope_header h;
    h.flags = number_in<unsigned>(flags, 16);
    h.attempts = number_in<int>(attempts);
    h.created = number_in<std::int64_t>(created);
    std::string_view const rest = line.substr(envelope_list_offset);
    h.list = rest.substr(0, rest.find(' '));
    if ((h.flags & envelope_flags::priority) != 0)
        h.priority = read_priority(line);
    return h;
}

WORK_DECL std::string version_of(std::string_view record)
{
    return sha1(record).substr(0, 16);
}

WORK_DECL std::optional<std::string_view> word_of(std::string_view envelope, std::string_view key)
{
    std::string_view const line = envelope.substr(0, envelope.find('\n'));
    std::string const start = " " + std::string(key) + "=";
    std::size_t const at = line.find(start);
    if (at == line.npos)
        return std::nullopt;
    std::string_view const value = line.substr(at + start.size());
    return value.substr(0, value.find(' '));
}

WORK_DECL std::optional<std::int64_t> waits_since(std::string_view envelope)
{
    auto const header = read_header(envelope);
    if (!header)
        return std::nullopt;
    auto const due = word_of(envelope, "d");
    return due && all_digits(*due) ? std::max(header->created, number_in<std::int64_t>(*due))
                                   : header->created;
}

WORK_DECL std::string with_word(
    std::string_view envelope,
    std::string_view key,
    std::optional<std::string_view> value
)
{
    std::size_t const end = envelope.find('\n');
    std::string changed(envelope.substr(0, end));
    std::string const start = " " + std::string(key) + "=";
    for (std::size_t at = changed.find(start); at != changed.npos; at = changed.find(start, at))
        changed.erase(at, changed.find(' ', at + 1) - at);
    if (value)
        changed.append(start).append(*value);
    return changed.append(envelope.substr(end));
}

WORK_DECL std::string with_list(std::string_view envelope, std::string_view list)
{
    std::string_view const line = envelope.substr(0, envelope.find('\n'));
    std::size_t from = 0;
    for (int fields = 0; fields != 4; ++fields)
        from = line.find(' ', from) + 1;
    std::string changed(envelope);
    return changed.replace(from, std::min(line.find(' ', from), line.size()) - from, list);
}

WORK_DECL std::string snoozed(std::string_view envelope)
{
    std::string_view const before = word_of(envelope, "s").value_or("");
    std::int64_t count = 0;
    if (before.size() <= 9 && before.find_first_not_of("0123456789") == before.npos)
        std::from_chars(before.data(), before.data() + before.size(), count);
    return with_word(envelope, "s", std::to_string(std::min<std::int64_t>(count + 1, 999'999'999)));
}

WORK_DECL crash_state read_crashes(std::string_view envelope)
{
    crash_state read;
    auto const value = word_of(envelope, "x");
    if (!value)
        return read;
    std::int64_t numbers[5] = {};
    char const* at = value->data();
    char const* const end = at + value->size();
    for (std::int64_t& n : numbers) {
        auto const [stop, failed] = std::from_chars(at, end, n);
        if (failed != std::errc())
            return read;
        at = stop == end ? stop : stop + 1;
    }
    return {true, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
}

WORK_DECL std::string with_crashes(std::string_view envelope, crash_state const& crashes)
{
    return with_word(
        envelope,
        "x",
        std::to_string(crashes.longest) + "," + std::to_string(crashes.counted) + "," +
            std::to_string(crashes.pending) + "," + std::to_string(crashes.solo_crashes) + "," +
            std::to_string(crashes.alone)
    );
}

WORK_DECL std::int64_t quarantine_of(std::int64_t longest, std::int64_t lease_ms)
{
    return std::min<std::int64_t>(std::max(2 * longest, lease_ms / 3), policy::max_quarantine_ms);
}

WORK_DECL std::string_view process_of(std::string_view pool)
{
    return pool.size() == 22 ? pool.substr(13, 5) : pool;
}

WORK_DECL std::string with_attempts(std::string_view envelope, int attempts)
{
    char digits[16];
    std::snprintf(digits, sizeof digits, "%04d", std::min(attempts, max_envelope_attempts));
    std::string changed(envelope);
    changed.replace(envelope_attempts_offset, envelope_attempts_size, digits, 4);
    return changed;
}

WORK_DECL std::string with_flags(std::string_view envelope, unsigned flags)
{
    char digits[8];
    std::snprintf(digits, sizeof digits, "%04X", flags & 0xFFFFu);
    std::string changed(envelope);
    changed.replace(envelope_flags_offset, envelope_flags_size, digits, 4);
    return changed;
}

WORK_DECL std::string with_failures(std::string_view envelope, int attempts)
{
    unsigned const flags =
        number_in<unsigned>(envelope.substr(envelope_flags_offset, envelope_flags_size), 16);
    return with_flags(with_attempts(envelope, attempts), flags | envelope_flags::failed);
}

}  // namespace work::detail
