// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/history.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/redis/port.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Histories: a script writes them, plain commands read them.
class redis_history
{
public:
    static void encode(redis::script_call& call, history_write const& what)
    {
        call.arg(what.writer).arg(what.number).arg(what.at_ms);
        for (history_row const& row : what.rows) {
            history_counts counts = row.counts;
            std::vector<std::pair<std::size_t, std::uint64_t>> fields;
            for (std::size_t i = 0; i != history_fields; ++i)
                if (std::uint64_t const n = history_field(counts, i); n != 0)
                    fields.emplace_back(i, std::min(n, most_in_history_field(i)));
            call.arg(row.list).arg(static_cast<std::int64_t>(fields.size()));
            for (auto const& [field, n] : fields)
                call.arg(static_cast<std::int64_t>(field)).arg(static_cast<std::int64_t>(n));
        }
    }

    static task<void> write(
        std::string prefix,
        redis_port& port,
        history_write what,
        std::chrono::milliseconds attempt
    )
    {
        redis::script_call call(port.scripts().history, prefix, 64 + 128 * what.rows.size());
        encode(call, what);
        auto const options = repeatable(std::chrono::milliseconds(what.deadline_ms), attempt);
        co_await port.runner().run(port.connection(), call, options);
    }

    static task<history_lists> lists(std::string prefix, redis_port& port)
    {
        redis::command some("TIME");
        some.push("ZRANGE", prefix + "histories", 0, -1, "WITHSCORES");
        auto const replies = co_await run_all(port, std::move(some), "read histories");
        history_lists all;
        all.now_ms = replies[0][0].integer() * 1000 + replies[0][1].integer() / 1000;
        // RESP3 pairs members with their scores, RESP2 lays them flat.
        redis::value const members = replies[1].root();
        for (auto at = members.begin(); at != members.end(); ++at) {
            redis::value const one = *at;
            history_lists::entry entry;
            entry.list = one.is_aggregate() ? one[0].text() : one.text();
            redis::value const score = one.is_aggregate() ? one[1] : *++at;
            entry.written_day = static_cast<std::int64_t>(score.number());
            all.lists.push_back(std::move(entry));
        }
        co_return all;
    }

    static std::string key(
        std::string const& prefix,
        std::string_view list,
        history_step step,
        std::int64_t period
    )
    {
        return std::string(prefix)
            .append("hist:")
            .append(list)
            .append(":")
            .append(to_text(step))
            .append(":")
            .append(std::to_string(period));
    }

    /// Drops what is kept of some lists.
    static task<void> forget(std::string prefix, redis_port& port, std::vector<std::string> lists)
    {
        constexpr std::size_t keys_at_once = 256;
        history_lists const known = co_await redis_history::lists(prefix, port);
        std::erase_if(lists, [&](std::string const& list) {
            return std::none_of(known.lists.begin(), known.lists.end(), [&](auto const& one) {
                return one.list == list;
            });
        });
        for (std::string const& list : lists) {
            std::vector<std::string> const keys = keys_of(prefix, list, known.now_ms);
            for (std::size_t from = 0; from < keys.size(); from += keys_at_once) {
                std::size_t const end = std::min(from + keys_at_once, keys.size());
                redis::command one;
                one.begin(1 + end - from).arg("DEL");
                for (std::size_t i = from; i != end; ++i)
                    one.arg(keys[i]);
                co_await run_all(port, std::move(one), "forget a history");
            }
            redis::command last("ZREM", prefix + "histories", list);
            co_await run_all(port, std::move(last), "forget a history");
        }
    }

    /// All that there can be of a list.
    static std::vector<std::string> keys_of(
        std::string const& prefix,
        std::string_view list,
        std::int64_t now_ms
    )
    {
        std::vector<std::string> keys;
        for (history_step const step : history_steps) {
            std::int64_t const length = length_ms(step);
            std::int64_t const last = now_ms / length + 1;
            for (std::int64_t p = last - kept_ms(step) / length - 2; p <= last; ++p)
                keys.push_back(key(prefix, list, step, p));
        }
        return keys;
    }

    // Others have their turn between two reads, each of which takes the server some 0.1 ms.
    static task<std::vector<history_cell>> read(
        std::string prefix,
        redis_port& port,
        history_request request
    )
    {
        constexpr std::size_t keys_at_once = 256;
        std::vector<history_cell> all;
        auto const periods = static_cast<std::size_t>(std::max<std::int64_t>(request.periods, 0));
        std::size_t const keys = request.lists.size() * periods;
        for (std::size_t from = 0; from < keys; from += keys_at_once) {
            std::size_t const end = std::min(from + keys_at_once, keys);
            redis::command one;
            one.begin(1 + end - from).arg("MGET");
            for (std::size_t i = from; i != end; ++i)
                one.arg(
                    key(prefix,
                        request.lists[i / periods],
                        request.step,
                        request.first + static_cast<std::int64_t>(i % periods))
                );
            auto const replies = co_await run_all(port, std::move(one), "read histories");
            std::size_t i = from;
            for (redis::value const bytes : replies[0].root()) {
                if (!bytes.is_null())
                    all.push_back(history_cell{
                        i / periods,
                        request.first + static_cast<std::int64_t>(i % periods),
                        decode_history(bytes.text())
                    });
                ++i;
            }
        }
        co_return all;
    }
};

}  // namespace work::detail
