// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>

namespace work {
namespace detail {

inline bool plain_in_key(char c) noexcept
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

inline int upper_hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace detail

WORK_DECL char const* name_fault(std::string_view name) noexcept
{
    if (name.empty())
        return "it is empty";
    if (name.size() > max_name_size)
        return "it is longer than 128 bytes";
    for (std::size_t at = 0; at < name.size();) {
        std::size_t const length = detail::utf8_length(name, at);
        auto const byte = static_cast<unsigned char>(name[at]);
        if (length == 0)
            return "it is not valid UTF-8";
        bool const c1_control =
            length == 2 && byte == 0xC2 && static_cast<unsigned char>(name[at + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F || c1_control)
            return "it has a control character";
        at += length;
    }
    return nullptr;
}

WORK_DECL void validate_name(std::string_view what, std::string_view name)
{
    if (char const* fault = name_fault(name))
        throw error(
            errc::invalid_name,
            std::string(what) + " " + detail::quote(name) + " can't be used: " + fault +
                "; a name is 1 to 128 bytes of UTF-8 without control characters"
        );
}

WORK_DECL void append_encoded_name(std::string& out, std::string_view name)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    for (char const c : name) {
        if (detail::plain_in_key(c)) {
            out.push_back(c);
        } else {
            auto const byte = static_cast<unsigned char>(c);
            out.push_back('%');
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        }
    }
}

WORK_DECL std::string encode_name(std::string_view name)
{
    std::string out;
    out.reserve(name.size());
    append_encoded_name(out, name);
    return out;
}

WORK_DECL std::string decode_name(std::string_view encoded)
{
    auto const unreadable = [&](char const* why) {
        return error(
            errc::unreadable,
            "the encoded name " + detail::quote(encoded) + " can't be read: " + why
        );
    };
    std::string out;
    out.reserve(encoded.size());
    for (std::size_t at = 0; at < encoded.size();) {
        if (detail::plain_in_key(encoded[at])) {
            out.push_back(encoded[at++]);
            continue;
        }
        if (encoded[at] != '%')
            throw unreadable("it has a character that should be encoded");
        int const high = at + 1 < encoded.size() ? detail::upper_hex_digit(encoded[at + 1]) : -1;
        int const low = at + 2 < encoded.size() ? detail::upper_hex_digit(encoded[at + 2]) : -1;
        if (high < 0 || low < 0)
            throw unreadable("a '%' is not followed by two upper-case hexadecimal digits");
        char const c = static_cast<char>(high * 16 + low);
        if (detail::plain_in_key(c))
            throw unreadable("it encodes a character that needs no encoding");
        out.push_back(c);
        at += 3;
    }
    return out;
}

WORK_DECL std::string list_id(std::string_view queue, std::string_view name)
{
    std::string out;
    out.reserve(queue.size() + name.size() + 1);
    if (!queue.empty() && queue != name) {
        append_encoded_name(out, queue);
        out.push_back(':');
    }
    append_encoded_name(out, name);
    return out;
}

WORK_DECL list_name parse_list_id(std::string_view id)
{
    auto const unreadable = [&](std::string const& why) {
        return error(
            errc::unreadable,
            "the list id " + detail::quote(id) + " can't be read: " + why
        );
    };
    list_name out;
    auto const colon = id.find(':');
    if (colon == std::string_view::npos) {
        out.name = decode_name(id);
        out.queue = out.name;
    } else {
        out.queue = decode_name(id.substr(0, colon));
        out.name = decode_name(id.substr(colon + 1));
        if (out.queue == out.name)
            throw unreadable("queue and job name are the same, which is written once");
    }
    for (std::string const* part : {&out.queue, &out.name})
        if (char const* fault = name_fault(*part))
            throw unreadable("of the name " + detail::quote(*part) + ", " + fault);
    return out;
}

}  // namespace work
