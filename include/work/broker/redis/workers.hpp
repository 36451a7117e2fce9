// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/broker/redis/bodies.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/port.hpp>
#include <work/broker/worker_record.hpp>
#include <work/error.hpp>
#include <work/redis/error_table.hpp>
#include <work/values/envelope_parts.hpp>
#include <work/values/id.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// What is kept of pools that speak through servers: plain commands beside the scripts, which know
/// nothing of them.
class redis_workers
{
public:
    static task<worker_record> read(std::string prefix, redis_port& port, std::string pool)
    {
        std::string const key = prefix + "worker:" + pool;
        std::string const stream = prefix + "pool:" + pool;
        redis::command some("HGETALL", key);
        some.push("PEXPIRE", key, policy::worker_kept_ms);
        some.push("EXISTS", prefix + "status:" + pool);
        some.push("HEXISTS", stream, "home");
        for (std::string const& one : {stream, stream + std::string(heartbeat_suffix)}) {
            some.begin(2 + policy::stored_answers).arg("HMGET").arg(one);
            for (std::int64_t i = 0; i != policy::stored_answers; ++i)
                some.arg("x" + std::to_string(i));
        }
        some.push("SMEMBERS", prefix + "orders:" + pool);
        auto const replies = co_await run(port, std::move(some));
        worker_record record;
        redis::value const fields = replies[0].root();
        for (auto at = fields.begin(); at != fields.end();) {
            std::string_view const name = (*at++).text();
            std::string text((*at++).text());
            if (name == "registered")
                record.registered = std::move(text);
            else
                record.claims.push_back(noted_claim{number(name), std::move(text)});
        }
        record.shown = replies[2].integer() != 0 || replies[3].integer() != 0;
        record.fetches = stored_numbers(replies[4]);
        record.reports = stored_numbers(replies[5]);
        // Those of claim 0; the others are jobs that were cancelled.
        for (redis::value const v : replies[6].root())
            if (auto const order =
                    v.text().starts_with("0 ") ? read_order(v.text().substr(2)) : std::nullopt)
                record.orders.push_back(*order);
        co_return record;
    }

    static task<void> keep(std::string prefix, redis_port& port, worker_change change)
    {
        std::string const key = prefix + "worker:" + change.pool;
        redis::command some;
        if (!change.registered.empty())
            some.push("HSET", key, "registered", change.registered);
        for (noted_claim const& one : change.opened)
            some.push("HSET", key, std::to_string(one.claim), one.note);
        if (!change.closed.empty()) {
            some.begin(2 + change.closed.size()).arg("HDEL").arg(key);
            for (claim_number const claim : change.closed)
                some.arg(claim);
        }
        some.push("PEXPIRE", key, policy::worker_kept_ms);
        co_await run(port, std::move(some));
    }

    static task<std::vector<held_claim>> held(
        std::string prefix,
        redis_port& port,
        redis_port& large,
        std::vector<held_request> requests
    )
    {
        std::vector<held_claim> all;
        if (requests.empty())
            co_return all;
        redis::command some;
        for (held_request const& one : requests) {
            std::string const name = std::to_string(one.claim);
            some.push("GET", prefix + "claim:" + name);
            some.push("ZSCORE", prefix + "leases", name);
            some.push("SMEMBERS", prefix + "left:" + name);
        }
        auto const replies = co_await run(port, std::move(some));
        for (std::size_t i = 0; i != requests.size(); ++i)
            all.push_back(claim_of(requests[i].claim, &replies[3 * i]));
        co_await read_envelopes(prefix, port, large, requests, all);
        co_return all;
    }

    static task<std::vector<pool_status>> pools(std::string prefix, redis_port& port)
    {
        redis::command members("SMEMBERS", prefix + "pools");
        redis::reply const ids = co_await port.execute(std::move(members));
        std::vector<pool_status> pools;
        if (ids.empty())
            co_return pools;
        redis::command get;
        get.begin(ids.size() + 1).arg("MGET");
        for (redis::value const id : ids)
            get.arg(prefix + "status:" + std::string(id.text()));
        redis::command homes;
        for (redis::value const id : ids)
            homes.push("HGET", prefix + "pool:" + std::string(id.text()), "home");
        redis::reply const own = co_await port.execute(std::move(get));
        redis::call_options options;
        options.deadline = std::chrono::seconds(10);
        std::vector<redis::reply> const home =
            co_await port.connection().execute_all(std::move(homes), options);
        std::map<std::string, std::map<std::string, std::string>> together;
        for (std::size_t i = 0; i != ids.size(); ++i) {
            std::string id(ids[i].text());
            if (home[i].is_null() || home[i].is_error()) {
                if (!own[i].is_null())
                    pools.push_back(pool_status{std::move(id), std::string(own[i].text())});
                continue;
            }
            std::string where(home[i].text());
            if (!together.contains(where)) {
                redis::command one("GET", prefix + "status:" + where);
                redis::reply const all = co_await port.execute(std::move(one));
                together[where] = redis_codec::decode_statuses(all.is_null() ? "" : all.text());
            }
            auto const& shown = together[where];
            auto const found = shown.find(id);
            if (found != shown.end())
                pools.push_back(pool_status{std::move(id), found->second});
        }
        co_return pools;
    }

private:
    static std::int64_t number(std::string_view text)
    {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    static std::string_view word(std::string_view& rest, char end)
    {
        auto const at = std::min(rest.find(end), rest.size());
        std::string_view const found = rest.substr(0, at);
        rest.remove_prefix(std::min(rest.size(), at + 1));
        return found;
    }

    // `number|codes|claim|suspects|lost`.
    static std::vector<stored_number> stored_numbers(redis::reply const& answers)
    {
        std::vector<stored_number> all;
        for (redis::value const one : answers.root()) {
            if (one.is_null())
                continue;
            std::string_view rest = one.text();
            stored_number stored;
            stored.number = number(word(rest, '|'));
            word(rest, '|');
            stored.claim = number(word(rest, '|'));
            all.push_back(stored);
        }
        return all;
    }

    // `pool kind lease bytes dead-lists`, a line end, and `,id,id,`.
    static held_claim claim_of(claim_number number_of, redis::reply const* replies)
    {
        held_claim one;
        one.claim = number_of;
        if (replies[0].is_null() || replies[1].is_null())
            return one;
        std::string_view rest = replies[0].text();
        std::string_view head = word(rest, '\n');
        std::string_view const pool = word(head, ' ');
        std::string_view const kind = word(head, ' ');
        if (kind != "j" && kind != "s" && kind != "i")
            return one;  // what is left of a process that died
        one.pool = pool;
        one.suspects = kind == "s" || kind == "i";
        one.lease_ms = number(word(head, ' '));
        one.until_ms = static_cast<std::int64_t>(replies[1].number());
        std::vector<std::string> const left = texts(replies[2].root());
        while (!rest.empty()) {
            std::string_view const id = word(rest, ',');
            if (id.empty())
                continue;
            held_record& record = one.jobs.emplace_back();
            record.id = id;
            record.left = std::find(left.begin(), left.end(), id) != left.end();
        }
        return one;
    }

    static task<void> read_envelopes(
        std::string const& prefix,
        redis_port& port,
        redis_port& large,
        std::vector<held_request> const& requests,
        std::vector<held_claim>& all
    )
    {
        std::vector<held_record*> wanted;
        redis::command reads;
        for (std::size_t i = 0; i != all.size(); ++i) {
            auto const& ids = requests[i].ids;
            for (held_record& one : all[i].jobs) {
                if (one.left ||
                    !(requests[i].all || std::find(ids.begin(), ids.end(), one.id) != ids.end()))
                    continue;
                wanted.push_back(&one);
                reads.push("HGET", key_of(prefix, "jobs:", one.id), one.id);
            }
        }
        if (wanted.empty())
            co_return;
        auto const records = co_await run(port, std::move(reads));
        std::vector<held_record*> heads;
        redis::command bodies;
        for (std::size_t i = 0; i != wanted.size(); ++i) {
            if (records[i].is_null())
                continue;
            wanted[i]->envelope = records[i].text();
            if (!has_body_apart(wanted[i]->envelope))
                continue;
            heads.push_back(wanted[i]);
            bodies.push("HGET", key_of(prefix, "bodies:", wanted[i]->id), wanted[i]->id);
        }
        if (heads.empty())
            co_return;
        auto const read = co_await run(large, std::move(bodies));
        for (std::size_t i = 0; i != heads.size(); ++i)
            if (!read[i].is_null())
                heads[i]->envelope = whole_envelope(heads[i]->envelope, read[i].text());
    }

    static std::string key_of(std::string const& prefix, char const* what, std::string_view id)
    {
        auto const segment = id_segment(id);
        return std::string(prefix).append(what).append(segment.data(), segment.size());
    }

    static task<std::vector<redis::reply>> run(redis_port& port, redis::command some)
    {
        return run_all(port, std::move(some), "keep what a worker registered");
    }
};

}  // namespace work::detail
