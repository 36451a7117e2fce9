// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace work::testing {

/// Text as an attacker, or a program in another encoding, would put it into a job: escape
/// sequences, ends of lines, marks of direction, C1 controls, cut and overlong sequences.
inline std::string hostile_text(std::mt19937& random, std::size_t at_most)
{
    static constexpr std::array<std::string_view, 24> pieces{
        "plain text ",
        "=",
        "\"",
        "\\",
        "\n2026-01-01T00:00:00.000Z error forged",
        "\r",
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\t",
        "\x7f",
        "\xc2\x9b"
        "31m",
        "\xc2\x85",
        "\xe2\x80\xae",
        "\xe2\x80\xa8",
        "\xe2\x81\xa6",
        "\xe2\x80\x8f",
        "\xef\xbb\xbf",
        "\xd8\x9c",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xc0\x80",
        "\xed\xa0\x80",
        "\xf0\x9f\x98\x80"
    };
    std::string text;
    std::size_t const size = random() % (at_most + 1);
    while (text.size() < size) {
        if (random() % 4 == 0)
            text += static_cast<char>(random());
        else
            text += pieces[random() % pieces.size()];
    }
    return text;
}

/// Valid UTF-8 on one line, and nothing in it moves the cursor or turns the direction. Written
/// apart from what it checks.
inline bool is_fit_to_show(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        auto const byte = [&](std::size_t i) -> std::uint32_t {
            return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
        };
        std::size_t const length = byte(0) < 0x80             ? 1
                                   : (byte(0) & 0xE0) == 0xC0 ? 2
                                   : (byte(0) & 0xF0) == 0xE0 ? 3
                                   : (byte(0) & 0xF8) == 0xF0 ? 4
                                                              : 0;
        if (length == 0)
            return false;
        std::uint32_t point = length == 1 ? byte(0) : byte(0) & (0xFFu >> (length + 1));
        for (std::size_t i = 1; i < length; ++i) {
            if ((byte(i) & 0xC0) != 0x80)
                return false;
            point = point * 64 + (byte(i) & 0x3F);
        }
        static constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
        bool const control = point < 0x20 || (point >= 0x7F && point <= 0x9F);
        bool const turns = point == 0x200E || point == 0x200F || point == 0x061C ||
                           (point >= 0x2028 && point <= 0x202E) ||
                           (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
        if (point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) ||
            control || turns)
            return false;
        at += length;
    }
    return true;
}

}  // namespace work::testing
