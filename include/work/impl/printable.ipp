// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/printable.hpp>

#include <cstdint>

namespace work {
namespace detail {

WORK_DECL std::size_t utf8_length(std::string_view text, std::size_t at) noexcept
{
    auto const byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    auto const tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    if (at >= text.size())
        return 0;
    unsigned const first = byte(0);
    if (first < 0x80)
        return 1;
    if (first < 0xC2)
        return 0;
    if (first < 0xE0)
        return tail(1) ? 2 : 0;
    if (first < 0xF0) {
        bool const overlong = first == 0xE0 && byte(1) < 0xA0;
        bool const surrogate = first == 0xED && byte(1) > 0x9F;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first < 0xF5) {
        bool const overlong = first == 0xF0 && byte(1) < 0x90;
        bool const beyond = first == 0xF4 && byte(1) > 0x8F;
        return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

// Precondition: `length` is that of a valid sequence.
inline std::uint32_t code_point_at(std::string_view text, std::size_t at, std::size_t length)
{
    auto const first = static_cast<unsigned char>(text[at]);
    std::uint32_t point = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i)
        point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
    return point;
}

/// Moves the cursor, ends the line, or turns the direction of what stands around it.
constexpr bool is_unprintable(std::uint32_t point) noexcept
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
           point == 0x061C ||                       // Arabic letter mark
           point == 0x200E || point == 0x200F ||    // direction marks
           (point >= 0x2028 && point <= 0x202E) ||  // separators, embeddings, overrides
           (point >= 0x2066 && point <= 0x206F) ||  // isolates, and what preceded them
           point == 0xFEFF ||                       // byte order mark
           (point >= 0xFFF9 && point <= 0xFFFB);    // interlinear annotations
}

WORK_DECL std::size_t shown_length(std::string_view text, std::size_t at) noexcept
{
    std::size_t const length = utf8_length(text, at);
    return length != 0 && !is_unprintable(code_point_at(text, at, length)) ? length : 0;
}

WORK_DECL std::size_t append_escaped(std::string& out, std::string_view text, std::size_t at)
{
    static constexpr char digits[] = "0123456789abcdef";
    auto const hexadecimal = [&out](std::uint32_t value, int width) {
        for (int shift = 4 * (width - 1); shift >= 0; shift -= 4)
            out += digits[value >> shift & 15];
    };
    std::size_t const length = utf8_length(text, at);
    if (length > 1) {
        out += "\\u";
        hexadecimal(code_point_at(text, at, length), 4);
        return length;
    }
    switch (text[at]) {
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: out += "\\x"; hexadecimal(static_cast<unsigned char>(text[at]), 2);
    }
    return 1;
}

}  // namespace detail

WORK_DECL std::string printable(std::string_view text, std::size_t limit)
{
    std::string out;
    out.reserve(text.size() < limit ? text.size() : limit);
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t const shown = detail::shown_length(text, at);
        std::size_t const before = out.size();
        std::size_t taken = shown;
        if (shown != 0)
            out.append(text.substr(at, shown));
        else
            taken = detail::append_escaped(out, text, at);
        if (out.size() > limit) {
            out.resize(before);
            break;
        }
        at += taken;
    }
    if (at < text.size())
        out += "... (" + std::to_string(text.size()) + " bytes)";
    return out;
}

}  // namespace work
