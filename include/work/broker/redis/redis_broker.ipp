// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/redis/admin.hpp>
#include <work/broker/redis/batch_order.hpp>
#include <work/broker/redis/bodies.hpp>
#include <work/broker/redis/check.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/crons.hpp>
#include <work/broker/redis/durable.hpp>
#include <work/broker/redis/flows.hpp>
#include <work/broker/redis/history.hpp>
#include <work/broker/redis/ledger.hpp>
#include <work/broker/redis/look.hpp>
#include <work/broker/redis/policy.hpp>
#include <work/broker/redis/port.hpp>
#include <work/broker/redis/redis_broker.hpp>
#include <work/broker/redis/scripts/set.hpp>
#include <work/broker/redis/server_info.hpp>
#include <work/broker/redis/strays.hpp>
#include <work/broker/redis/subscriptions.hpp>
#include <work/broker/redis/waiter.hpp>
#include <work/broker/redis/workers.hpp>
#include <work/error.hpp>
#include <work/redis/connection.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/health.hpp>
#include <work/redis/script_runner.hpp>
#include <work/redis/subscriber.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace work {
namespace detail {

class redis_broker final : public broker
{
public:
    redis_broker(
        boost::asio::any_io_executor executor,
        redis::endpoint server,
        redis_broker_options options
    )
        : executor_(executor),
          server_(std::move(server)),
          options_(std::move(options)),
          prefix_("work:{" + encode_name(options_.ns) + "}:"),
          clock_(std::make_shared<broker_clock>()),
          health_(make_health(server_, options_.logger)),
          commands_(executor, named("commands"), "commands", prefix_, options_, clock_, health_),
          large_(executor, named("large"), "large", prefix_, options_, clock_, health_),
          batches_(executor),
          durable_(executor, named("durable"), prefix_, options_, clock_, health_),
          admin_(prefix_, commands_, large_, clock_),
          waiter_(executor, named("wait"), prefix_, options_, commands_, large_, clock_, health_)
    {
        for (redis_port* const port : {&commands_, &large_, &durable_.port()})
            port->when_full([this] { return admin_.make_room(); });
    }

    task<enqueue_answer> enqueue(enqueue_request request) override
    {
        if (!policy_.known())
            co_await policy_.ask(commands_.connection(), options_);
        std::size_t bytes = 0;
        for (new_job const& job : request.jobs)
            bytes += job.envelope.size() + 2 * job.id.size() + 24;
        bool const large = bytes > large_bytes;
        batch_order::pass pass(batches_);
        co_await pass.enter(large);
        redis_port& port = large ? large_ : commands_;
        redis::script_call call(port.scripts().enqueue, prefix_, bytes + 128);
        redis_codec::encode(call, request);
        auto const options = repeatable(options_.enqueue_deadline, options_.attempt_deadline);
        redis::reply const reply = co_await port.run_making_room(call, options);
        enqueue_answer answer = redis_codec::decode_enqueue(reply, request);
        clock_->heard(answer.now_ms);
        detail::give_back(answer, request.jobs);
        co_return answer;
    }

    task<durable_answer> enqueue_durably(enqueue_request batch, std::optional<durability> how)
        override
    {
        return durable_.enqueue(std::move(batch), how);
    }
    task<exchange_answer> exchange(exchange_request request) override
    {
        exchange_answer answer = co_await commands_.exchange(std::move(request));
        if (!answer.jobs.empty())
            co_await redis_codec::attach_missing(
                commands_.connection(),
                large_.connection(),
                prefix_,
                answer
            );
        co_return answer;
    }

    task<wait_answer> wait(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds at_most,
        exchange_request on_wake
    ) override
    {
        return waiter_.wait(std::move(pool), std::move(lists), at_most, std::move(on_wake));
    }

    void wake() override { waiter_.wake(); }
    task<void> wait_anew(std::string pool) override { return waiter_.wait_anew(std::move(pool)); }

    task<exchange_answer> peek(std::string pool, bool also_due) override
    {
        redis::command
            ready("ZINTERCARD", 2, prefix_ + "ready", prefix_ + "serves:" + pool, "LIMIT", 1);
        return look(std::move(ready), {}, also_due);
    }

    task<exchange_answer> peek_at(std::vector<std::string> served, bool also_due) override
    {
        redis::command ready;
        ready.begin(2 + 2 * served.size()).arg("SMISMEMBER").arg(prefix_ + "ready");
        for (std::string const& one : served)
            ready.arg(one).arg(one.starts_with('*') ? one.substr(1) : one);
        return look(std::move(ready), std::move(served), also_due);
    }

    task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) override
    {
        waiter_.forget(pool);
        return commands_.leave(std::move(pool), std::move(lists), deadline);
    }

    task<outstanding_jobs> outstanding(std::vector<std::string> served) override
    {
        std::string since = "0";
        for (;;) {
            std::vector<std::string> arguments(1, since);
            arguments.insert(arguments.end(), served.begin(), served.end());
            redis::reply const reply =
                co_await commands_.run(commands_.scripts().outstanding, arguments, read_deadline);
            outstanding_jobs left;
            left.pending = reply[0].integer();
            left.active = reply[1].integer();
            bool const counted = left.active >= 0;
            left.active = std::max<std::int64_t>(left.active, 0);
            if (counted || left.pending > 0)
                co_return left;
            // Many claims: they are looked through a few at a time, then what came since.
            std::vector<std::string> claims = texts(reply[3]);
            if (claims.empty())
                claims = co_await admin_.members("ZSCAN", "leases");
            constexpr std::size_t step = redis_admin::claims_at_once;
            for (std::size_t at = 0; at < claims.size() && left.active == 0; at += step) {
                auto const from = claims.begin() + static_cast<std::ptrdiff_t>(at);
                auto const count = std::min(step, claims.size() - at);
                std::vector<std::string> some(from, from + static_cast<std::ptrdiff_t>(count));
                redis_codec::active_jobs const active = co_await admin_.active_in(std::move(some));
                left.active = active.in(served);
            }
            if (left.active > 0)
                co_return left;
            since = reply[2].text();
        }
    }

    task<limit_code> change_limit(limit_change c) override { return admin_.change(std::move(c)); }
    task<bound_code> change_bound(bound_change c) override { return admin_.change(std::move(c)); }
    task<bounds_answer> bounds(std::string q) override { return admin_.bounds(std::move(q)); }
    task<limits_answer> limits(limit_query q) override { return admin_.limits(std::move(q)); }
    task<limit_leaks> look_for_leaks(bool mend) override { return admin_.look_for_leaks(mend); }
    task<admin_code> order(std::string pool, told_order what) override
    {
        return admin_.order(std::move(pool), what);
    }
    task<pause_result> pause(pause_request request) override
    {
        return admin_.pause(std::move(request));
    }
    task<std::vector<admin_result>> act(admin_request request) override
    {
        return admin_.act(std::move(request));
    }
    task<std::vector<std::string>> forget_lists(std::vector<std::string> lists) override
    {
        std::vector<std::string> stay = co_await admin_.forget(lists);
        co_await redis_history::forget(prefix_, commands_, std::move(lists));
        co_return stay;
    }
    task<std::vector<admin_result>> follow(std::vector<std::string> ids, std::string follower)
        override
    {
        return admin_.follow(std::move(ids), std::move(follower));
    }
    task<std::vector<std::string>> strays() override
    {
        return redis_strays::find(prefix_, commands_, admin_);
    }
    task<std::vector<admin_code>> take_back(std::vector<std::string> ids) override
    {
        return admin_.take_back(std::move(ids));
    }
    task<admin_result> edit(edit_request request) override
    {
        return admin_.edit(std::move(request));
    }
    task<admin_code> restore(std::string id, std::string envelope) override
    {
        return admin_.restore(std::move(id), std::move(envelope));
    }
    task<found_jobs> look(look_request request) override
    {
        return redis_look::run(prefix_, commands_, admin_, std::move(request));
    }
    task<job_record> job(std::string id) override { return admin_.job(std::move(id)); }
    task<std::vector<std::string>> logs(std::string id) override
    {
        return admin_.logs(std::move(id));
    }
    task<broker_counts> counts() override { return admin_.counts(); }
    task<std::vector<pause_info>> pauses() override { return admin_.pauses(); }

    task<std::vector<pool_status>> pools() override
    {
        return redis_workers::pools(prefix_, commands_);
    }
    task<worker_record> worker(std::string pool) override
    {
        return redis_workers::read(prefix_, commands_, std::move(pool));
    }
    task<void> keep_worker(worker_change change) override
    {
        return redis_workers::keep(prefix_, commands_, std::move(change));
    }
    task<void> forget_worker(std::string pool) override
    {
        redis::command one("DEL", prefix_ + "worker:" + pool);
        co_await commands_.execute(std::move(one));
    }
    task<std::vector<held_claim>> held(std::vector<held_request> claims) override
    {
        return redis_workers::held(prefix_, commands_, large_, std::move(claims));
    }

    task<bool> keep_operation(operation_change change) override
    {
        return redis_ledger::keep(prefix_, commands_, std::move(change));
    }
    task<std::vector<operation_note>> operations() override
    {
        return redis_ledger::operations(prefix_, commands_);
    }
    task<track_answer> track(track_request what) override
    {
        return redis_ledger::track(prefix_, commands_, std::move(what));
    }
    task<admin_code> stop_operation(std::string id) override
    {
        return redis_ledger::stop(prefix_, commands_, std::move(id));
    }
    task<void> write_audit(std::string line) override
    {
        return redis_ledger::write_audit(prefix_, commands_, std::move(line));
    }
    task<std::vector<std::string>> read_audit(audit_range range) override
    {
        return redis_ledger::read_audit(prefix_, commands_, range);
    }

    task<std::vector<job_state>> states(std::vector<std::string> ids) override
    {
        return admin_.states(std::move(ids));
    }
    task<detail::text_pairs> given(std::string id) override
    {
        return redis_flows::given(prefix_, large_, std::move(id));
    }
    task<flow_record> flow(std::string id) override
    {
        return redis_flows::one(prefix_, commands_, std::move(id));
    }
    task<flow_list> flows(std::int64_t from, int count) override
    {
        return redis_flows::some(prefix_, commands_, from, count);
    }
    task<std::vector<cron_record>> crons() override { return redis_crons::all(prefix_, commands_); }
    task<cron_details> cron(std::string name) override
    {
        return redis_crons::one(commands_, std::move(name));
    }
    task<due_crons> ask_due_crons(std::size_t most) override
    {
        return redis_crons::due(commands_, most);
    }
    task<cron_answer> change_cron(cron_change change) override
    {
        return redis_crons::change(prefix_, commands_, std::move(change));
    }
    task<cron_answer> fire_cron(cron_fire fire) override
    {
        return redis_crons::fire(prefix_, commands_, std::move(fire));
    }

    task<void> write_history(history_write what) override
    {
        return redis_history::write(prefix_, commands_, std::move(what), options_.attempt_deadline);
    }
    task<history_lists> histories() override { return redis_history::lists(prefix_, commands_); }
    task<std::vector<history_cell>> read_history(history_request request) override
    {
        return redis_history::read(prefix_, commands_, std::move(request));
    }

    task<void> publish(std::string channel, std::string text) override
    {
        redis::command one("PUBLISH", prefix_ + "events:" + channel, text);
        co_await commands_.execute(std::move(one));
    }
    task<void> subscribe(
        std::string channel,
        std::function<void(std::string_view)> receive,
        std::function<void()> listening
    ) override
    {
        if (closed_)
            throw error(errc::closed, "the client was closed before it listened to " + channel);
        redis::subscriber_options how;
        how.make_transport = options_.make_transport;
        how.on_subscribed = std::move(listening);
        auto listener =
            std::make_shared<redis::subscriber>(executor_, named("events"), std::move(how));
        std::string prefix = prefix_ + "events:";
        co_await subscribers_
            .run(std::move(listener), std::move(channel), std::move(prefix), std::move(receive));
    }
    void end_subscriptions() override { subscribers_.end({}); }
    void end_subscription(std::string_view channel) override { subscribers_.end(channel); }

    std::unique_ptr<lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) override
    {
        redis_broker_options options = options_;
        options.reconnect.most = std::min(options.reconnect.most, lease / 4);
        return std::make_unique<redis_port>(
            std::move(executor),
            named("heartbeat"),
            "heartbeat",
            prefix_,
            std::move(options),
            clock_,
            health_
        );
    }

    task<void> check() override
    {
        auto const link = options_.make_transport ? options_.make_transport(executor_)
                                                  : redis::make_socket_transport(executor_);
        redis_check question(named("check"), prefix_, options_.allow_eviction);
        co_await question.run(*link);
    }

    task<broker_info> info(bool clients) override
    {
        broker_info about;
        about.place = describe();
        co_await redis_server_info::ask_or_say(commands_.connection(), *health_, about, clients);
        if (about.now_ms != 0)
            clock_->heard(about.now_ms);
        else
            about.now_ms = time_ms(*this);
        describe_links(about, links());
        assess(about);
        co_return about;
    }
    std::vector<broker_link> links() const override
    {
        std::vector<broker_link> all;
        for (redis_port const* const port : {&commands_, &large_, durable_.used()})
            if (port)
                all.push_back(port->link());
        return all;
    }

    std::int64_t now_ms() const noexcept override { return clock_->now_ms(); }
    task<std::int64_t> ask_now_ms() override
    {
        redis::command one("TIME");
        redis::reply const reply = co_await commands_.execute(std::move(one));
        // As it was said: what came before the question is not later than the answer.
        std::int64_t const said = reply[0].integer() * 1000 + reply[1].integer() / 1000;
        clock_->heard(said);
        co_return said;
    }

    std::string trouble() const override { return health_->trouble(); }
    bool ailing() const override { return health_->ailing(); }

    std::string describe() const override
    {
        return redis::describe(server_) + " namespace " + options_.ns;
    }

    void close() override
    {
        closed_ = true;
        end_subscriptions();
        waiter_.close();
        commands_.close();
        large_.close();
        durable_.port().close();
    }

private:
    static constexpr std::size_t large_bytes = 64 << 10;
    static constexpr std::chrono::seconds read_deadline{10};

    // `ready` asks which of what is served holds jobs, all in one, or each by its two names.
    task<exchange_answer> look(redis::command look, std::vector<std::string> served, bool also_due)
    {
        look.push("ZRANGE", prefix_ + "leases", 0, 0, "WITHSCORES");
        if (also_due) {
            look.push("ZRANGE", prefix_ + "scheduled", 0, 0, "WITHSCORES");
            look.push("ZRANGE", prefix_ + "retry", 0, 0, "WITHSCORES");
        }
        redis::call_options options;
        options.deadline = options_.attempt_deadline;
        std::vector<redis::reply> const r =
            co_await commands_.connection().execute_all(std::move(look), options);
        exchange_answer a;
        a.now_ms = now_ms();
        a.next_lapse_ms = first_score(r[1]);
        if (served.empty())
            a.more = !r[0].is_error() && r[0].integer() > 0;
        for (std::size_t i = 0; i != served.size() && 2 * i + 1 < r[0].size(); ++i) {
            if (r[0][2 * i].integer() > 0 || r[0][2 * i + 1].integer() > 0)
                a.left.push_back(list_left{std::move(served[i]), 1});
        }
        a.more = a.more || !a.left.empty();
        if (!also_due)
            co_return a;
        std::int64_t const scheduled = first_score(r[2]);
        std::int64_t const retry = first_score(r[3]);
        a.next_due_ms = scheduled == 0 || (retry != 0 && retry < scheduled) ? retry : scheduled;
        co_return a;
    }

    redis::endpoint named(std::string_view what) const
    {
        redis::endpoint c = server_;
        if (c.client_name.empty())
            c.client_name = "work";
        c.client_name += ":" + std::string(what);
        return c;
    }

    boost::asio::any_io_executor executor_;
    redis::endpoint server_;
    redis_broker_options options_;
    std::string prefix_;
    std::shared_ptr<broker_clock> clock_;
    std::shared_ptr<redis::health> health_;
    redis_port commands_;
    redis_port large_;
    batch_order batches_;
    redis_durable durable_;
    redis_admin admin_;
    redis_waiter waiter_;
    redis_subscriptions subscribers_;
    redis_policy policy_;
    bool closed_ = false;
};

}  // namespace detail

WORK_DECL std::shared_ptr<broker> make_redis_broker(
    boost::asio::any_io_executor executor,
    redis::endpoint server,
    redis_broker_options options
)
{
    return std::make_shared<detail::redis_broker>(
        std::move(executor),
        std::move(server),
        std::move(options)
    );
}

}  // namespace work
