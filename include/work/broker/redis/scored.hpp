// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/redis/port.hpp>
#include <work/redis/command.hpp>
#include <work/redis/reply.hpp>
#include <work/task.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// A member of a sorted set.
struct scored
{
    std::string id;
    std::int64_t score = 0;
};

/// A number of a reply, 0: there is none.
inline std::int64_t whole(redis::value v)
{
    return v.is_null() ? 0 : static_cast<std::int64_t>(v.number());
}
inline std::int64_t whole(std::string const& text)
{
    std::int64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

/// `count` members of the set from that rank on; `back`: from the highest score down. None where
/// the key is of another type.
inline task<std::vector<scored>> read_scored(
    redis_port& commands,
    std::string const& key,
    std::int64_t from,
    std::int64_t count,
    bool back
)
{
    std::vector<scored> page;
    redis::command range(back ? "ZREVRANGE" : "ZRANGE", key, from, from + count - 1);
    redis::reply const ids = co_await commands.execute(std::move(range));
    if (ids.is_error())
        co_return page;
    for (redis::value const v : ids)
        page.push_back(scored{std::string(v.text())});
    if (page.empty())
        co_return page;
    redis::command ask;
    ask.begin(2 + page.size()).arg("ZMSCORE").arg(key);
    for (scored const& one : page)
        ask.arg(one.id);
    redis::reply const scores = co_await commands.execute(std::move(ask));
    auto one = page.begin();
    for (redis::value const v : scores) {
        if (one != page.end() && !v.is_null())
            one->score = static_cast<std::int64_t>(v.number());
        ++one;
    }
    co_return page;
}

}  // namespace work::detail
