// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/look.hpp>
#include <work/error.hpp>
#include <work/values/text.hpp>

#include <charconv>

namespace work::detail {

/// Takes a number and what stands behind it off the text.
inline std::int64_t take_number(std::string_view& text, std::string_view whole)
{
    std::int64_t n = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failed != std::errc())
        throw error(errc::invalid_option, "cursor " + quote(whole) + " is none of this listing");
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty())
        text.remove_prefix(1);
    return n;
}

WORK_DECL scored_cursor read_scored_cursor(std::string_view text)
{
    std::string_view rest = text;
    scored_cursor cursor;
    cursor.score = take_number(rest, text);
    cursor.id = rest;
    return cursor;
}

WORK_DECL listed_cursor read_listed_cursor(std::string_view text)
{
    std::string_view rest = text;
    listed_cursor cursor;
    cursor.list = take_part(rest, '\n');
    cursor.beside = rest.starts_with('p');
    if (!rest.empty())
        rest.remove_prefix(1);
    cursor.at = take_number(rest, text);
    cursor.id = rest;
    return cursor;
}

WORK_DECL counted_cursor read_counted_cursor(std::string_view text)
{
    std::string_view rest = text;
    counted_cursor cursor;
    cursor.name = take_part(rest, '\n');
    cursor.number = take_number(rest, text);
    cursor.seen = take_number(rest, text);
    return cursor;
}

WORK_DECL std::string to_text(scored_cursor const& cursor)
{
    return std::to_string(cursor.score) + " " + cursor.id;
}

WORK_DECL std::string to_text(listed_cursor const& cursor)
{
    return cursor.list + "\n" + (cursor.beside ? "p" : "l") + std::to_string(cursor.at) + " " +
           cursor.id;
}

WORK_DECL std::string to_text(counted_cursor const& cursor)
{
    return cursor.name + "\n" + std::to_string(cursor.number) + " " + std::to_string(cursor.seen);
}

WORK_DECL bool list_is_of(
    std::string_view list,
    std::string_view encoded_queue,
    std::string_view encoded_name
)
{
    std::size_t const colon = list.find(':');
    std::string_view const queue = list.substr(0, colon);
    std::string_view const name = colon == list.npos ? list : list.substr(colon + 1);
    return (encoded_queue.empty() || queue == encoded_queue) &&
           (encoded_name.empty() || name == encoded_name);
}

}  // namespace work::detail
