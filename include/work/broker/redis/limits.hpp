// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/limits.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/port.hpp>
#include <work/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Limits: one script changes and shows them.
class redis_limits
{
public:
    static void encode(redis::script_call& call, limit_change const& change)
    {
        call.arg(change.remove ? "remove" : "set");
        call.arg(std::string_view(limit_key(change.name)));
        if (change.remove)
            return;
        call.arg(change.slots);
        call.arg(std::string_view(change.who));
        call.arg(change.scope ? "1" : "0");
        call.arg(std::string_view(change.scope ? scope_text(*change.scope) : std::string()));
    }
    static void encode_settle(redis::script_call& call) { call.arg("settle"); }
    static bool is_settled(redis::reply const& reply) { return reply[2].integer() == 0; }
    static limit_code decode(redis::reply const& reply)
    {
        switch (reply[1].text().at(0)) {
        case 'm': return limit_code::done;
        case 'p': return limit_code::already;
        case 'g': return limit_code::gone;
        case 'f': return limit_code::full;
        default: throw error(errc::protocol, "the broker answered a limit with an unknown code");
        }
    }

    /// `cursor`: of all of them only some are in an answer, with where to go on.
    static void encode(
        redis::script_call& call,
        limit_query const& query,
        std::string_view cursor = "0"
    )
    {
        bool const all = query.list.empty() && query.name.empty();
        call.arg(all ? "page" : query.list.empty() ? "show" : "list");
        if (all)
            call.arg(cursor);
        else if (query.list.empty())
            call.arg(std::string_view(limit_key(query.name)));
        else
            call.arg(std::string_view(query.list));
    }
    /// "0": that was the last page.
    static std::string_view cursor_of(redis::reply const& reply) { return reply[1].text(); }
    static limits_answer decode_limits(redis::reply const& reply, limit_query const& query)
    {
        limits_answer answer;
        answer.now_ms = reply[0].integer();
        if (!query.list.empty() && !reply[1].text().empty())
            answer.waits_at = limit_name(reply[1].text());
        for (std::size_t i = 2; i < reply.size(); ++i) {
            redis::value const r = reply[i];
            limit_state one = make_limit(
                r[0].text(),
                static_cast<std::int64_t>(r[1].number()),
                r[2].text(),
                r[5].text()
            );
            one.who = r[3].text();
            one.at_ms = static_cast<std::int64_t>(r[4].number());
            one.held = r[6].integer();
            one.waiting = r[7].integer();
            for (std::size_t j = 0; j + 1 < r[8].size(); j += 2)
                one.holders.emplace_back(r[8][j].text());
            for (redis::value const waiter : r[9])
                if (!waiter.text().starts_with("{{"))
                    one.waiters.emplace_back(waiter.text().substr(1));
            answer.limits.push_back(std::move(one));
        }
        sort_limits(answer.limits);
        return answer;
    }
    /// What was met on two pages is there once.
    static void join(limits_answer& to, limits_answer page)
    {
        to.now_ms = page.now_ms;
        to.waits_at = std::move(page.waits_at);
        for (limit_state& one : page.limits)
            to.limits.push_back(std::move(one));
        sort_limits(to.limits);
        auto const same = [](limit_state const& a, limit_state const& b) {
            return a.name == b.name;
        };
        to.limits.erase(std::unique(to.limits.begin(), to.limits.end(), same), to.limits.end());
    }
    static void encode_leaked(
        redis::script_call& call,
        std::string_view limit,
        std::string_view cursor,
        bool mend
    )
    {
        call.arg("leaked");
        call.arg(limit);
        call.arg(cursor);
        call.arg(mend ? "1" : "0");
    }
    static void encode_stranded(
        redis::script_call& call,
        std::vector<std::string> const& lists,
        bool mend
    )
    {
        call.arg("stranded");
        call.arg(mend ? "1" : "0");
        for (std::string const& list : lists)
            call.arg(std::string_view(list));
    }
    static std::vector<std::string> decode_found(redis::reply const& reply)
    {
        std::vector<std::string> found;
        for (redis::value const one : reply[2])
            found.emplace_back(one.text());
        return found;
    }
    /// Of the members of `lists`: the lists that have limits.
    static std::vector<std::string> with_limits(std::vector<std::string> const& members)
    {
        std::vector<std::string> lists;
        for (std::string const& one : members)
            if (one.starts_with("!|"))
                lists.push_back(one.substr(2));
        return lists;
    }

    static task<limit_code> change(std::string prefix, redis_port& port, limit_change what)
    {
        redis::script_call call(port.scripts().limit, prefix);
        encode(call, what);
        auto const options = repeatable(deadline, attempt);
        redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
        limit_code const code = decode(reply);
        bool settled = is_settled(reply);
        while (!settled) {
            redis::script_call next(port.scripts().limit, prefix);
            encode_settle(next);
            redis::reply const page = co_await port.runner().run(port.connection(), next, options);
            settled = is_settled(page);
        }
        co_return code;
    }

    static task<limits_answer> read(std::string prefix, redis_port& port, limit_query query)
    {
        auto const options = repeatable(deadline, attempt);
        bool const all = query.list.empty() && query.name.empty();
        limits_answer answer;
        std::string cursor = "0";
        do {
            redis::script_call call(port.scripts().limit, prefix);
            encode(call, query, cursor);
            redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
            join(answer, decode_limits(reply, query));
            cursor = all ? cursor_of(reply) : "0";
        } while (cursor != "0");
        co_return answer;
    }

    static task<std::vector<limit_leaks::holder>> leaked(
        std::string prefix,
        redis_port& port,
        bool mend
    )
    {
        limits_answer const all = co_await read(prefix, port, limit_query());
        auto const options = repeatable(deadline, attempt);
        std::set<std::pair<std::string, std::string>> found;
        for (limit_state const& one : all.limits) {
            std::string const key = limit_key(one.name);
            std::string cursor = one.held == 0 ? "" : "0";
            while (!cursor.empty()) {
                redis::script_call call(port.scripts().limit, prefix);
                encode_leaked(call, key, cursor, mend);
                redis::reply const reply =
                    co_await port.runner().run(port.connection(), call, options);
                for (std::string& id : decode_found(reply))
                    found.emplace(one.name, std::move(id));
                cursor = cursor_of(reply) == "0" ? "" : cursor_of(reply);
            }
        }
        std::vector<limit_leaks::holder> holders;
        for (auto const& [limit, id] : found)
            holders.push_back({limit, id});
        co_return holders;
    }

    static task<std::vector<std::string>> stranded(
        std::string prefix,
        redis_port& port,
        std::vector<std::string> members,
        bool mend
    )
    {
        std::vector<std::string> const lists = with_limits(members);
        auto const options = repeatable(deadline, attempt);
        std::vector<std::string> found;
        for (std::size_t at = 0; at < lists.size(); at += lists_at_once) {
            auto const end = std::min(at + lists_at_once, lists.size());
            std::vector<std::string> const some(
                lists.begin() + static_cast<std::ptrdiff_t>(at),
                lists.begin() + static_cast<std::ptrdiff_t>(end)
            );
            redis::script_call call(port.scripts().limit, prefix);
            encode_stranded(call, some, mend);
            redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
            for (std::string& list : decode_found(reply))
                found.push_back(std::move(list));
        }
        co_return found;
    }

private:
    static constexpr std::chrono::seconds deadline{10};
    static constexpr std::chrono::seconds attempt{3};
    static constexpr std::size_t lists_at_once = 64;
};

}  // namespace work::detail
