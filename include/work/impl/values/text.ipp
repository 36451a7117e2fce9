// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace work::detail {

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

WORK_DECL std::size_t find_invalid_utf8(std::string_view text) noexcept
{
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const length = utf8_length(text, at);
        if (length == 0)
            return at;
        at += length;
    }
    return std::string_view::npos;
}

WORK_DECL std::string sanitized_utf8(std::string_view text, std::size_t limit)
{
    std::string out;
    out.reserve(text.size() < limit ? text.size() : limit);
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const length = utf8_length(text, at);
        std::string_view const piece = length ? text.substr(at, length) : "\xEF\xBF\xBD";
        if (out.size() + piece.size() > limit)
            break;
        out.append(piece);
        at += length ? length : 1;
    }
    return out;
}

WORK_DECL std::string quote(std::string_view text, std::size_t cut)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t const length = utf8_length(text, at);
        if (at + (length ? length : 1) > cut)
            break;
        auto const byte = static_cast<unsigned char>(text[at]);
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            switch (byte) {
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                out += "\\x";
                out += digits[byte >> 4];
                out += digits[byte & 15];
            }
        } else if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[at];
        } else {
            out.append(text.substr(at, length));
        }
        at += length ? length : 1;
    }
    out += '"';
    if (at < text.size())
        out += "... (" + std::to_string(text.size()) + " bytes)";
    return out;
}

WORK_DECL std::size_t append_json_string(std::string& out, std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::size_t const before = out.size();
    out.push_back('"');
    std::size_t copied = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        auto const byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') [[likely]] {
            ++at;
            continue;
        }
        if (byte >= 0x80) {
            std::size_t const length = utf8_length(text, at);
            if (length == 0) {
                out.resize(before);
                return at;
            }
            at += length;
            continue;
        }
        out.append(text.substr(copied, at - copied));
        out.push_back('\\');
        switch (byte) {
        case '"': out.push_back('"'); break;
        case '\\': out.push_back('\\'); break;
        case '\b': out.push_back('b'); break;
        case '\f': out.push_back('f'); break;
        case '\n': out.push_back('n'); break;
        case '\r': out.push_back('r'); break;
        case '\t': out.push_back('t'); break;
        default:
            out.append("u00");
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        }
        copied = ++at;
    }
    out.append(text.substr(copied));
    out.push_back('"');
    return std::string_view::npos;
}

template <typename Number>
void append_chars(std::string& out, Number value)
{
    std::array<char, 32> buffer;
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

// Digits alone would read back as an integer: "-0" loses its sign there.
template <typename Number>
void append_floating(std::string& out, Number value)
{
    std::size_t const before = out.size();
    append_chars(out, value);
    if (out.find_first_of(".e", before) == std::string::npos)
        out.append(".0");
}

WORK_DECL void append_number(std::string& out, long long value)
{
    append_chars(out, value);
}

WORK_DECL void append_number(std::string& out, unsigned long long value)
{
    append_chars(out, value);
}

WORK_DECL void append_double(std::string& out, double value)
{
    append_floating(out, value);
}

WORK_DECL void append_float(std::string& out, float value)
{
    append_floating(out, value);
}

}  // namespace work::detail
