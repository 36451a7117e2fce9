// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/printable.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace work::detail {

/// Offset of the first byte that is no valid UTF-8, or npos.
WORK_DECL std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// The text with every invalid byte replaced by U+FFFD, cut before `limit` bytes at a whole code
/// point.
WORK_DECL std::string sanitized_utf8(std::string_view text, std::size_t limit);

/// The same, and a text that was cut ends with its size.
WORK_DECL std::string mended_utf8(std::string_view text, std::size_t limit);

/// Without spaces, tabs and ends of lines around it.
inline std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view space = " \t\r\n";
    auto const first = text.find_first_not_of(space);
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(space) + 1 - first);
}

/// The text in quotes for an error message: what is not printable escaped, cut after `cut` bytes
/// and then followed by its size.
WORK_DECL std::string quote(std::string_view text, std::size_t cut = 64);

/// The value of a `key=value` in a log line: as it is, or in quotes when it could be taken for
/// more than one.
WORK_DECL std::string log_field(std::string_view text, std::size_t cut = 160);

/// Appends the text as a JSON string. Returns npos, or the offset of the first byte that is no
/// valid UTF-8; `out` is then as it was.
WORK_DECL std::size_t append_json_string(std::string& out, std::string_view text);

WORK_DECL void append_number(std::string& out, long long value);
WORK_DECL void append_number(std::string& out, unsigned long long value);

/// Appends the shortest text that reads back as the same double, always with a '.' or an exponent.
/// Precondition: `value` is finite.
WORK_DECL void append_double(std::string& out, double value);
WORK_DECL void append_float(std::string& out, float value);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/values/text.ipp>
#endif
