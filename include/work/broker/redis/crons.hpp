// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/crons.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/port.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Cron entries: two scripts change them, plain commands read them.
class redis_crons
{
public:
    static void encode(redis::script_call& call, cron_change const& change)
    {
        call.arg(change.remove ? "drop" : "set")
            .arg(std::string_view(change.name))
            .arg(change.seen_revision)
            .arg(change.seen_next_ms);
        if (!change.remove)
            call.arg(change.next_ms).arg(change.paused_ms).arg(std::string_view(change.text));
    }

    static cron_answer decode(redis::reply const& reply, std::string_view name)
    {
        cron_answer answer;
        answer.now_ms = reply[0].integer();
        answer.code = static_cast<cron_code>(reply[1].text().at(0));
        if (!reply[2].text().empty())
            answer.record = read_cron(name, reply[2].text());
        return answer;
    }

    static due_crons decode_due(redis::reply const& reply)
    {
        due_crons answer;
        answer.now_ms = reply[0].integer();
        answer.next_ms = static_cast<std::int64_t>(reply[1].number());
        for (std::size_t i = 2; i + 1 < reply.size(); i += 2)
            answer.due.push_back(read_cron(reply[i].text(), reply[i + 1].text()));
        return answer;
    }

    static task<std::vector<cron_record>> all(std::string prefix, redis_port& port)
    {
        redis::command one("HGETALL", prefix + "crons");
        auto const replies = co_await run_all(port, std::move(one), "read cron entries");
        std::vector<cron_record> found;
        redis::value const fields = replies[0].root();
        for (auto at = fields.begin(); at != fields.end();) {
            std::string const name((*at++).text());
            found.push_back(read_cron(name, (*at++).text()));
        }
        co_return found;
    }

    static cron_details decode_details(redis::reply const& reply, std::string_view name)
    {
        cron_details details;
        details.now_ms = reply[0].integer();
        if (!reply[1].text().empty())
            details.record = read_cron(name, reply[1].text());
        for (std::size_t i = 2; i < reply.size(); ++i)
            details.fires.emplace_back(reply[i].text());
        return details;
    }

    static task<cron_details> one(redis_port& port, std::string name)
    {
        std::vector<std::string> const arguments{"show", name};
        redis::reply const reply = co_await port.run(port.scripts().cron, arguments, deadline);
        co_return decode_details(reply, name);
    }

    static task<due_crons> due(redis_port& port, std::size_t most)
    {
        std::vector<std::string> const arguments{"due", std::to_string(most)};
        redis::reply const reply = co_await port.run(port.scripts().cron, arguments, deadline);
        co_return decode_due(reply);
    }

    static task<cron_answer> change(std::string prefix, redis_port& port, cron_change what)
    {
        redis::script_call call(port.scripts().cron, prefix, 128 + what.text.size());
        encode(call, what);
        auto const options = repeatable(deadline, attempt);
        redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
        co_return decode(reply, what.name);
    }

    static task<cron_answer> fire(std::string prefix, redis_port& port, cron_fire what)
    {
        redis::script_call call(port.scripts().fire, prefix, 512);
        redis_codec::encode_fire(call, what);
        auto const options = repeatable(deadline, attempt);
        redis::reply const reply = co_await port.run_making_room(call, options);
        co_return decode(reply, what.name);
    }

private:
    static constexpr std::chrono::seconds deadline{10};
    static constexpr std::chrono::seconds attempt{3};
};

}  // namespace work::detail
