// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/flows.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/port.hpp>

#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Flows, and what jobs were given: plain commands read them.
class redis_flows
{
public:
    static task<text_pairs> given(std::string prefix, redis_port& port, std::string id)
    {
        return pairs_of(std::move(prefix), port, "given:" + id);
    }

    static task<flow_record> one(std::string prefix, redis_port& port, std::string id)
    {
        text_pairs const fields = co_await pairs_of(std::move(prefix), port, "flow:" + id);
        co_return read_flow(std::move(id), fields);
    }

    static task<flow_list> some(std::string prefix, redis_port& port, std::int64_t from, int count)
    {
        flow_list found;
        redis::command which("ZCARD", prefix + "flows");
        which.push("ZREVRANGE", prefix + "flows", from, from + count - 1);
        auto const heads = co_await run_all(port, std::move(which), "read flows");
        found.of = heads[0].integer();
        redis::command reads;
        std::vector<std::string> ids;
        for (redis::value const id : heads[1]) {
            ids.emplace_back(id.text());
            reads.push(
                "HMGET",
                prefix + "flow:" + ids.back(),
                "{created",
                "{committed",
                "{aborted",
                "{jobs",
                "{left",
                "{name"
            );
        }
        if (ids.empty())
            co_return found;
        auto const all = co_await run_all(port, std::move(reads), "read flows");
        static constexpr char const* names[] =
            {"{created", "{committed", "{aborted", "{jobs", "{left", "{name"};
        for (std::size_t i = 0; i != ids.size(); ++i) {
            text_pairs fields;
            for (std::size_t k = 0; k != std::size(names); ++k)
                if (!all[i][k].is_null())
                    fields.emplace_back(names[k], std::string(all[i][k].text()));
            found.flows.push_back(read_flow(std::move(ids[i]), fields));
        }
        co_return found;
    }

private:
    // In parts, so that a large one holds nobody up.
    static task<text_pairs> pairs_of(std::string prefix, redis_port& port, std::string key)
    {
        text_pairs all;
        std::string cursor = "0";
        do {
            redis::command scan("HSCAN", prefix + key, cursor, "COUNT", "512");
            auto const replies = co_await run_all(port, std::move(scan), "read " + key);
            cursor = replies[0][0].text();
            redis::value const page = replies[0][1];
            for (auto at = page.begin(); at != page.end();) {
                std::string field((*at++).text());
                std::string value((*at++).text());
                if (field != "{bytes")
                    all.emplace_back(std::move(field), std::move(value));
            }
        } while (cursor != "0");
        std::sort(all.begin(), all.end());
        // What is changed while it is read may come twice.
        all.erase(
            std::unique(
                all.begin(),
                all.end(),
                [](auto const& a, auto const& b) { return a.first == b.first; }
            ),
            all.end()
        );
        co_return all;
    }
};

}  // namespace work::detail
