// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/durable.hpp>
#include <work/broker/policy.hpp>
#include <work/broker/redis/codec.hpp>
#include <work/broker/redis/policy.hpp>
#include <work/broker/redis/port.hpp>
#include <work/broker/redis/server_info.hpp>
#include <work/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace work::detail {

/// Stores batches over a connection of its own, and waits for replicas right behind them: WAIT
/// counts who has what its own connection wrote.
///
/// The kept answer of the batch is written anew before each WAIT, which also says whether the
/// server knows the batch: on a connection that was lost and made again nothing was written that
/// WAIT could wait for, and after a failover it may lead to a server that lacks the jobs.
class redis_durable
{
public:
    redis_durable(
        boost::asio::any_io_executor executor,
        redis::endpoint server,
        std::string prefix,
        redis_broker_options const& options,
        std::shared_ptr<broker_clock> hears,
        std::shared_ptr<redis::health> health
    )
        : prefix_(prefix),
          options_(options),
          clock_(hears),
          port_(
              std::move(executor),
              std::move(server),
              "durable",
              std::move(prefix),
              options,
              std::move(hears),
              std::move(health)
          )
    {}

    redis_port& port() noexcept { return port_; }
    /// Null: nobody has wanted that yet.
    redis_port const* used() const { return port_.link().commands > 0 ? &port_ : nullptr; }

    task<durable_answer> enqueue(enqueue_request request, std::optional<durability> how)
    {
        if (!policy_.known())
            co_await policy_.ask(port_.connection(), options_);
        if (how && how->aof)
            co_await check_file();
        auto const options = repeatable(options_.enqueue_deadline, options_.attempt_deadline);
        durable_answer answer;
        answer.stored = co_await store(request, options);
        clock_->heard(answer.stored.now_ms);
        if (how)
            answer.safety = co_await wait(request, *how, options);
        give_back(answer.stored, request.jobs);
        co_return answer;
    }

private:
    using clock = std::chrono::steady_clock;
    /// What an attempt came to.
    enum class came { told, lost, unknown_batch, refused };
    struct heard
    {
        came what = came::lost;
        work::safety safety{};
    };
    static constexpr std::chrono::seconds patience{2};
    static constexpr int keep_answer_ms = 600'000;

    task<enqueue_answer> store(enqueue_request const& request, redis::script_options options)
    {
        std::size_t bytes = 128;
        for (new_job const& job : request.jobs)
            bytes += job.envelope.size() + 2 * job.id.size() + 24;
        redis::script_call call(port_.scripts().enqueue, prefix_, bytes);
        redis_codec::encode(call, request);
        redis::reply const reply = co_await port_.run_making_room(call, options);
        co_return redis_codec::decode_enqueue(reply, request);
    }

    /// After `store`. Whatever comes of it, the jobs are stored.
    task<safety> wait(enqueue_request const& request, durability how, redis::script_options options)
    {
        auto const until = clock::now() + how.at_most;
        for (;;) {
            heard said = co_await ask(request, how, until);
            safety& out = said.safety;
            out.enough = said.what == came::told && out.replicas >= how.replicas &&
                         (!how.aof || out.on_disk);
            if (said.what == came::told || said.what == came::refused || clock::now() >= until)
                co_return std::move(out);
            if (said.what == came::unknown_batch) {
                out.trouble = co_await store_again(request, options);
                if (!out.trouble.empty())
                    co_return std::move(out);
            } else {
                co_await pause();
            }
        }
    }

    /// Errors: errc::invalid_option, where the server can't say what its file has.
    task<void> check_file()
    {
        if (file_checked_)
            co_return;
        redis::command probe("WAITAOF", 0, 0, 1);
        redis::reply const told = co_await port_.connection().execute(std::move(probe));
        broker_info about;
        co_await redis_server_info::ask(port_.connection(), about, false);
        std::string const place = about.server.kind + " " + about.server.version + " at " +
                                  redis::describe(port_.connection().server());
        if (told.is_error() && redis::error_word(told.text()) == "ERR")
            throw error(
                errc::invalid_option,
                "durability::aof asks for what " + place +
                    " can't say: WAITAOF came with Redis 7.2; nothing was stored: leave it away, "
                    "or wait for replicas"
            );
        throw_if_error(told, "say what its append-only file has (WAITAOF)");
        if (about.unseen.empty() && about.server.persistence.find("aof") == std::string::npos)
            throw error(
                errc::invalid_option,
                "durability::aof asks for the append-only file of " + place +
                    ", which has none; nothing was stored: set appendonly yes there, or leave it "
                    "away"
            );
        file_checked_ = true;
    }

    task<heard> ask(enqueue_request const& request, durability how, clock::time_point until)
    {
        heard out;
        auto const left = std::max(
            std::chrono::milliseconds(1),
            std::chrono::ceil<std::chrono::milliseconds>(until - clock::now())
        );
        std::string const key = prefix_ + "producer:" + std::string(request.producer) + ":" +
                                std::to_string(request.number % policy::stored_batches);
        redis::command some("GETEX", key, "PX", keep_answer_ms);
        if (how.aof)
            some.push("WAITAOF", 1, how.replicas, left.count());
        else
            some.push("WAIT", how.replicas, left.count());
        redis::call_options options;
        options.deadline = left + patience;
        std::vector<redis::reply> replies;
        try {
            replies = co_await port_.connection().execute_all(std::move(some), options);
        } catch (error const& failure) {
            if (failure.code() == boost::asio::error::operation_aborted)
                throw;
            bool const over = failure.code() == errc::closed || failure.code() == errc::forked;
            out.what = over ? came::refused : came::lost;
            out.safety.trouble = failure.what();
            co_return out;
        }
        read(out, replies, request.number, how);
        co_return out;
    }

    static void read(
        heard& out,
        std::vector<redis::reply> const& replies,
        std::int64_t number,
        durability how
    )
    {
        redis::reply const& batch = replies.at(0);
        redis::reply const& told = replies.at(1);
        if (batch.is_error() || told.is_error()) {
            out.what = came::refused;
            out.safety.trouble = (batch.is_error() ? batch : told).text().substr(0, 256);
        } else if (!batch.text().starts_with(std::to_string(number) + " ")) {
            out.what = came::unknown_batch;
            out.safety.trouble = "another server answered, which lacked the jobs";
        } else {
            out.what = came::told;
            out.safety.on_disk = how.aof && told[0].integer() > 0;
            out.safety.replicas =
                static_cast<int>(how.aof ? told[1].integer() : told.root().integer());
        }
    }

    // "": they are.
    task<std::string> store_again(enqueue_request const& request, redis::script_options options)
    {
        try {
            (void)co_await store(request, options);
        } catch (error const& failure) {
            if (failure.code() == boost::asio::error::operation_aborted)
                throw;
            co_return std::string("another server answered, which lacked the jobs, and they could "
                                  "not be stored there: "
            ) + failure.what();
        }
        co_return std::string();
    }

    task<void> pause()
    {
        boost::asio::steady_timer timer(port_.connection().get_executor());
        timer.expires_after(std::chrono::milliseconds(50));
        co_await timer.async_wait(boost::asio::use_awaitable);
    }

    std::string prefix_;
    redis_broker_options const& options_;
    std::shared_ptr<broker_clock> clock_;
    redis_port port_;
    redis_policy policy_;
    bool file_checked_ = false;
};

}  // namespace work::detail
