// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/dump_keys.hpp>

#include <algorithm>

namespace work::detail {

inline void append_escaped(std::string& out, std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte >= 0x7F) {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
}

WORK_DECL void canonical_value::line(std::string_view element)
{
    std::string text("\n  ");
    append_escaped(text, element);
    lines_.push_back(std::move(text));
}

WORK_DECL void canonical_value::line(std::string_view field, std::string_view value)
{
    std::string text("\n  ");
    append_escaped(text, field);
    text += " => ";
    append_escaped(text, value);
    lines_.push_back(std::move(text));
}

WORK_DECL std::string canonical_value::sorted()
{
    std::sort(lines_.begin(), lines_.end());
    return in_order();
}

WORK_DECL std::string canonical_value::in_order()
{
    for (std::string const& l : lines_)
        text_ += l;
    return std::move(text_);
}

}  // namespace work::detail
