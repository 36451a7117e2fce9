// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/envelope.hpp>
#include <work/values/text.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace work {
namespace detail {

inline constexpr std::size_t envelope_spaces[] = {1, 6, 11, 25};

// -1 when one of the characters is no digit.
inline std::int64_t read_envelope_digits(std::string_view digits) noexcept
{
    std::int64_t value = 0;
    for (char const c : digits) {
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

inline int read_envelope_hex(std::string_view digits) noexcept
{
    int value = 0;
    for (char const c : digits) {
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (c >= 'A' && c <= 'F')
            value = value * 16 + (c - 'A' + 10);
        else
            return -1;
    }
    return value;
}

inline void put_in_envelope(char* at, std::size_t width, std::int64_t value) noexcept
{
    for (std::size_t i = width; i-- > 0; value /= 10)
        at[i] = static_cast<char>('0' + value % 10);
}

}  // namespace detail

WORK_DECL std::optional<std::string> unsupported_envelope(
    std::string_view text,
    int format,
    unsigned features
)
{
    if (text.size() <= envelope_list_offset || text[0] < envelope_version || text[0] > '9')
        return std::nullopt;
    for (std::size_t const at : detail::envelope_spaces)
        if (text[at] != ' ')
            return std::nullopt;
    int const flags =
        detail::read_envelope_hex(text.substr(envelope_flags_offset, envelope_flags_size));
    if (flags < 0)
        return std::nullopt;
    if (text[0] - '0' > format)
        return "it is of format " + std::string(1, text[0]) + ", this program knows " +
               std::to_string(format);
    unsigned const unknown = static_cast<unsigned>(flags) & envelope_flags::features & ~features;
    if (unknown == 0)
        return std::nullopt;
    char digits[8];
    std::snprintf(digits, sizeof digits, "%04X", unknown);
    return std::string("this program does not know its features ") + digits;
}

WORK_DECL parsed<envelope_view> decode_envelope(std::string_view text)
{
    using result = parsed<envelope_view>;
    if (text.size() < envelope_list_offset)
        return result::failed(
            "a stored job has at least 26 bytes, this has " + std::to_string(text.size())
        );
    if (auto unknown = unsupported_envelope(text))
        return result::failed(std::move(*unknown));
    if (text[0] != envelope_version)
        return result::failed(
            "the format version is " + detail::quote(text.substr(0, 1)) +
            ", this program reads \"2\""
        );
    for (std::size_t const at : detail::envelope_spaces)
        if (text[at] != ' ')
            return result::failed("there is no space at byte " + std::to_string(at));

    auto const field = [&](std::size_t at, std::size_t size) { return text.substr(at, size); };
    auto const flags_text = field(envelope_flags_offset, envelope_flags_size);
    auto const attempts_text = field(envelope_attempts_offset, envelope_attempts_size);
    auto const created_text = field(envelope_created_offset, envelope_created_size);
    int const flags = detail::read_envelope_hex(flags_text);
    if (flags < 0)
        return result::failed(
            "the flags " + detail::quote(flags_text) + " are not four upper-case hexadecimal digits"
        );
    auto const attempts = detail::read_envelope_digits(attempts_text);
    if (attempts < 0)
        return result::failed(
            "the attempts " + detail::quote(attempts_text) + " are not four digits"
        );
    auto const created = detail::read_envelope_digits(created_text);
    if (created < 0)
        return result::failed("the time " + detail::quote(created_text) + " is not 13 digits");

    auto const list_end = text.find('\n', envelope_list_offset);
    if (list_end == std::string_view::npos)
        return result::failed("the first line does not end");
    if (list_end == envelope_list_offset)
        return result::failed("the list is empty");
    auto const options_end = text.find('\n', list_end + 1);
    if (options_end == std::string_view::npos)
        return result::failed("the line of options does not end");

    envelope_view job;
    job.flags = static_cast<unsigned>(flags);
    job.attempts = static_cast<int>(attempts);
    job.created_ms = created;
    job.list = text.substr(envelope_list_offset, list_end - envelope_list_offset);
    std::int64_t whole = 0;
    // What follows the list are words of features, as ` p=PRIORITY`; unknown ones are kept out.
    if (auto const space = job.list.find(' '); space != std::string_view::npos) {
        auto const words = job.list.substr(space);
        job.list = job.list.substr(0, space);
        auto const number = [words](std::string_view start, auto value) {
            if (auto const at = words.find(start); at != std::string_view::npos)
                std::from_chars(
                    words.data() + at + start.size(),
                    words.data() + words.size(),
                    value
                );
            return value;
        };
        job.priority = number(" p=", 0);
        job.snoozes = std::max(number(" s=", 0), 0);
        job.stages = std::max(number(" g=", 0), 0);
        job.due_ms = std::max<std::int64_t>(number(" d=", std::int64_t{0}), 0);
        if (auto const at = words.find(" f="); at != std::string_view::npos)
            job.flow = words.substr(at + 3, words.find(' ', at + 3) - at - 3);
        if (auto const at = words.rfind(" b="); at != std::string_view::npos)
            std::from_chars(words.data() + at + 3, words.data() + words.size(), whole);
    }
    if (job.list.empty())
        return result::failed("the list is empty");
    job.options = text.substr(list_end + 1, options_end - list_end - 1);
    job.args = text.substr(options_end + 1);
    if (whole > static_cast<std::int64_t>(text.size() - list_end - 1))
        job.cut_from = whole;
    return job;
}

WORK_DECL void append_envelope(std::string& out, envelope_view const& job)
{
    auto const refuse = [](std::string const& what) {
        throw error(errc::invalid_option, "stored job: " + what);
    };
    if (job.flags > 0xFFFF)
        refuse("flags are " + std::to_string(job.flags) + ", which is outside 0..65535");
    if (job.attempts < 0 || job.attempts > max_envelope_attempts)
        refuse("attempts are " + std::to_string(job.attempts) + ", which is outside 0..9999");
    if (job.created_ms < 0 || job.created_ms > max_envelope_time_ms)
        refuse(
            "created_ms is " + std::to_string(job.created_ms) +
            ", which is outside 0..9999999999999"
        );
    if (job.list.empty() || job.list.find_first_of("\n ") != std::string_view::npos)
        refuse("the list " + detail::quote(job.list) + " is empty or has a space or newline");
    if (job.options.find('\n') != std::string_view::npos)
        refuse("the options " + detail::quote(job.options) + " have a newline");

    static constexpr char digits[] = "0123456789ABCDEF";
    char head[envelope_list_offset + 1] = "2 0000 0000 0000000000000 ";
    for (std::size_t i = 0; i != envelope_flags_size; ++i)
        head[envelope_flags_offset + i] =
            digits[job.flags >> (4 * (envelope_flags_size - 1 - i)) & 15];
    detail::put_in_envelope(head + envelope_attempts_offset, envelope_attempts_size, job.attempts);
    detail::put_in_envelope(head + envelope_created_offset, envelope_created_size, job.created_ms);

    out.append(head, envelope_list_offset);
    out.append(job.list);
    if (job.priority != 0)
        out.append(" p=").append(std::to_string(job.priority));
    if (job.snoozes > 0)
        out.append(" s=").append(std::to_string(job.snoozes));
    if (job.stages > 0)
        out.append(" g=").append(std::to_string(job.stages));
    if (job.due_ms > 0)
        out.append(" d=").append(std::to_string(job.due_ms));
    out.push_back('\n');
    out.append(job.options);
    out.push_back('\n');
    out.append(job.args);
}

WORK_DECL void set_created(std::string& envelope, std::int64_t created_ms) noexcept
{
    detail::put_in_envelope(
        envelope.data() + envelope_created_offset,
        envelope_created_size,
        created_ms
    );
}

WORK_DECL std::size_t envelope_size(envelope_view const& job) noexcept
{
    return envelope_list_offset + job.list.size() + job.options.size() + job.args.size() + 2 +
           (job.priority != 0 ? std::to_string(job.priority).size() + 3 : 0) +
           (job.snoozes > 0 ? std::to_string(job.snoozes).size() + 3 : 0) +
           (job.stages > 0 ? std::to_string(job.stages).size() + 3 : 0) +
           (job.due_ms > 0 ? std::to_string(job.due_ms).size() + 3 : 0);
}

}  // namespace work
