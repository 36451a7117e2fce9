// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/look.hpp>
#include <work/broker/redis/port.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Tells places in a list where a job waits from ghosts, which a job leaves that is taken out of
/// the middle. The first places of an id are its ghosts, so a walk counts them as it meets them;
/// what it did not meet, since it began behind the front, is looked up.
class redis_ghosts
{
public:
    /// A walk through `list` from place `from` on.
    redis_ghosts(std::string const& prefix, redis_port& port, std::string list, std::int64_t from)
        : prefix_(prefix),
          port_(port),
          list_(std::move(list)),
          from_(from)
    {}

    /// Clears the ids of those that are ghosts. They are the next of the walk.
    task<void> clear(std::vector<found_job>& some)
    {
        redis::command sides;
        for (found_job const& one : some)
            sides.push("HGET", prefix_ + "side:" + list_, one.id);
        replies const read = co_await run(std::move(sides));
        std::map<std::string, std::int64_t> ghosts;
        for (std::size_t i = 0; i != some.size(); ++i) {
            if (std::int64_t const count = number(read[i]); count > 0)
                ghosts[some[i].id] = count;
        }
        if (from_ > 0)
            co_await count_before(ghosts);
        for (found_job& one : some) {
            auto const ghost = ghosts.find(one.id);
            if (ghost != ghosts.end() && ++passed_[one.id] <= ghost->second)
                one.id.clear();
        }
    }

private:
    using replies = std::vector<redis::reply>;
    // So far from the front places are counted. LPOS takes about 10 ns for each.
    static constexpr std::int64_t counted_places = 4'096;

    task<replies> run(redis::command commands)
    {
        return port_.connection().execute_all(std::move(commands));
    }
    static std::int64_t number(redis::reply const& r)
    {
        std::int64_t n = 0;
        if (!r.is_null() && !r.is_error())
            std::from_chars(r.text().data(), r.text().data() + r.text().size(), n);
        return n;
    }

    task<void> count_before(std::map<std::string, std::int64_t> const& ghosts)
    {
        std::vector<std::string> asked;
        redis::command places;
        for (auto const& [id, count] : ghosts) {
            if (passed_.contains(id))
                continue;
            std::int64_t const most = std::min(from_, counted_places);
            places.push("LPOS", prefix_ + "list:" + list_, id, "COUNT", count, "MAXLEN", most);
            asked.push_back(id);
        }
        if (asked.empty())
            co_return;
        replies const found = co_await run(std::move(places));
        std::vector<std::string> open;
        for (std::size_t i = 0; i != asked.size(); ++i) {
            std::int64_t const met =
                found[i].is_error() ? 0 : static_cast<std::int64_t>(found[i].size());
            passed_[asked[i]] = met;
            if (from_ > counted_places && met < ghosts.at(asked[i]))
                open.push_back(asked[i]);
        }
        if (!open.empty())
            co_await decide(ghosts, open);
    }

    // Too far from the front to count: of a job that is elsewhere it is a ghost, of another its
    // place, which may be met twice then.
    task<void> decide(
        std::map<std::string, std::int64_t> const& ghosts,
        std::vector<std::string> const& open
    )
    {
        redis::command looks;
        for (std::string const& id : open) {
            auto const segment = id_segment(id);
            std::string const claimed =
                prefix_ + "claimed:" + std::string(segment.data(), segment.size());
            for (char const* const set : {"dead", "retry", "scheduled"})
                looks.push("ZSCORE", prefix_ + set, id);
            looks.push("HGET", claimed, id);
        }
        replies const read = co_await run(std::move(looks));
        for (std::size_t i = 0; i != open.size(); ++i) {
            auto const first = read.begin() + static_cast<std::ptrdiff_t>(4 * i);
            bool const elsewhere = std::any_of(first, first + 4, [](redis::reply const& r) {
                return !r.is_null() && !r.is_error();
            });
            if (!elsewhere)
                passed_[open[i]] = ghosts.at(open[i]);
        }
    }

    std::string const prefix_;
    redis_port& port_;
    std::string const list_;
    std::int64_t const from_;
    std::map<std::string, std::int64_t> passed_;  ///< places of an id that were met, or lie before
};

}  // namespace work::detail
