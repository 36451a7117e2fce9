// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/redis/bodies.hpp>
#include <work/broker/redis/bounds.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/crons.hpp>
#include <work/broker/redis/history.hpp>
#include <work/broker/redis/limits.hpp>
#include <work/broker/redis/scripts/set.hpp>
#include <work/values/id.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/broker_redis.hpp"

namespace work_test {

using state_dump = std::map<std::string, std::string>;

/// The transitions, on either side, at a time of the test's choice.
class broker_subject
{
public:
    virtual ~broker_subject() = default;

    std::int64_t us = 1'790'000'000'000'000;
    std::int64_t now_ms() const { return us / 1000; }
    void pass(std::int64_t ms)
    {
        us += ms * 1000;
        let_expire();
    }

    virtual work::enqueue_answer enqueue(work::enqueue_request const& request) = 0;
    virtual work::exchange_answer exchange(work::exchange_request const& request) = 0;
    virtual void leave(std::string const& pool, std::vector<std::string> const& lists) = 0;
    virtual std::vector<work::admin_result> act(work::admin_request const& request) = 0;
    virtual std::vector<work::admin_result> follow(
        std::vector<std::string> const& ids,
        std::string const& who
    ) = 0;
    std::vector<work::admin_result> act(
        work::admin_action action,
        std::vector<std::string> const& ids,
        work::job_states only = {},
        std::int64_t seen_ms = 0
    )
    {
        work::admin_request request;
        request.action = action;
        request.ids = ids;
        request.only = only;
        request.seen_ms = seen_ms;
        request.reason = "because";
        request.by = "ada";
        return act(request);
    }
    std::vector<work::admin_result> cancel(std::vector<std::string> const& ids)
    {
        return act(work::admin_action::cancel, ids);
    }
    std::vector<work::admin_result> requeue(std::vector<std::string> const& ids)
    {
        return act(work::admin_action::requeue, ids);
    }
    std::vector<work::admin_result> kill(std::vector<std::string> const& ids)
    {
        return act(work::admin_action::kill, ids);
    }
    std::vector<work::admin_result> remove(std::vector<std::string> const& ids)
    {
        return act(work::admin_action::remove, ids);
    }
    std::vector<work::admin_result> move(
        std::vector<std::string> const& ids,
        std::string const& queue
    )
    {
        work::admin_request request;
        request.action = work::admin_action::move;
        request.ids = ids;
        request.queue = queue;
        return act(request);
    }
    virtual work::pause_result pause(work::pause_request const& request) = 0;
    virtual work::limit_code change_limit(work::limit_change const& change) = 0;
    virtual work::limits_answer limits(work::limit_query const& query) = 0;
    virtual work::bound_code change_bound(work::bound_change const& change) = 0;
    virtual work::bounds_answer bounds(std::string const& queue = {}) = 0;
    virtual work::limit_leaks look_for_leaks(bool mend) = 0;
    virtual work::admin_code order(std::string const& pool, work::told_order what) = 0;
    virtual work::admin_result edit(work::edit_request const& request) = 0;
    virtual work::admin_code restore(std::string const& id, std::string const& envelope) = 0;
    virtual work::job_record job(std::string const& id) = 0;
    virtual work::broker_counts counts() = 0;
    virtual std::vector<work::pause_info> pauses() = 0;
    virtual work::outstanding_jobs outstanding(std::vector<std::string> const& lists) = 0;
    virtual work::due_crons ask_due_crons(std::size_t most) = 0;
    virtual work::cron_details cron(std::string const& name) = 0;
    virtual work::cron_answer change_cron(work::cron_change const& change) = 0;
    virtual work::cron_answer fire_cron(work::cron_fire const& fire) = 0;
    virtual void write_history(work::history_write const& what) = 0;
    virtual std::vector<std::string> forget_lists(std::vector<std::string> const& lists) = 0;
    virtual work::history_lists histories() = 0;
    virtual std::vector<work::history_cell> read_history(work::history_request const& request) = 0;
    /// The pool shows signs of life, until `silence`.
    virtual void show(std::string const& pool) = 0;
    /// One heartbeat: it shows them for 15 s of the test's clock.
    virtual void beat(std::string const& pool) = 0;
    virtual void silence(std::string const& pool) = 0;
    virtual bool take_wakeup(std::string const& list_or_pool) = 0;
    /// Writes a record by hand, if the job exists.
    virtual void overwrite(std::string const& id, std::string const& bytes) = 0;
    virtual state_dump dump() = 0;
    /// What was written with the ends of attempts, to keys that begin with `mine:`.
    virtual boost::json::object written() = 0;

protected:
    /// What was shown for a time that is over now is gone for good.
    virtual void let_expire() = 0;
};

class memory_subject final : public broker_subject
{
public:
    // In Redis what expires does so by the server's clock, which no test moves.
    memory_subject() { state_.keep_answers_ms = 1'000'000'000'000; }

    work::enqueue_answer enqueue(work::enqueue_request const& request) override
    {
        return state_.enqueue(request, us);
    }
    work::exchange_answer exchange(work::exchange_request const& request) override
    {
        return state_.exchange(request, us);
    }
    void leave(std::string const& pool, std::vector<std::string> const& lists) override
    {
        state_.leave(pool, lists, us);
    }
    using broker_subject::act;
    std::vector<work::admin_result> act(work::admin_request const& request) override
    {
        return state_.act(request, us);
    }
    std::vector<work::admin_result> follow(
        std::vector<std::string> const& ids,
        std::string const& who
    ) override
    {
        return state_.follow(ids, who);
    }
    work::pause_result pause(work::pause_request const& request) override
    {
        return state_.pause(request, us);
    }
    work::limit_code change_limit(work::limit_change const& change) override
    {
        return state_.change_limit(change, us);
    }
    work::limits_answer limits(work::limit_query const& query) override
    {
        return state_.limits(query, us);
    }
    work::bound_code change_bound(work::bound_change const& change) override
    {
        return state_.change_bound(change, us);
    }
    work::bounds_answer bounds(std::string const& queue = {}) override
    {
        return state_.bounds(queue, us);
    }
    work::limit_leaks look_for_leaks(bool mend) override { return state_.look_for_leaks(mend, us); }
    work::admin_code order(std::string const& pool, work::told_order what) override
    {
        return state_.order(pool, what);
    }
    work::admin_result edit(work::edit_request const& request) override
    {
        return state_.edit(request, us);
    }
    work::admin_code restore(std::string const& id, std::string const& envelope) override
    {
        return state_.restore(id, envelope, us);
    }
    work::job_record job(std::string const& id) override { return state_.job(id, us); }
    work::broker_counts counts() override { return state_.counts(us); }
    std::vector<work::pause_info> pauses() override { return state_.pauses(); }
    work::outstanding_jobs outstanding(std::vector<std::string> const& lists) override
    {
        return state_.outstanding(lists);
    }
    work::due_crons ask_due_crons(std::size_t most) override
    {
        return state_.ask_due_crons(most, us);
    }
    work::cron_details cron(std::string const& name) override { return state_.cron(name, us); }
    work::cron_answer change_cron(work::cron_change const& change) override
    {
        return state_.change_cron(change, us);
    }
    work::cron_answer fire_cron(work::cron_fire const& fire) override
    {
        return state_.fire_cron(fire, us);
    }
    void write_history(work::history_write const& what) override { state_.write_history(what, us); }
    std::vector<std::string> forget_lists(std::vector<std::string> const& lists) override
    {
        return state_.forget_lists(lists, us);
    }
    work::history_lists histories() override { return state_.histories(us); }
    std::vector<work::history_cell> read_history(work::history_request const& request) override
    {
        return state_.read_history(request, us);
    }
    void show(std::string const& pool) override
    {
        state_.heartbeat(pool, "{}", us, 1'000'000'000'000);
    }
    void beat(std::string const& pool) override { state_.heartbeat(pool, "{}", us); }
    void silence(std::string const& pool) override
    {
        state_.heartbeat(pool, "{}", us, -1'000'000'000);
    }
    bool take_wakeup(std::string const& list_or_pool) override
    {
        return state_.take_wakeup(list_or_pool);
    }
    void overwrite(std::string const& id, std::string const& bytes) override
    {
        state_.overwrite(id, bytes);
    }
    state_dump dump() override { return state_.dump(us); }
    boost::json::object written() override { return state_.written(us); }

private:
    void let_expire() override { state_.let_expire(us); }

    work::memory_state state_;
};

/// A mistake made on purpose: a text of the scripts replaced by another.
struct script_mutation
{
    /// What the environment asks of all tests of this program: WORK_MUTANT_FROM, WORK_MUTANT_TO.
    static script_mutation of_environment()
    {
        char const* const from = std::getenv("WORK_MUTANT_FROM");
        char const* const to = std::getenv("WORK_MUTANT_TO");
        return from == nullptr || to == nullptr ? script_mutation()
                                                : script_mutation{"of the environment", from, to};
    }

    std::string_view name, from, to;

    /// For the list of tests, where it is to be the same in every run.
    friend void PrintTo(script_mutation const& mutation, std::ostream* out)
    {
        *out << mutation.name;
    }
};

/// The scripts, with the clock of the tests, on a server of our own.
class redis_subject final : public broker_subject
{
public:
    explicit redis_subject(
        std::shared_ptr<private_redis> server,
        script_mutation mutation = script_mutation::of_environment()
    )
        : server_(std::move(server)),
          redis_(*server_)
    {
        redis_.call("FLUSHALL");
        bool mutated = mutation.from.empty();
        auto& s = scripts_;
        for (work::redis::script* const script :
             {&s.enqueue, &s.exchange, &s.lean_exchange, &s.act,    &s.job,
              &s.counts,  &s.pause,    &s.limit,         &s.bound,  &s.order,
              &s.edit,    &s.restore,  &s.make_room,     &s.active, &s.outstanding,
              &s.leave,   &s.forget,   &s.history,       &s.cron,   &s.fire}) {
            if (!mutation.from.empty()) {
                std::string body = script->body();
                for (auto at = body.find(mutation.from); at != body.npos;
                     at = body.find(mutation.from, at + mutation.to.size())) {
                    body.replace(at, mutation.from.size(), mutation.to);
                    mutated = true;
                }
                *script = work::redis::script(script->name(), std::move(body));
            }
            auto const loaded = redis_.call("SCRIPT", "LOAD", script->body());
            if (loaded.is_error())
                throw std::runtime_error(std::string(loaded.text()));
        }
        if (!mutated)
            throw std::logic_error("no script has the text: " + std::string(mutation.from));
    }

    work::enqueue_answer enqueue(work::enqueue_request const& request) override
    {
        work::redis::script_call call(scripts().enqueue, prefix_);
        work::redis_codec::encode(call, request);
        return work::redis_codec::decode_enqueue(run(call), request);
    }
    work::exchange_answer exchange(work::exchange_request const& request) override
    {
        work::redis::script_call call(
            request.lean ? scripts().lean_exchange : scripts().exchange,
            prefix_
        );
        work::redis_codec::encode(call, request);
        if (sweeps)
            redis_.call("HSETNX", prefix_ + "broker", "astray", now_ms());
        auto answer = work::redis_codec::decode_exchange(run(call), request);
        if (sweeps)
            answer.chores_left = answer.chores_soon = false;
        auto const unread = work::redis_codec::jobs_without_record(answer);
        if (!unread.empty()) {
            auto const reads = work::redis_codec::read_records(prefix_, answer, unread);
            work::redis_codec::attach_records(answer, unread, redis_.call_all(reads));
        }
        auto const large = work::redis_codec::jobs_without_body(answer);
        if (!large.empty()) {
            auto const reads = work::redis_codec::read_bodies(prefix_, answer, large);
            work::redis_codec::attach_bodies(answer, large, redis_.call_all(reads));
        }
        return answer;
    }
    void leave(std::string const& pool, std::vector<std::string> const& lists) override
    {
        work::redis::script_call call(scripts().leave, prefix_);
        call.arg(pool);
        for (std::string const& list : lists)
            call.arg(list);
        run(call);
    }
    using broker_subject::act;
    std::vector<work::admin_result> act(work::admin_request const& request) override
    {
        return act(work::redis_codec::acted_ids(request));
    }
    std::vector<work::admin_result> follow(
        std::vector<std::string> const& ids,
        std::string const& who
    ) override
    {
        return act(work::redis_codec::acted_ids::follow(ids, who));
    }
    std::vector<work::admin_result> act(work::redis_codec::acted_ids acted)
    {
        while (!acted.done()) {
            work::redis::script_call call(scripts().act, prefix_);
            acted.encode(call);
            acted.hear(run(call));
        }
        return acted.results();
    }
    work::pause_result pause(work::pause_request const& request) override
    {
        work::redis::script_call call(scripts().pause, prefix_);
        work::redis_codec::encode_pause(call, request);
        auto reply = run(call);
        auto const result = work::redis_codec::decode_pause(reply, request);
        while (walks && !work::redis_codec::is_settled(reply)) {
            work::redis::script_call next(scripts().pause, prefix_);
            work::redis_codec::encode_settle(next, request);
            reply = run(next);
        }
        return result;
    }
    work::limit_code change_limit(work::limit_change const& change) override
    {
        work::redis::script_call call(scripts().limit, prefix_);
        work::detail::redis_limits::encode(call, change);
        auto reply = run(call);
        auto const code = work::detail::redis_limits::decode(reply);
        while (walks && !work::detail::redis_limits::is_settled(reply)) {
            work::redis::script_call next(scripts().limit, prefix_);
            work::detail::redis_limits::encode_settle(next);
            reply = run(next);
        }
        return code;
    }
    work::bound_code change_bound(work::bound_change const& change) override
    {
        work::redis::script_call call(scripts().bound, prefix_);
        work::detail::redis_bounds::encode(call, change);
        auto reply = run(call);
        auto const code = work::detail::redis_bounds::decode(reply);
        while (!work::detail::redis_bounds::is_settled(reply)) {
            work::redis::script_call next(scripts().bound, prefix_);
            work::detail::redis_bounds::encode_settle(next);
            reply = run(next);
        }
        return code;
    }
    work::bounds_answer bounds(std::string const& queue = {}) override
    {
        work::redis::script_call call(scripts().bound, prefix_);
        work::detail::redis_bounds::encode_show(call, queue);
        return work::detail::redis_bounds::decode_bounds(run(call));
    }
    work::limits_answer limits(work::limit_query const& query) override
    {
        using codec = work::detail::redis_limits;
        bool const all = query.name.empty() && query.list.empty();
        work::limits_answer answer;
        std::string cursor = "0";
        do {
            work::redis::script_call call(scripts().limit, prefix_);
            codec::encode(call, query, cursor);
            auto const reply = run(call);
            codec::join(answer, codec::decode_limits(reply, query));
            cursor = all ? codec::cursor_of(reply) : "0";
        } while (cursor != "0");
        return answer;
    }
    work::limit_leaks look_for_leaks(bool mend) override
    {
        using codec = work::detail::redis_limits;
        work::limit_leaks leaks;
        for (work::limit_state const& one : limits({}).limits) {
            work::redis::script_call call(scripts().limit, prefix_);
            codec::encode_leaked(call, work::detail::limit_key(one.name), "0", mend);
            for (std::string& id : codec::decode_found(run(call)))
                leaks.holders.push_back({one.name, std::move(id)});
        }
        std::vector<std::string> lists;
        for (work::queue_info const& one : counts().lists)
            lists.push_back(one.list);
        work::redis::script_call call(scripts().limit, prefix_);
        codec::encode_stranded(call, lists, mend);
        leaks.lists = codec::decode_found(run(call));
        return leaks;
    }
    work::admin_code order(std::string const& pool, work::told_order what) override
    {
        work::redis::script_call call(scripts().order, prefix_);
        call.arg(pool);
        call.arg(to_text(what));
        return static_cast<work::admin_code>(run(call)[1].text().at(0));
    }
    work::admin_result edit(work::edit_request const& request) override
    {
        std::string cursor = "0";
        work::redis::reply reply;
        while (!cursor.empty()) {
            work::redis::script_call call(scripts().edit, prefix_, request.envelope.size() + 256);
            work::redis_codec::encode_edit(call, cursor, request);
            reply = run(call);
            cursor = work::redis_codec::edit_cursor(reply);
        }
        return work::redis_codec::decode_edit(reply);
    }
    work::admin_code restore(std::string const& id, std::string const& envelope) override
    {
        work::redis::script_call call(scripts().restore, prefix_);
        work::redis_codec::encode_restore(call, id, envelope);
        return work::redis_codec::decode_restore(run(call));
    }
    std::int64_t make_room()
    {
        work::redis::script_call call(scripts().make_room, prefix_);
        return run(call).integer();
    }
    work::job_record job(std::string const& id) override
    {
        std::string cursor = "0";
        work::redis::reply reply;
        do {
            work::redis::script_call call(scripts().job, prefix_);
            call.arg(cursor);
            call.arg(id);
            reply = run(call);
            cursor = work::redis_codec::job_cursor(reply);
        } while (!cursor.empty());
        auto record = work::redis_codec::decode_job(reply);
        if (work::redis_codec::lacks_body(record)) {
            auto const read = work::redis_codec::read_body(prefix_, id);
            work::redis_codec::attach_body(record, redis_.call_all(read).front());
        }
        return record;
    }
    /// What is of one moment; `active` has what is pending, too.
    std::vector<work::pause_info> pauses() override
    {
        auto const read = redis_.call("HGETALL", prefix_ + "settings");
        return work::redis_codec::decode_pauses(read.root());
    }
    work::broker_counts totals()
    {
        work::redis::script_call call(scripts().counts, prefix_);
        return work::redis_codec::decode_counts(run(call));
    }
    work::broker_counts counts() override
    {
        work::broker_counts counts = totals();
        std::vector<std::string> lists, claims;
        work::redis_codec::add_totals(
            counts,
            redis_.call_all(work::redis_codec::read_totals(prefix_, counts.now_ms))
        );
        auto const known = redis_.call("ZRANGE", prefix_ + "lists", 0, -1);
        for (work::redis::value const v : known.root()) {
            if (!v.text().starts_with('!'))
                lists.emplace_back(v.text());
        }
        auto const read = redis_.call_all(work::redis_codec::read_lists(prefix_, lists));
        std::vector<std::size_t> fronts;
        auto const firsts = work::redis_codec::read_fronts(prefix_, read, lists.size(), fronts);
        work::redis_codec::add_lists(counts, lists, read, fronts, redis_.call_all(firsts));
        work::redis_codec::finish_counts(counts);
        auto const leases = redis_.call("ZRANGE", prefix_ + "leases", 0, -1);
        for (work::redis::value const v : leases.root())
            claims.emplace_back(v.text());
        auto const active = active_in(claims);
        for (work::queue_info& list : counts.lists)
            list.active = active.in(list.list);
        return counts;
    }
    work::outstanding_jobs outstanding(std::vector<std::string> const& lists) override
    {
        work::redis::script_call call(scripts().outstanding, prefix_);
        call.arg("0");
        for (std::string const& list : lists)
            call.arg(list);
        auto const reply = run(call);
        work::outstanding_jobs left;
        left.pending = reply[0].integer();
        left.active = reply[1].integer();
        std::vector<std::string> claims;
        for (work::redis::value const v : reply[3])
            claims.emplace_back(v.text());
        if (left.active < 0)
            left.active = active_in(claims).in(lists);
        return left;
    }
    work::due_crons ask_due_crons(std::size_t most) override
    {
        work::redis::script_call call(scripts().cron, prefix_);
        call.arg("due").arg(static_cast<std::int64_t>(most));
        return work::detail::redis_crons::decode_due(run(call));
    }
    work::cron_details cron(std::string const& name) override
    {
        work::redis::script_call call(scripts().cron, prefix_);
        call.arg("show").arg(name);
        return work::detail::redis_crons::decode_details(run(call), name);
    }
    work::cron_answer change_cron(work::cron_change const& change) override
    {
        work::redis::script_call call(scripts().cron, prefix_);
        work::detail::redis_crons::encode(call, change);
        return work::detail::redis_crons::decode(run(call), change.name);
    }
    work::cron_answer fire_cron(work::cron_fire const& fire) override
    {
        work::redis::script_call call(scripts().fire, prefix_);
        work::redis_codec::encode_fire(call, fire);
        return work::detail::redis_crons::decode(run(call), fire.name);
    }
    void write_history(work::history_write const& what) override
    {
        work::redis::script_call call(scripts().history, prefix_);
        work::detail::redis_history::encode(call, what);
        run(call);
        historians_[what.writer] = now_ms() + work::policy::historian_ms;
        note_history_keys();
    }
    std::vector<std::string> forget_lists(std::vector<std::string> const& lists) override
    {
        work::redis::script_call call(scripts().forget, prefix_);
        for (std::string const& list : lists)
            call.arg(list);
        std::vector<std::string> const held = work::detail::texts(run(call).root());
        for (std::string const& list : lists) {
            if (std::find(held.begin(), held.end(), list) != held.end())
                continue;
            for (std::string const& key :
                 work::detail::redis_history::keys_of(prefix_, list, now_ms()))
                redis_.call("DEL", key);
            redis_.call("ZREM", prefix_ + "histories", list);
        }
        return held;
    }
    work::history_lists histories() override
    {
        work::history_lists all;
        all.now_ms = now_ms();
        auto const read = redis_.call("ZRANGE", prefix_ + "histories", 0, -1, "WITHSCORES");
        for (std::size_t i = 0; i + 1 < read.size(); i += 2)
            all.lists.push_back(work::history_lists::entry{
                std::string(read[i].text()),
                static_cast<std::int64_t>(read[i + 1].number())
            });
        return all;
    }
    std::vector<work::history_cell> read_history(work::history_request const& request) override
    {
        let_expire();
        std::vector<work::history_cell> all;
        for (std::size_t i = 0; i != request.lists.size(); ++i) {
            for (std::int64_t p = request.first; p != request.first + request.periods; ++p) {
                auto const bytes = redis_.call(
                    "GET",
                    work::detail::redis_history::key(prefix_, request.lists[i], request.step, p)
                );
                if (!bytes.is_null())
                    all.push_back({i, p, work::detail::decode_history(bytes.text())});
            }
        }
        return all;
    }
    void show(std::string const& pool) override
    {
        beats_.erase(pool);
        redis_.call("SET", prefix_ + "status:" + pool, "{}");
    }
    void beat(std::string const& pool) override
    {
        beats_[pool] = now_ms() + work::memory_state::keep_status_ms;
        redis_.call("SET", prefix_ + "status:" + pool, beats_[pool]);
    }
    void silence(std::string const& pool) override
    {
        beats_.erase(pool);
        redis_.call("DEL", prefix_ + "status:" + pool);
    }
    bool take_wakeup(std::string const& list_or_pool) override
    {
        return !redis_.call("LPOP", prefix_ + "wake:" + list_or_pool).is_null();
    }
    void overwrite(std::string const& id, std::string const& bytes) override
    {
        auto const segment = work::id_segment(id);
        std::string const key = prefix_ + "jobs:" + std::string(segment.data(), segment.size());
        if (redis_.call("HEXISTS", key, id).integer() == 1)
            redis_.call("HSET", key, id, bytes);
    }
    state_dump dump() override
    {
        state_dump all = dump_redis(redis_, prefix_);
        if (sweeps) {
            std::erase_if(all, [](auto const& key) {
                return key.first.starts_with("sweep") || key.first == "strays";
            });
            std::string& clock = all["broker"];
            auto const at = clock.find("\n  astray => ");
            if (at != clock.npos)
                clock.erase(at, clock.find('\n', at + 1) - at);
            if (clock.find('\n') == clock.npos)
                all.erase("broker");
        }
        return all;
    }
    boost::json::object written() override
    {
        boost::json::object all;
        auto const keys = redis_.call("KEYS", "mine:*");
        std::vector<std::string> names;
        for (work::redis::value const v : keys.root())
            names.emplace_back(v.text());
        std::sort(names.begin(), names.end());
        for (std::string const& name : names)
            all[name] = value_of(name);
        return all;
    }
    /// Chores look for jobs in no place all the time, and nobody is to notice.
    bool sweeps = false;
    /// Who pauses goes on until all lists heed it; false: he died after his first call.
    bool walks = true;

    redis_connection& connection() noexcept { return redis_; }
    std::string const& prefix() const noexcept { return prefix_; }

private:
    work::scripts::set const& scripts() const noexcept { return scripts_; }

    // What the server would let expire, if its clock were the test's.
    void let_expire() override
    {
        std::erase_if(beats_, [this](auto const& beat) {
            if (beat.second > now_ms())
                return false;
            redis_.call("DEL", prefix_ + "status:" + beat.first);
            return true;
        });
        std::erase_if(historians_, [this](auto const& one) {
            if (one.second > now_ms())
                return false;
            redis_.call("DEL", prefix_ + "historian:" + one.first);
            return true;
        });
        std::erase_if(history_ends_, [this](auto const& one) {
            if (one.second > now_ms())
                return false;
            redis_.call("DEL", one.first);
            return true;
        });
    }
    // Each that is new expires at its end, by the server's clock.
    void note_history_keys()
    {
        auto const keys = redis_.call("KEYS", "work:\\{t\\}:hist:*");
        for (work::redis::value const v : keys.root()) {
            std::string const key(v.text());
            if (history_ends_.contains(key))
                continue;
            // `…:<step>:<period>`
            auto const colon = key.rfind(':');
            auto const step = std::find_if(
                work::history_steps.begin(),
                work::history_steps.end(),
                [&](work::history_step one) {
                    return std::string_view(key).substr(0, colon).ends_with(
                        ":" + std::string(work::to_text(one))
                    );
                }
            );
            std::int64_t const over =
                (std::stoll(key.substr(colon + 1)) + 1) * work::length_ms(*step) +
                work::kept_ms(*step);
            std::int64_t const left = redis_.call("PTTL", key).integer();
            if (std::abs(now_ms() + left - over) > 5'000)
                throw std::runtime_error(
                    key + " expires in " + std::to_string(left) + " ms, not in " +
                    std::to_string(over - now_ms())
                );
            history_ends_[key] = over;
        }
    }

    boost::json::value value_of(std::string const& name)
    {
        std::string const type(redis_.call("TYPE", name).text());
        if (type == "string")
            return boost::json::value(std::string(redis_.call("GET", name).text()));
        auto const all = type == "hash"   ? redis_.call("HGETALL", name)
                         : type == "set"  ? redis_.call("SMEMBERS", name)
                         : type == "zset" ? redis_.call("ZRANGE", name, 0, -1, "WITHSCORES")
                         : type == "list" ? redis_.call("LRANGE", name, 0, -1)
                                          : redis_.call("XRANGE", name, "-", "+");
        std::vector<std::string> texts;
        boost::json::array entries;
        for (work::redis::value const v : all.root()) {
            if (type != "stream") {
                texts.emplace_back(v.text());
                continue;
            }
            boost::json::object fields;
            for (std::size_t i = 0; i + 1 < v[1].size(); i += 2)
                fields[std::string(v[1][i].text())] = std::string(v[1][i + 1].text());
            entries.push_back(std::move(fields));
        }
        if (type == "stream")
            return entries;
        if (type == "set")
            std::sort(texts.begin(), texts.end());
        if (type == "set" || type == "list")
            return boost::json::array(texts.begin(), texts.end());
        std::map<std::string, std::string> sorted;
        for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
            sorted[texts[i]] = texts[i + 1];
        boost::json::object fields;
        for (auto const& [field, text] : sorted)
            if (type == "zset")
                fields[field] = std::stod(text);
            else
                fields[field] = text;
        return fields;
    }

    work::redis::reply run(work::redis::script_call& call)
    {
        let_expire();
        work::redis::command const clock("SET", prefix_ + "test:clock", us);
        std::string bytes(clock.bytes());
        bytes += call.evalsha();
        redis_.send(bytes);
        redis_.receive();
        work::redis::reply reply = redis_.receive();
        if (reply.is_error()) {
            if (reply.text().starts_with("STALE"))
                throw work::error(work::errc::protocol, std::string(reply.text()));
            throw std::runtime_error("script failed: " + std::string(reply.text()));
        }
        return reply;
    }
    work::redis_codec::active_jobs active_in(std::vector<std::string> const& claims)
    {
        work::redis_codec::active_jobs active;
        while (active.claims_seen < claims.size()) {
            work::redis::script_call call(scripts().active, prefix_);
            for (std::size_t i = active.claims_seen; i != claims.size(); ++i)
                call.arg(claims[i]);
            active.add(run(call));
        }
        return active;
    }

    std::shared_ptr<private_redis> server_;
    redis_connection redis_;
    std::string prefix_ = "work:{t}:";
    std::map<std::string, std::int64_t> historians_, history_ends_;  // until when they are kept
    std::map<std::string, std::int64_t> beats_;  // until when each pool's last one is shown
    work::scripts::set scripts_{work::scripts::simulated_surroundings};
};

}  // namespace work_test
