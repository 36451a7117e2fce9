// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/admin.hpp>
#include <work/broker/ledger.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/redis/port.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// What is kept of what people did: plain commands beside the scripts.
class redis_ledger
{
public:
    static task<bool> keep(std::string prefix, redis_port& port, operation_change change)
    {
        std::string const key = prefix + "operations";
        redis::command some("HSET", key, change.id, change.text);
        some.push("HEXISTS", key, stop_field(change.id));
        if (!change.forgotten.empty()) {
            some.begin(2 + 2 * change.forgotten.size()).arg("HDEL").arg(key);
            for (std::string const& id : change.forgotten)
                some.arg(id).arg(stop_field(id));
        }
        some.push("PEXPIRE", key, policy::operations_kept_ms);
        auto const replies = co_await run_all(port, std::move(some), "keep an operation");
        co_return replies[1].integer() != 0;
    }

    static task<std::vector<operation_note>> operations(std::string prefix, redis_port& port)
    {
        redis::command one("HGETALL", prefix + "operations");
        auto const replies = co_await run_all(port, std::move(one), "read operations");
        std::vector<operation_note> all;
        std::vector<std::string> stopped;
        redis::value const fields = replies[0].root();
        for (auto at = fields.begin(); at != fields.end();) {
            std::string field((*at++).text());
            std::string text((*at++).text());
            if (field.starts_with(stop_mark))
                stopped.push_back(field.substr(stop_mark.size()));
            else
                all.push_back(operation_note{std::move(field), std::move(text)});
        }
        for (operation_note& note : all)
            note.stop = std::find(stopped.begin(), stopped.end(), note.id) != stopped.end();
        co_return all;
    }

    static task<admin_code> stop(std::string prefix, redis_port& port, std::string id)
    {
        std::string const key = prefix + "operations";
        redis::command look("HEXISTS", key, id);
        auto const there = co_await run_all(port, std::move(look), "stop an operation");
        if (there[0].integer() == 0)
            co_return admin_code::gone;
        redis::command mark("HSET", key, stop_field(id), "1");
        auto const marked = co_await run_all(port, std::move(mark), "stop an operation");
        co_return marked[0].integer() != 0 ? admin_code::done : admin_code::already;
    }

    static task<void> write_audit(std::string prefix, redis_port& port, std::string line)
    {
        redis::command some("LPUSH", prefix + "audit", line);
        some.push("LTRIM", prefix + "audit", 0, policy::audit_lines - 1);
        co_await run_all(port, std::move(some), "write the audit");
    }

    static task<std::vector<std::string>> read_audit(
        std::string prefix,
        redis_port& port,
        audit_range range
    )
    {
        std::vector<std::string> lines;
        if (range.count <= 0)
            co_return lines;
        redis::command one("LRANGE", prefix + "audit", range.from, range.from + range.count - 1);
        auto const replies = co_await run_all(port, std::move(one), "read the audit");
        co_return texts(replies[0].root());
    }

    static task<track_answer> track(std::string prefix, redis_port& port, track_request request)
    {
        std::string const key = prefix + "tracked";
        redis::command some;
        for (tracked_note const& one : request.add)
            some.push("HSETNX", key, one.id, one.text);
        for (std::string const& id : request.remove)
            some.push("HDEL", key, id).push("HDEL", prefix + "tracked_ends", id);
        some.push("HGETALL", key).push("HGETALL", prefix + "tracked_ends");
        auto const replies = co_await run_all(port, std::move(some), "track jobs");
        track_answer answer;
        std::size_t at = 0;
        for (; at != request.add.size(); ++at)
            answer.changed.push_back(replies[at].integer() != 0);
        for (; answer.changed.size() != request.add.size() + request.remove.size(); at += 2)
            answer.changed.push_back(replies[at].integer() != 0);
        answer.all = notes(replies[at].root(), replies[at + 1].root());
        bool const many = static_cast<std::int64_t>(answer.all.size()) > policy::most_tracked;
        answer.full = many && !request.add.empty();
        if (answer.full) {
            redis::command back;
            for (std::size_t i = 0; i != request.add.size(); ++i)
                if (answer.changed[i])
                    back.push("HDEL", key, request.add[i].id);
            if (!back.empty())
                co_await run_all(port, std::move(back), "track jobs");
        }
        co_return answer;
    }

private:
    static std::vector<tracked_note> notes(redis::value fields, redis::value ends)
    {
        std::vector<tracked_note> all;
        std::map<std::string_view, std::string_view> ended;
        for (auto at = ends.begin(); at != ends.end();) {
            std::string_view const id = (*at++).text();
            ended[id] = (*at++).text();
        }
        for (auto at = fields.begin(); at != fields.end();) {
            std::string id((*at++).text());
            std::string text((*at++).text());
            auto const end = ended.find(id);
            std::string how(end == ended.end() ? std::string_view() : end->second);
            all.push_back(tracked_note{std::move(id), std::move(text), std::move(how)});
        }
        return all;
    }

    // No id has a space.
    static constexpr std::string_view stop_mark = "stop ";

    static std::string stop_field(std::string_view id) { return std::string(stop_mark).append(id); }
};

}  // namespace work::detail
