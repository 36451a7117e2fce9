// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace work::detail {

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

// How much of the text went into `out` within the limit.
inline std::size_t append_sanitized(std::string& out, std::string_view text, std::size_t limit)
{
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t const length = utf8_length(text, at);
        std::string_view const piece = length ? text.substr(at, length) : "\xEF\xBF\xBD";
        if (out.size() + piece.size() > limit)
            break;
        out.append(piece);
        at += length ? length : 1;
    }
    return at;
}

WORK_DECL std::string sanitized_utf8(std::string_view text, std::size_t limit)
{
    std::string out;
    out.reserve(text.size() < limit ? text.size() : limit);
    append_sanitized(out, text, limit);
    return out;
}

WORK_DECL std::string mended_utf8(std::string_view text, std::size_t limit)
{
    std::string out;
    if (append_sanitized(out, text, limit) == text.size())
        return out;
    std::string const size = "... (" + std::to_string(text.size()) + " bytes)";
    out = sanitized_utf8(text, limit > size.size() ? limit - size.size() : 0);
    return out + size;
}

WORK_DECL std::string quote(std::string_view text, std::size_t cut)
{
    std::string out = "\"";
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t const length = utf8_length(text, at);
        if (at + (length ? length : 1) > cut)
            break;
        std::size_t const shown = shown_length(text, at);
        if (shown == 0) {
            at += append_escaped(out, text, at);
            continue;
        }
        if (text[at] == '"' || text[at] == '\\')
            out += '\\';
        out.append(text.substr(at, shown));
        at += shown;
    }
    out += '"';
    if (at < text.size())
        out += "... (" + std::to_string(text.size()) + " bytes)";
    return out;
}

WORK_DECL std::string log_field(std::string_view text, std::size_t cut)
{
    bool plain = !text.empty() && text.size() <= cut;
    for (std::size_t at = 0; plain && at < text.size();) {
        std::size_t const shown = shown_length(text, at);
        plain = shown != 0 && std::string_view(" =\"\\").find(text[at]) == std::string_view::npos;
        at += shown;
    }
    return plain ? std::string(text) : quote(text, cut);
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
