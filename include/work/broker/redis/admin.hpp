// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/redis/bodies.hpp>
#include <work/broker/redis/bounds.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/limits.hpp>
#include <work/broker/redis/port.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// What people ask of a broker, in calls none of which holds the server up.
class redis_admin
{
public:
    static constexpr std::size_t claims_at_once = 64;

    redis_admin(
        std::string prefix,
        redis_port& commands,
        redis_port& large,
        std::shared_ptr<broker_clock> clock
    )
        : prefix_(std::move(prefix)),
          commands_(commands),
          large_(large),
          clock_(std::move(clock))
    {}

    task<std::vector<admin_result>> act(admin_request request)
    {
        return act(redis_codec::acted_ids(std::move(request)));
    }

    task<std::vector<admin_result>> follow(std::vector<std::string> ids, std::string follower)
    {
        return act(redis_codec::acted_ids::follow(std::move(ids), std::move(follower)));
    }

    task<std::vector<job_state>> states(std::vector<std::string> ids)
    {
        std::vector<admin_result> const seen =
            co_await act(redis_codec::acted_ids::look(std::move(ids)));
        std::vector<job_state> states;
        for (admin_result const& one : seen)
            states.push_back(one.state);
        co_return states;
    }

    task<pause_result> pause(pause_request request)
    {
        redis::script_call call(commands_.scripts().pause, prefix_);
        redis_codec::encode_pause(call, request);
        auto const options = repeatable(read_deadline, attempt);
        redis::reply const reply =
            co_await commands_.runner().run(commands_.connection(), call, options);
        pause_result result = redis_codec::decode_pause(reply, request);
        clock_->heard(result.now_ms);
        bool settled = redis_codec::is_settled(reply);
        while (!settled) {
            redis::script_call next(commands_.scripts().pause, prefix_);
            redis_codec::encode_settle(next, request);
            redis::reply const page =
                co_await commands_.runner().run(commands_.connection(), next, options);
            settled = redis_codec::is_settled(page);
        }
        co_return result;
    }

    task<limit_code> change(limit_change what)
    {
        return redis_limits::change(prefix_, commands_, std::move(what));
    }
    task<limits_answer> limits(limit_query query)
    {
        return redis_limits::read(prefix_, commands_, std::move(query));
    }
    task<limit_leaks> look_for_leaks(bool mend)
    {
        std::vector<std::string> marks = co_await members("ZSCAN", "lists");
        limit_leaks leaks;
        leaks.lists = co_await redis_limits::stranded(prefix_, commands_, std::move(marks), mend);
        leaks.holders = co_await redis_limits::leaked(prefix_, commands_, mend);
        co_return leaks;
    }

    task<bound_code> change(bound_change what)
    {
        return redis_bounds::change(prefix_, commands_, std::move(what));
    }
    task<bounds_answer> bounds(std::string queue)
    {
        return redis_bounds::read(prefix_, commands_, std::move(queue));
    }

    task<admin_code> order(std::string pool, told_order what)
    {
        redis::script_call call(commands_.scripts().order, prefix_);
        call.arg(std::string_view(pool));
        call.arg(to_text(what));
        auto const options = repeatable(read_deadline, attempt);
        redis::reply const reply =
            co_await commands_.runner().run(commands_.connection(), call, options);
        clock_->heard(reply[0].integer());
        co_return static_cast<admin_code>(reply[1].text().at(0));
    }

    // Those that hold jobs, and stay; the others are what `lists` has then.
    task<std::vector<std::string>> forget(std::vector<std::string>& lists)
    {
        redis::reply const held =
            co_await commands_.run(commands_.scripts().forget, lists, read_deadline);
        std::vector<std::string> stay;
        for (redis::value const list : held)
            stay.emplace_back(list.text());
        std::erase_if(lists, [&](std::string const& list) {
            return std::find(stay.begin(), stay.end(), list) != stay.end();
        });
        co_return stay;
    }

    task<std::vector<std::string>> paused_lists()
    {
        redis::command read("ZRANGEBYSCORE", prefix_ + "lists", policy::paused_score, "+inf");
        redis::reply const marks = co_await commands_.execute(std::move(read));
        std::vector<std::string> lists;
        if (!marks.is_error())
            for (redis::value const mark : marks)
                lists.emplace_back(mark.text().substr(2));
        co_return lists;
    }

    task<std::vector<admin_code>> take_back(std::vector<std::string> ids)
    {
        std::vector<admin_result> const went =
            co_await act(redis_codec::acted_ids::home(std::move(ids)));
        std::vector<admin_code> codes;
        for (admin_result const& one : went)
            codes.push_back(one.code);
        co_return codes;
    }

    task<admin_result> edit(edit_request request)
    {
        bool const large = is_large_envelope(request.envelope);
        redis_port& port = large ? large_ : commands_;
        // Not to be repeated: bytes that are changed are no more those that were seen.
        auto options = repeatable(read_deadline, attempt);
        options.repeatable = false;
        std::string cursor = "0";
        redis::reply reply;
        while (!cursor.empty()) {
            redis::script_call call(
                commands_.scripts().edit,
                prefix_,
                request.envelope.size() + 256
            );
            redis_codec::encode_edit(call, cursor, request);
            reply = co_await port.runner().run(port.connection(), call, options);
            cursor = redis_codec::edit_cursor(reply);
        }
        co_return redis_codec::decode_edit(reply);
    }

    task<admin_code> restore(std::string id, std::string envelope)
    {
        redis::script_call call(commands_.scripts().restore, prefix_, envelope.size() + 256);
        redis_codec::encode_restore(call, id, envelope);
        auto const options = repeatable(read_deadline, attempt);
        redis_port& port = is_large_envelope(envelope) ? large_ : commands_;
        redis::reply const reply = co_await port.runner().run(port.connection(), call, options);
        co_return redis_codec::decode_restore(reply);
    }

    task<job_record> job(std::string id)
    {
        std::vector<std::string> arguments{"0", std::move(id)};
        redis::reply reply;
        do {
            reply = co_await commands_.run(commands_.scripts().job, arguments, read_deadline);
            arguments[0] = redis_codec::job_cursor(reply);
        } while (!arguments[0].empty());
        job_record record = redis_codec::decode_job(reply);
        clock_->heard(record.now_ms);
        if (redis_codec::lacks_body(record)) {
            redis::command read = redis_codec::read_body(prefix_, arguments[1]);
            redis::reply const body = co_await large_.execute(std::move(read));
            redis_codec::attach_body(record, body);
        }
        co_return record;
    }

    task<std::vector<std::string>> logs(std::string id)
    {
        redis::command read("LRANGE", prefix_ + "log:" + id, "0", "-1");
        redis::reply const lines = co_await commands_.execute(std::move(read));
        std::vector<std::string> log;
        for (redis::value const line : lines)
            log.emplace_back(line.text());
        co_return log;
    }

    task<broker_counts> counts()
    {
        std::vector<std::string> const none;
        redis::reply const reply =
            co_await commands_.run(commands_.scripts().counts, none, read_deadline);
        broker_counts counts = redis_codec::decode_counts(reply);
        clock_->heard(counts.now_ms);
        redis::command totals = redis_codec::read_totals(prefix_, counts.now_ms);
        auto const sums = co_await commands_.connection().execute_all(std::move(totals));
        redis_codec::add_totals(counts, sums);
        std::vector<std::string> lists = co_await members("ZSCAN", "lists");
        std::erase_if(lists, [](std::string const& list) { return list.starts_with('!'); });
        for (std::size_t at = 0; at < lists.size(); at += lists_at_once) {
            std::vector<std::string> const page = part(lists, at, lists_at_once);
            redis::command reads = redis_codec::read_lists(prefix_, page);
            auto const read = co_await commands_.connection().execute_all(std::move(reads));
            std::vector<std::size_t> fronts;
            redis::command firsts = redis_codec::read_fronts(prefix_, read, page.size(), fronts);
            std::vector<redis::reply> records;
            if (!fronts.empty())
                records = co_await commands_.connection().execute_all(std::move(firsts));
            redis_codec::add_lists(counts, page, read, fronts, records);
        }
        redis_codec::finish_counts(counts);
        std::vector<std::string> claims = co_await members("ZSCAN", "leases");
        redis_codec::active_jobs const active = co_await active_in(std::move(claims));
        for (queue_info& list : counts.lists)
            list.active = active.in(list.list);
        co_return counts;
    }

    task<std::vector<pause_info>> pauses()
    {
        redis::command read("HGETALL", prefix_ + "settings");
        redis::reply const reply = co_await commands_.execute(std::move(read));
        co_return redis_codec::decode_pauses(reply.root());
    }

    task<redis_codec::active_jobs> active_in(std::vector<std::string> claims)
    {
        redis_codec::active_jobs active;
        while (active.claims_seen < claims.size()) {
            std::vector<std::string> const some = part(claims, active.claims_seen, claims_at_once);
            redis::reply const reply =
                co_await commands_.run(commands_.scripts().active, some, read_deadline);
            active.add(reply);
        }
        co_return active;
    }

    /// How many samples of completed jobs went.
    task<std::int64_t> make_room()
    {
        std::vector<std::string> const none;
        redis::reply const reply =
            co_await commands_.run(commands_.scripts().make_room, none, read_deadline);
        co_return reply.integer();
    }

    /// Of a set (SSCAN) or a sorted set (ZSCAN), in small steps.
    task<std::vector<std::string>> members(char const* scan, char const* key)
    {
        std::size_t const stride = scan[0] == 'Z' ? 2 : 1;
        std::set<std::string> found;
        std::string cursor = "0";
        do {
            redis::command page(scan, prefix_ + key, cursor, "COUNT", 500);
            redis::reply const reply = co_await commands_.execute(std::move(page));
            cursor = reply[0].text();
            std::size_t i = 0;
            for (redis::value const v : reply[1]) {
                if (i++ % stride == 0)
                    found.emplace(v.text());
            }
        } while (cursor != "0");
        co_return std::vector<std::string>(found.begin(), found.end());
    }

private:
    task<std::vector<admin_result>> act(redis_codec::acted_ids acted)
    {
        auto const options = repeatable(read_deadline, attempt);
        while (!acted.done()) {
            redis::script_call call(commands_.scripts().act, prefix_);
            acted.encode(call);
            acted.hear(co_await commands_.runner().run(commands_.connection(), call, options));
        }
        co_return acted.results();
    }

    static constexpr std::chrono::seconds read_deadline{10};
    static constexpr std::chrono::seconds attempt{3};
    static constexpr std::size_t lists_at_once = 256;

    static std::vector<std::string> part(
        std::vector<std::string> const& all,
        std::size_t at,
        std::size_t most
    )
    {
        auto const from = all.begin() + static_cast<std::ptrdiff_t>(at);
        auto const count = std::min(most, all.size() - at);
        return {from, from + static_cast<std::ptrdiff_t>(count)};
    }

    std::string prefix_;
    redis_port& commands_;
    redis_port& large_;
    std::shared_ptr<broker_clock> clock_;
};

}  // namespace work::detail
