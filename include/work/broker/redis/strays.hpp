// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/envelope_header.hpp>
#include <work/broker/leave_room.hpp>
#include <work/broker/redis/admin.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace work::detail {

/// Looks for jobs that are in no place: reads all ids, then every place where a job can be.
///
/// It goes in parts of about 2 ms of the server's time, and leaves it to others for as long.
///
/// A list is read from its end: what is taken from its front meanwhile moves nothing, and what is
/// added at the end makes some ids be read twice, but none be missed.
class redis_strays
{
    /// Between two parts so many times as long as one took: an eighth of the server's time.
    static constexpr int room = 7;

public:
    static task<std::vector<std::string>> find(
        std::string prefix,
        redis_port& commands,
        redis_admin& admin
    )
    {
        redis_strays look(std::move(prefix), commands, admin);
        std::vector<std::string> found = co_await look.all();
        co_return found;
    }

private:
    redis_strays(std::string prefix, redis_port& commands, redis_admin& admin)
        : prefix_(std::move(prefix)),
          commands_(commands),
          admin_(admin)
    {}

    task<std::vector<std::string>> all()
    {
        co_await read_segments();
        for (char const* const set : {"waiting", "scheduled", "retry", "dead"}) {
            std::vector<std::string> const ids = co_await admin_.members("ZSCAN", set);
            drop(ids);
        }
        co_await read_claims();
        co_await read_groups();
        co_await read_lists();
        // Pools may run jobs of a claim that somebody overwrote, and nobody knows which.
        if (unsure_) {
            co_await sweep();
            co_return std::vector<std::string>();
        }
        left_.insert(unready_.begin(), unready_.end());
        co_return std::vector<std::string>(left_.begin(), left_.end());
    }

    // Chores wait for the end of that claim, and put back what has no place then.
    task<void> sweep()
    {
        redis::reply const time = co_await commands_.execute(redis::command("TIME"));
        std::string const now_ms = std::string(time[0].text()) + "000";
        redis::command mark("HSET", prefix_ + "broker", "astray", now_ms);
        co_await commands_.execute(std::move(mark));
    }

    using clock = std::chrono::steady_clock;

    static constexpr std::size_t at_once = 64;
    /// What is read of the segments of all jobs with one pipeline.
    static constexpr std::int64_t ids_at_once = 4'000;
    static constexpr std::int64_t page = 1'000;
    /// Of a claim whose lease somebody deleted.
    static constexpr std::int64_t new_lease_ms = 15'000;

    void drop(std::vector<std::string> const& ids)
    {
        for (std::string const& id : ids)
            left_.erase(id);
    }
    /// Ids between commas.
    void drop_joined(std::string_view ids)
    {
        while (!ids.empty()) {
            std::size_t const comma = std::min(ids.find(','), ids.size());
            left_.erase(std::string(ids.substr(0, comma)));
            ids.remove_prefix(std::min(comma + 1, ids.size()));
        }
    }

    struct some_ids
    {
        std::string segment;
        std::int64_t count = 0;
    };

    // How much each holds decides how many are read at once.
    task<std::vector<some_ids>> measure_segments()
    {
        static constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        std::vector<some_ids> all;
        std::int64_t jobs = 0;
        for (char const high : digits) {
            redis::command reads;
            for (char const low : digits) {
                reads.push("HLEN", prefix_ + "jobs:" + high + low);
                reads.push("HLEN", prefix_ + "claimed:" + high + low);
            }
            auto const read = co_await commands_.connection().execute_all(std::move(reads));
            for (std::size_t i = 0; i + 1 < read.size(); i += 2) {
                std::int64_t const here = read[i].is_error() ? 0 : read[i].integer();
                std::int64_t const claimed = read[i + 1].is_error() ? 0 : read[i + 1].integer();
                jobs += here;
                if (here + claimed != 0)
                    all.push_back({std::string{high, digits[i / 2]}, here + claimed});
            }
        }
        left_.reserve(static_cast<std::size_t>(jobs));
        co_return all;
    }
    // All records, and the claims that the index knows. A job that is stored meanwhile may be in a
    // segment that was empty: it is where it belongs.
    task<void> read_segments()
    {
        std::vector<some_ids> const all = co_await measure_segments();
        for (std::size_t at = 0; at != all.size();) {
            auto const from = clock::now();
            redis::command reads;
            std::int64_t ids = 0;
            do {
                reads.push("HKEYS", prefix_ + "jobs:" + all[at].segment);
                reads.push("HVALS", prefix_ + "claimed:" + all[at].segment);
                ids += all[at].count;
                ++at;
            } while (at != all.size() && ids + all[at].count <= ids_at_once);
            auto const read = co_await commands_.connection().execute_all(std::move(reads));
            for (std::size_t i = 0; i != read.size(); ++i) {
                if (read[i].is_error())
                    continue;
                for (redis::value const v : read[i])
                    (i % 2 == 0 ? left_ : claims_).emplace(v.text());
            }
            co_await leave_room(from, room);
        }
    }

    task<void> read_claims()
    {
        std::vector<std::string> const leased = co_await admin_.members("ZSCAN", "leases");
        std::vector<std::string> const large = co_await admin_.members("ZSCAN", "large_claims");
        claims_.insert(large.begin(), large.end());
        for (std::string const& n : leased)
            claims_.erase(n);
        std::vector<std::string> const unleased(claims_.begin(), claims_.end());
        co_await read_claims(leased, false);
        co_await read_claims(unleased, true);
    }
    task<void> read_claims(std::vector<std::string> const& claims, bool unleased)
    {
        for (std::size_t at = 0; at < claims.size(); at += at_once) {
            auto const from = clock::now();
            std::size_t const end = std::min(at + at_once, claims.size());
            redis::command reads;
            for (std::size_t i = at; i != end; ++i) {
                reads.push("GET", prefix_ + "claim:" + claims[i]);
                reads.push("SMEMBERS", prefix_ + "left:" + claims[i]);
                reads.push("ZSCORE", prefix_ + "leases", claims[i]);
            }
            reads.push("TIME");
            auto const read = co_await commands_.connection().execute_all(std::move(reads));
            redis::command leases;
            bool some = false;
            for (std::size_t i = at; i != end; ++i) {
                redis::reply const& blob = read[3 * (i - at)];
                bool const readable = !blob.is_null() && !blob.is_error() &&
                                      blob.text().find("\n,") != std::string_view::npos;
                if (!readable) {
                    redis::reply const& lease = read[3 * (i - at) + 2];
                    unsure_ = unsure_ || (!lease.is_null() && !lease.is_error());
                    continue;
                }
                hold(blob.text(), read[3 * (i - at) + 1]);
                if (!unleased)
                    continue;
                some = true;
                std::int64_t const now_ms = std::stoll(std::string(read.back()[0].text())) * 1000;
                leases.push("ZADD", prefix_ + "leases", "NX", now_ms + new_lease_ms, claims[i]);
            }
            if (some)
                co_await commands_.connection().execute_all(std::move(leases));
            if (end != claims.size())
                co_await leave_room(from, room);
        }
    }
    // What left the claim must be elsewhere.
    void hold(std::string_view blob, redis::reply const& gone)
    {
        std::vector<std::string> again;
        if (!gone.is_error()) {
            for (redis::value const v : gone) {
                std::string id(v.text());
                if (left_.contains(id))
                    again.push_back(std::move(id));
            }
        }
        drop_joined(blob.substr(std::min(blob.find('\n') + 1, blob.size())));
        left_.insert(again.begin(), again.end());
    }

    task<void> read_groups()
    {
        std::vector<std::string> const names = co_await admin_.members("ZSCAN", "suspects");
        for (std::string const& name : names) {
            std::string const key = "suspects:" + name;
            std::vector<std::string> const groups = co_await admin_.members("ZSCAN", key.c_str());
            for (std::string const& group : groups) {
                redis::command read("GET", prefix_ + "group:" + group);
                redis::reply const text = co_await commands_.execute(std::move(read));
                if (text.is_null() || text.is_error())
                    continue;
                // A line is a list and its ids.
                std::string_view lines = text.text();
                while (!lines.empty()) {
                    std::size_t const end = std::min(lines.find('\n'), lines.size());
                    drop_joined(lines.substr(0, end));
                    lines.remove_prefix(std::min(end + 1, lines.size()));
                }
            }
        }
    }

    // Those that are known, and those that the records of what is left name.
    task<void> read_lists()
    {
        std::vector<std::string> const known = co_await admin_.members("ZSCAN", "lists");
        for (std::string const& list : known) {
            if (!list.starts_with('!'))
                co_await read_list(list);
        }
        std::vector<std::string> const left(left_.begin(), left_.end());
        for (std::size_t at = 0; at < left.size(); at += at_once) {
            std::size_t const end = std::min(at + at_once, left.size());
            redis::command reads;
            for (std::size_t i = at; i != end; ++i) {
                auto const segment = id_segment(left[i]);
                reads.push(
                    "HGET",
                    prefix_ + "jobs:" + std::string(segment.data(), segment.size()),
                    left[i]
                );
            }
            auto const records = co_await commands_.connection().execute_all(std::move(reads));
            for (redis::reply const& record : records) {
                if (record.is_null() || record.is_error())
                    continue;
                auto const header = read_header(record.text());
                if (header)
                    co_await read_list(std::string(header->list));
            }
        }
    }
    task<void> read_list(std::string list)
    {
        if (!lists_.insert(list).second)
            co_return;
        std::string const prio = "prio:" + list;
        std::vector<std::string> const ordered = co_await admin_.members("ZSCAN", prio.c_str());
        std::string some;  // a job of it
        for (std::string const& id : ordered)
            strike(id, some);
        for (std::int64_t from = -page;; from -= page) {
            auto const began = clock::now();
            redis::command read("LRANGE", prefix_ + "list:" + list, from, from + page - 1);
            redis::reply const ids = co_await commands_.execute(std::move(read));
            if (ids.is_error())
                break;
            std::int64_t count = 0;
            for (redis::value const v : ids) {
                strike(std::string(v.text()), some);
                ++count;
            }
            if (count < page)
                break;
            co_await leave_room(began, room);
        }
        if (!some.empty())
            co_await look_whether_ready(std::move(list), std::move(some));
    }
    void strike(std::string const& id, std::string& some)
    {
        if (left_.erase(id) == 1)
            some = id;
    }
    // Who claims looks only at lists that are said to hold jobs. To take a job of it back says so.
    // One that is paused, or waits at a limit, is not to be looked at.
    task<void> look_whether_ready(std::string list, std::string job)
    {
        std::size_t const colon = list.find(':');
        redis::command reads;
        reads.push("HEXISTS", prefix_ + "side:" + list, "{paused");
        reads.push("SISMEMBER", prefix_ + "ready", list);
        reads.push("HEXISTS", prefix_ + "side:" + list, "{parked");
        if (colon != std::string::npos) {
            std::string const name = list.substr(colon + 1);
            reads.push("SISMEMBER", prefix_ + "ready", "*" + name);
            reads.push("SISMEMBER", prefix_ + "queues:" + name, list);
        }
        auto const said = co_await commands_.connection().execute_all(std::move(reads));
        auto const says = [&](std::size_t i) {
            return !said[i].is_error() && said[i].integer() != 0;
        };
        bool const shut = says(0) || says(2);
        for (std::size_t i = 1; i != said.size(); ++i) {
            if (i != 2 && !shut && !said[i].is_error() && said[i].integer() == 0)
                unready_.insert(job);
        }
    }

    std::string prefix_;
    redis_port& commands_;
    redis_admin& admin_;
    std::unordered_set<std::string> left_;     // ids that no place was found for
    std::unordered_set<std::string> claims_;   // numbers
    std::unordered_set<std::string> lists_;    // that were read
    std::unordered_set<std::string> unready_;  // a job of each list that nobody looks at
    bool unsure_ = false;                      // some claim with a lease can't be read
};

}  // namespace work::detail
