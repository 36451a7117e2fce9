// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/past_action.hpp>
#include <work/values/text.hpp>

#include <utility>

namespace work::detail {

WORK_DECL std::string history_note(past_action const& what)
{
    if (what.by.empty())
        return {};
    std::string note(history_line);
    note.append(what.action).append("\"");
    auto const add = [&](std::string_view name, std::string const& text, std::size_t most) {
        note.append(",\"").append(name).append("\":");
        append_json_string(note, mended_utf8(text, most));
    };
    add("what", what.what, 128);
    add("by", what.by, 128);
    add("reason", what.reason, 512);
    return note;
}

WORK_DECL std::string end_note(std::string_view note, std::string_view was, std::int64_t at_ms)
{
    std::string line(note);
    return line.append(",\"was\":\"")
        .append(was)
        .append("\",\"at_ms\":")
        .append(std::to_string(at_ms))
        .append("}");
}

WORK_DECL std::vector<past_action> read_history(std::vector<std::string> const& lines)
{
    std::vector<past_action> all;
    for (std::string const& line : lines) {
        if (!line.starts_with(history_line))
            continue;
        if (auto read = decode_record<past_action>(line, "history"))
            all.push_back(std::move(*read));
    }
    return all;
}

}  // namespace work::detail
