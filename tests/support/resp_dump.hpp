// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/redis/resp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace work::testing {

/// A reply as text: kind, contents, elements. Two replies are the same if their dumps are.
inline void dump(redis::value v, std::string& out)
{
    out += redis::to_string(v.type());
    if (v.is_aggregate()) {
        out += "[" + std::to_string(v.size()) + ":";
        std::size_t index = 0;
        for (redis::value const element : v) {
            if (index == 0 || index + 1 == v.size()) {
                // Both ways to reach an element must agree.
                std::string one;
                std::string other;
                dump(v[index], one);
                dump(element, other);
                if (one != other)
                    out += "<index and iterator disagree>";
            }
            dump(element, out);
            out += ",";
            ++index;
        }
        if (index != v.size())
            out += "<size and iterator disagree>";
        out += "]";
    } else if (v.is_text()) {
        out += "\"";
        out += v.text();
        out += "\"";
    } else if (!v.is_null()) {
        out += " " + std::to_string(v.integer());
    }
}

/// Everything the parser makes of a stream: the replies, then "more" or "bad".
template <typename NextPortion>
std::string dump_stream(std::string_view bytes, redis::resp_limits limits, NextPortion next_portion)
{
    std::string out;
    redis::parser parser(limits);
    redis::reply parsed;
    try {
        do {
            std::size_t const portion = std::min(bytes.size(), next_portion());
            auto const room = parser.prepare(portion);
            if (portion > 0)
                std::memcpy(room.data(), bytes.data(), portion);
            parser.commit(portion);
            bytes.remove_prefix(portion);
            while (parser.next(parsed)) {
                redis::reply const moved = std::move(parsed);
                dump(moved.root(), out);
                out += "\n";
                parsed = redis::reply();
            }
        } while (!bytes.empty());
        out += "more";
    } catch (work::error const&) {
        out += "bad";
    }
    return out;
}

}  // namespace work::testing
