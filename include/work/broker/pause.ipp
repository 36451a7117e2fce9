// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/pause.hpp>
#include <work/values/decode_record.hpp>
#include <work/values/encode.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <vector>

namespace work::detail {

/// A pause as `settings` has it: its field says what is paused.
struct stored_pause
{
    std::int64_t until_ms = 0;
    std::int64_t since_ms = 0;
    std::string by;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(stored_pause, (), (until_ms, since_ms, by, reason))

inline constexpr std::string_view pause_begin = "{\"until_ms\":";

WORK_DECL std::string pause_key(pause_request const& request)
{
    return std::string(to_string(request.kind)) + ":" + encode_name(request.name);
}

WORK_DECL std::string pause_text(pause_request const& request)
{
    std::string text = ",\"by\":";
    append_json_string(text, sanitized_utf8(request.by, 128));
    text += ",\"reason\":";
    append_json_string(text, sanitized_utf8(request.reason, 200));
    return text + "}";
}

WORK_DECL std::string pause_value(
    std::int64_t until_ms,
    std::int64_t since_ms,
    std::string_view text
)
{
    std::string value(pause_begin);
    value += std::to_string(until_ms) + ",\"since_ms\":" + std::to_string(since_ms);
    return value.append(text);
}

WORK_DECL std::optional<pause_info> read_pause(std::string_view key, std::string_view value)
{
    auto const colon = key.find(':');
    auto const read = decode_record<stored_pause>(value, "pause");
    if (colon == key.npos || !read || paused_until(value) < 0)
        return std::nullopt;
    pause_info info;
    info.kind = key.starts_with("name:") ? pause_kind::name : pause_kind::queue;
    try {
        info.name = decode_name(key.substr(colon + 1));
    } catch (std::exception const&) {
        return std::nullopt;
    }
    info.by = read->by;
    info.reason = read->reason;
    info.since_ms = read->since_ms;
    info.until_ms = read->until_ms;
    return info;
}

WORK_DECL void mark_paused(broker_counts& counts)
{
    std::sort(
        counts.paused.begin(),
        counts.paused.end(),
        [](pause_info const& a, pause_info const& b) {
            return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
        }
    );
    std::vector<std::string> keys;
    for (pause_info const& one : counts.paused)
        if (is_in_force(one, counts.now_ms))
            keys.push_back(std::string(to_string(one.kind)) + ":" + encode_name(one.name));
    for (queue_info& list : counts.lists)
        for (std::string const& key : keys)
            list.paused = list.paused || is_of(list.list, key);
}

WORK_DECL std::int64_t paused_until(std::string_view value)
{
    std::int64_t until = -1;
    if (value.starts_with(pause_begin)) {
        value.remove_prefix(pause_begin.size());
        std::from_chars(value.data(), value.data() + value.size(), until);
    }
    return until;
}

WORK_DECL bool is_of(std::string_view list, std::string_view key)
{
    auto const colon = list.find(':');
    bool const both = colon != list.npos && colon != 0 && colon + 1 != list.size();
    if (key.starts_with("queue:"))
        return key.substr(6) == (both ? list.substr(0, colon) : list);
    return key.starts_with("name:") && key.substr(5) == (both ? list.substr(colon + 1) : list);
}

}  // namespace work::detail
