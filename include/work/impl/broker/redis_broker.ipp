// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/broker/redis_bodies.hpp>
#include <work/broker/redis_broker.hpp>
#include <work/broker/redis_codec.hpp>
#include <work/broker/scripts/all.hpp>
#include <work/error.hpp>
#include <work/redis/error_table.hpp>
#include <work/redis/health.hpp>
#include <work/redis/lane.hpp>
#include <work/redis/script_runner.hpp>
#include <work/redis/subscriber.hpp>
#include <work/values/name.hpp>

#include <work/impl/broker/redis_admin.hpp>
#include <work/impl/broker/redis_check.hpp>
#include <work/impl/broker/redis_policy.hpp>
#include <work/impl/broker/redis_port.hpp>
#include <work/impl/broker/redis_strays.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace work {
namespace detail {

class redis_broker final : public broker
{
public:
    redis_broker(
        boost::asio::any_io_executor executor,
        redis::config server,
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
          admin_(prefix_, commands_, large_, clock_)
    {
        for (redis_port* const port : {&commands_, &large_})
            port->when_full([this] { return admin_.make_room(); });
    }

    task<enqueue_answer> enqueue(enqueue_request request) override
    {
        if (!policy_.known())
            co_await policy_.ask(commands_.lane(), options_);
        std::size_t bytes = 0;
        for (new_job const& job : request.jobs)
            bytes += job.envelope.size() + 2 * job.id.size() + 24;
        redis_port& port = bytes > large_bytes ? large_ : commands_;
        redis::script_call call(port.scripts().enqueue, prefix_, bytes + 128);
        redis_codec::encode(call, request);
        auto const options = repeatable(options_.enqueue_deadline, options_.attempt_deadline);
        redis::reply const reply = co_await port.run_making_room(call, options);
        enqueue_answer answer = redis_codec::decode_enqueue(reply, request);
        clock_->heard(answer.now_ms);
        co_return answer;
    }

    task<exchange_answer> exchange(exchange_request request) override
    {
        exchange_answer answer = co_await commands_.exchange(std::move(request));
        std::vector<std::size_t> large = redis_codec::jobs_without_body(answer);
        if (!large.empty())
            co_await redis_codec::attach_bodies(large_.lane(), prefix_, answer, large);
        co_return answer;
    }

    task<wait_answer> wait(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds at_most,
        exchange_request standing
    ) override
    {
        std::uint64_t const wakes = wakes_;
        if (!standing_loaded_)
            co_await load_standing();
        // Of none that is left the script tells whether jobs wait whose hint was lost.
        bool const leaves_claim = standing.want > 0 && standing_loaded_;
        if (leaves_claim)
            at_most = std::min(at_most, claim_stands);
        // Never a timeout below 50 ms: Redis takes a very small one for none.
        auto const timeout = std::max<std::int64_t>(at_most.count(), 50);
        redis::command some = pop_hint(pool, lists, timeout);
        if (wakes != wakes_) {
            wait_answer woken;
            woken.hinted = true;
            co_return woken;
        }
        if (standing_loaded_) {
            // What is sent behind a BLPOP is carried out by the server the moment that it ends.
            redis::script_call call(commands_.scripts().standing_claim, prefix_, 256);
            redis_codec::encode(call, standing);
            some.push_encoded(call.evalsha());
        }
        redis::call_options options;
        options.deadline = std::chrono::milliseconds(timeout) + options_.attempt_deadline;
        // A lane for each pool: a BLPOP blocks all that come behind it.
        std::shared_ptr<waiting_lane>& own = waiting_[pool];
        if (!own)
            own = make_waiting_lane();
        std::shared_ptr<waiting_lane> const lane = own;
        std::vector<redis::reply> replies;
        wait_answer answer;
        bool sent = false;
        try {
            if (leaves_claim && clock::now() - lane->answered > answers_lately) {
                redis::command const sign_of_life("PING");
                redis::call_options soon;
                soon.deadline = options_.attempt_deadline;
                co_await lane->lane.execute_ref(sign_of_life, soon);
            }
            sent = true;
            replies = co_await lane->lane.execute_all(std::move(some), options);
            lane->answered = clock::now();
        } catch (error const& failure) {
            // Without the server's word that nothing came, what was left may have been carried out.
            if (failure.code() != errc::closed || closed_) {
                if (sent || !leaves_claim)
                    throw;
                answer.failed = true;
                co_return answer;
            }
            answer.hinted = true;  // it may have taken a hint
            answer.unsure = leaves_claim && sent;
        }
        if (replies.empty())
            co_return answer;
        redis::reply const& hint = replies.front();
        bool const misused = hint.is_error() && hint.text().starts_with("WRONGTYPE");
        answer.hinted = !hint.is_null();
        if (replies.size() > 1)
            take_standing(answer, std::move(replies[1]), standing);
        if (answer.claimed) {
            std::vector<std::size_t> large = redis_codec::jobs_without_body(*answer.claimed);
            if (!large.empty())
                co_await redis_codec::attach_bodies(large_.lane(), prefix_, *answer.claimed, large);
        }
        // A hint to the pool itself is about more than one job.
        if (answer.claimed && hint.is_aggregate() && hint[0].text() != prefix_ + "wake:" + pool)
            answer.hinted = false;
        if (misused)
            co_await heal_hints(std::move(lists), std::move(pool));
        else if (!answer.claimed)
            throw_if_error(hint, "wait");
        co_return answer;
    }

    void wake() override
    {
        ++wakes_;
        for (auto const& [pool, lane] : std::exchange(waiting_, {}))
            lane->lane.close();
    }

    task<exchange_answer> peek(std::string pool, bool also_due) override
    {
        redis::command look("ZRANGE", prefix_ + "leases", 0, 0, "WITHSCORES");
        look.push("ZINTERCARD", 2, prefix_ + "ready", prefix_ + "serves:" + pool, "LIMIT", 1);
        if (also_due) {
            look.push("ZRANGE", prefix_ + "scheduled", 0, 0, "WITHSCORES");
            look.push("ZRANGE", prefix_ + "retry", 0, 0, "WITHSCORES");
        }
        redis::call_options options;
        options.deadline = options_.attempt_deadline;
        std::vector<redis::reply> const r =
            co_await commands_.lane().execute_all(std::move(look), options);
        exchange_answer a;
        a.now_ms = now_ms();
        a.next_lapse_ms = first_score(r[0]);
        a.more = !r[1].is_error() && r[1].integer() > 0;
        if (!also_due)
            co_return a;
        std::int64_t const scheduled = first_score(r[2]);
        std::int64_t const retry = first_score(r[3]);
        a.next_due_ms = scheduled == 0 || (retry != 0 && retry < scheduled) ? retry : scheduled;
        co_return a;
    }

    task<void> leave(
        std::string pool,
        std::vector<std::string> lists,
        std::chrono::milliseconds deadline
    ) override
    {
        waiting_.erase(pool);
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

    task<std::vector<move_code>> cancel(std::vector<std::string> ids) override
    {
        return admin_.move(commands_.scripts().cancel, std::move(ids));
    }
    task<std::vector<move_code>> requeue(std::vector<std::string> ids) override
    {
        return admin_.move(commands_.scripts().requeue, std::move(ids));
    }
    task<std::vector<std::string>> strays() override
    {
        return redis_strays::find(prefix_, commands_, admin_);
    }
    task<std::vector<move_code>> take_back(std::vector<std::string> ids) override
    {
        return redis_strays::take_back(commands_, admin_, std::move(ids));
    }
    task<move_code> restore(std::string id, std::string envelope) override
    {
        return admin_.restore(std::move(id), std::move(envelope));
    }
    task<job_record> job(std::string id) override { return admin_.job(std::move(id)); }
    task<broker_counts> counts() override { return admin_.counts(); }

    task<std::vector<pool_status>> pools() override
    {
        redis::command members("SMEMBERS", prefix_ + "pools");
        redis::reply const ids = co_await commands_.execute(std::move(members));
        std::vector<pool_status> pools;
        if (ids.empty())
            co_return pools;
        redis::command get;
        get.begin(ids.size() + 1).arg("MGET");
        for (redis::value const id : ids)
            get.arg(prefix_ + "status:" + std::string(id.text()));
        redis::reply const status = co_await commands_.execute(std::move(get));
        for (std::size_t i = 0; i != ids.size(); ++i) {
            if (!status[i].is_null())
                pools.push_back(
                    pool_status{std::string(ids[i].text()), std::string(status[i].text())}
                );
        }
        co_return pools;
    }

    task<void> publish(std::string channel, std::string text) override
    {
        redis::command one("PUBLISH", prefix_ + "events:" + channel, text);
        co_await commands_.execute(std::move(one));
    }

    task<void> subscribe(std::string channel, std::function<void(std::string_view)> receive)
        override
    {
        redis::subscriber_options how;
        how.make_transport = options_.make_transport;
        auto const listener =
            std::make_shared<redis::subscriber>(executor_, named("events"), std::move(how));
        subscribers_.push_back(listener);
        std::vector<std::string> channels(1, prefix_ + "events:" + channel);
        redis::subscriber::message_handler handler =
            [receive = std::move(receive)](std::string_view, std::string_view text) {
                receive(text);
            };
        co_await listener->run(std::move(channels), std::move(handler));
    }

    void end_subscriptions() override
    {
        for (auto const& weak : std::exchange(subscribers_, {})) {
            if (auto const listener = weak.lock())
                listener->close();
        }
    }

    std::unique_ptr<lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) override
    {
        redis_broker_options options = options_;
        options.reconnect.most = std::min(options.reconnect.most, lease / 4);
        return std::make_unique<redis_port>(
            std::move(executor),
            named("keeper"),
            "keeper",
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

    std::int64_t now_ms() const noexcept override { return clock_->now_ms(); }

    task<std::int64_t> ask_now_ms() override
    {
        redis::command one("TIME");
        redis::reply const reply = co_await commands_.execute(std::move(one));
        clock_->heard(reply[0].integer() * 1000 + reply[1].integer() / 1000);
        co_return clock_->now_ms();
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
        wake();
        commands_.close();
        large_.close();
    }

private:
    static constexpr std::size_t large_bytes = 64 << 10;
    static constexpr std::chrono::seconds read_deadline{10};

    redis::config named(std::string_view what) const
    {
        redis::config c = server_;
        if (c.client_name.empty())
            c.client_name = "work";
        c.client_name += ":" + std::string(what);
        return c;
    }

    using clock = std::chrono::steady_clock;
    // How long a claim stands, on a connection whose last answer is no older than the other.
    static constexpr std::chrono::milliseconds claim_stands{4'000};
    static constexpr std::chrono::milliseconds answers_lately{250};

    struct waiting_lane
    {
        redis::lane lane;
        clock::time_point answered{};
    };
    std::shared_ptr<waiting_lane> make_waiting_lane()
    {
        return std::shared_ptr<waiting_lane>(new waiting_lane{
            redis::lane(executor_, named("wait"), lane_for("wait", options_, health_))
        });
    }

    redis::command pop_hint(
        std::string const& pool,
        std::vector<std::string> const& lists,
        std::int64_t timeout_ms
    ) const
    {
        redis::command pop;
        pop.begin(lists.size() + 3).arg("BLPOP");
        for (std::string const& list : lists)
            pop.arg(prefix_ + "wake:" + list);
        pop.arg(prefix_ + "wake:" + pool);
        std::string const thousandths = std::to_string(1000 + timeout_ms % 1000).substr(1);
        pop.arg(std::to_string(timeout_ms / 1000) + "." + thousandths);
        return pop;
    }

    // What it brought; a number or null: nothing, and whether jobs wait.
    void take_standing(wait_answer& answer, redis::reply reply, exchange_request const& standing)
    {
        if (reply.is_error()) {
            auto const act = redis::classify(reply.text());
            if (act == redis::action::load_script)
                standing_loaded_ = false;
            answer.unsure = standing.want > 0 && act == redis::action::surface;
        } else if (!reply.is_aggregate()) {
            answer.hinted = answer.hinted || !reply.is_null();
        } else {
            exchange_answer claimed = redis_codec::decode_exchange(std::move(reply), standing);
            // It lay unread while this process or its thread stood still: is it still ours?
            std::int64_t const now = clock_->now_ms();
            answer.unsure = now != 0 && now - claimed.now_ms > standing.lease_ms / 3;
            if (answer.unsure)
                return;
            clock_->heard(claimed.now_ms);
            answer.claimed = std::move(claimed);
        }
    }

    // For a pool of no name it changes nothing. Without it a pool waits for hints alone.
    task<void> load_standing()
    {
        std::vector<std::string> const nobody(1);
        try {
            co_await commands_.run(commands_.scripts().standing_claim, nobody, read_deadline);
            standing_loaded_ = true;
        } catch (error const& failure) {
            if (failure.code() == errc::closed || failure.code() == errc::unavailable)
                throw;
        }
    }

    // Somebody wrote something else where our hints are.
    task<void> heal_hints(std::vector<std::string> lists, std::string pool)
    {
        lists.push_back(std::move(pool));
        for (std::string const& list : lists) {
            redis::command type("TYPE", prefix_ + "wake:" + list);
            redis::reply const reply = co_await commands_.execute(std::move(type));
            if (reply.text() == "list" || reply.text() == "none")
                continue;
            redis::command rename(
                "RENAME",
                prefix_ + "wake:" + list,
                prefix_ + "aside:wake:" + list
            );
            co_await commands_.execute(std::move(rename));
        }
    }

    boost::asio::any_io_executor executor_;
    redis::config server_;
    redis_broker_options options_;
    std::string prefix_;
    std::shared_ptr<broker_clock> clock_;
    std::shared_ptr<redis::health> health_;
    redis_port commands_;
    redis_port large_;
    redis_admin admin_;
    std::map<std::string, std::shared_ptr<waiting_lane>> waiting_;  // by pool
    std::vector<std::weak_ptr<redis::subscriber>> subscribers_;
    redis_policy policy_;
    bool standing_loaded_ = false;
    std::uint64_t wakes_ = 0;
    bool closed_ = false;
};

}  // namespace detail

WORK_DECL std::shared_ptr<broker> make_redis_broker(
    boost::asio::any_io_executor executor,
    redis::config server,
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
