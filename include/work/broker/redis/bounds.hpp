// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/bounds.hpp>
#include <work/broker/broker_clock.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/port.hpp>
#include <work/error.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace work::detail {

/// How many jobs may wait in a queue: one script changes and shows it.
class redis_bounds
{
public:
    static void encode(redis::script_call& call, bound_change const& change)
    {
        call.arg(change.remove ? "remove" : "set");
        call.arg(std::string_view(encode_name(change.queue)));
        if (change.remove)
            return;
        char const how = static_cast<char>(change.full);
        call.arg(change.most);
        call.arg(std::string_view(&how, 1));
        call.arg(std::string_view(change.who));
    }
    static void encode_settle(redis::script_call& call) { call.arg("settle"); }
    static bool is_settled(redis::reply const& reply) { return reply[2].integer() == 0; }
    static bound_code decode(redis::reply const& reply)
    {
        switch (reply[1].text().at(0)) {
        case 'm': return bound_code::done;
        case 'p': return bound_code::already;
        case 'g': return bound_code::gone;
        case 'f': return bound_code::full;
        default: throw error(errc::protocol, "the broker answered a bound with an unknown code");
        }
    }

    /// `queue` empty: all.
    static void encode_show(redis::script_call& call, std::string_view queue)
    {
        call.arg("show");
        if (!queue.empty())
            call.arg(std::string_view(encode_name(queue)));
    }
    static bounds_answer decode_bounds(redis::reply const& reply)
    {
        auto const number = [](redis::value const& text) {
            return static_cast<std::int64_t>(text.number());
        };
        bounds_answer answer;
        answer.now_ms = reply[0].integer();
        for (std::size_t i = 1; i < reply.size(); ++i) {
            redis::value const r = reply[i];
            bound_state one;
            one.queue = decode_name(r[0].text());
            one.most = number(r[1]);
            one.full = static_cast<when_full>(r[2].text().at(0));
            one.who = r[3].text();
            one.at_ms = number(r[4]);
            one.pending = r[5].integer();
            one.refused = number(r[6]);
            one.dropped = number(r[7]);
            one.full_at_ms = number(r[8]);
            answer.bounds.push_back(std::move(one));
        }
        std::sort(answer.bounds.begin(), answer.bounds.end(), [](auto const& a, auto const& b) {
            return a.queue < b.queue;
        });
        return answer;
    }

    static task<bound_code> change(std::string prefix, redis_port& port, bound_change what)
    {
        redis::script_call call(port.scripts().bound, prefix);
        encode(call, what);
        auto const options = repeatable(deadline, attempt);
        redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
        bound_code const code = decode(reply);
        bool settled = is_settled(reply);
        while (!settled) {
            redis::script_call next(port.scripts().bound, prefix);
            encode_settle(next);
            redis::reply const page = co_await port.runner().run(port.connection(), next, options);
            settled = is_settled(page);
        }
        co_return code;
    }

    static task<bounds_answer> read(std::string prefix, redis_port& port, std::string queue)
    {
        redis::script_call call(port.scripts().bound, prefix);
        encode_show(call, queue);
        auto const options = repeatable(deadline, attempt);
        redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
        co_return decode_bounds(reply);
    }

private:
    static constexpr std::chrono::seconds deadline{10};
    static constexpr std::chrono::seconds attempt{3};
};

}  // namespace work::detail
