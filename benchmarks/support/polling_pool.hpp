// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

#include <work/redis/connection.hpp>
#include <work/task.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/arguments.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bench {

enum class bookkeeping {
    none,      ///< LPOP, and nothing else: what a crash interrupts is lost
    goworker,  ///< as goworker: counters and worker status, six commands more that nobody reads
               ///< and one counter; what a crash interrupts is lost
    reliable,  ///< LMOVE to a list in progress, heartbeat, reaper; counters ride on the heartbeat
};

struct polling_options
{
    std::string ns = "polling";
    bookkeeping books = bookkeeping::none;
    long workers = 25;
    long queues = 1;
    long connections = 1;
    std::chrono::milliseconds interval{5'000};
    std::chrono::milliseconds lease{15'000};
};

/// Workers that poll, as goworker's and Resque's do, over the connections of the library.
///
/// Each worker asks its queues in turn, beginning with the one that had a job last, and sleeps an
/// interval when all are empty. Workers share pipelined connections, so a hundred of them cost
/// Redis hardly more writes than one; the word about a finished job travels with the request for
/// the next. Sleeps begin staggered, so that a lone job waits for 1/workers of the interval and not
/// for all of it.
///
/// `reliable`: a job is moved to the list in progress of its worker and queue, which holds one job
/// at a time, so that LPOP is its completion. The process shows one sign of life for all its
/// workers; each process looks every third of a lease for others that show none, and puts their
/// jobs back.
class polling_pool
{
public:
    using clock = std::chrono::steady_clock;
    using handler = std::function<work::task<void>(boost::json::value const& arguments)>;

    polling_pool(boost::asio::io_context& io, work::redis::endpoint server, polling_options options)
        : io_(io),
          options_(std::move(options)),
          books_timer_(io)
    {
        id_ = "host:" + std::to_string(::getpid());
        for (long i = 0; i < options_.connections; ++i)
            connections_.emplace_back(io.get_executor(), server);
        for (long i = 0; i < options_.queues; ++i)
            queues_.push_back(queue_key(options_.ns, i));
        for (long i = 0; i < options_.workers; ++i)
            workers_.emplace_back(io).number = i;
    }

    static std::string queue_key(std::string const& ns, long i)
    {
        return ns + ":queue:" + std::to_string(i);
    }
    static std::string taken_key(
        std::string const& ns,
        std::string const& process,
        long worker,
        long queue
    )
    {
        return ns + ":taken:" + process + ':' + std::to_string(worker) + ':' +
               std::to_string(queue);
    }

    clock::time_point first_fetch{};
    clock::time_point last_word{};
    long done = 0;      ///< completions acknowledged
    long returned = 0;  ///< jobs of dead processes put back
    /// Called when a completion was acknowledged.
    std::function<void(long)> on_done = [](long) {};

    void handle(std::string name, handler h) { handlers_[std::move(name)] = std::move(h); }

    void start()
    {
        for (auto& w : workers_)
            boost::asio::co_spawn(io_, run(w), work::rethrow);
        if (options_.books == bookkeeping::reliable)
            boost::asio::co_spawn(io_, keep_books(), work::rethrow);
    }
    /// Workers end when they next find their queues empty.
    void stop()
    {
        stopping_ = true;
        books_timer_.cancel();
        for (auto& w : workers_)
            w.timer.cancel();
    }

private:
    struct worker
    {
        explicit worker(boost::asio::io_context& io) : timer(io) {}
        boost::asio::steady_timer timer;
        long number = 0;
    };

    work::task<void> run(worker& w)
    {
        work::redis::connection& connection =
            connections_[static_cast<std::size_t>(w.number % options_.connections)];
        std::string const name = id_ + '-' + std::to_string(w.number);
        std::vector<std::string> taken;
        for (long i = 0; i < options_.queues; ++i)
            taken.push_back(taken_key(options_.ns, id_, w.number, i));
        auto queue = static_cast<std::size_t>(w.number % options_.queues);
        std::size_t empty = 0;
        long slept = 0;
        bool finished = false;  // a job was done, and Redis has not been told
        work::redis::command words;
        while (true) {
            if (first_fetch == clock::time_point())
                first_fetch = clock::now();
            words.clear();
            if (finished)
                say_done(words, name, taken[queue]);
            say_fetch(words, queues_[queue], taken[queue]);
            std::vector<work::redis::reply> replies = co_await connection.execute_all(words);
            for (auto const& r : replies)
                check(r);
            if (std::exchange(finished, false)) {
                last_word = clock::now();
                on_done(++done);
            }
            if (!replies.back().is_null()) {
                empty = 0;
                if (options_.books == bookkeeping::goworker)
                    tell_start(connection, name, queues_[queue], replies.back().text());
                boost::json::value const& job = parser_.parse(replies.back().text());
                boost::json::object const& fields = job.as_object();
                auto const found = handlers_.find(fields.at("class").as_string());
                if (found == handlers_.end())
                    throw std::runtime_error("a job of a class that nobody handles");
                co_await found->second(fields.at("args"));
                finished = true;
                continue;
            }
            queue = (queue + 1) % queues_.size();
            if (++empty < queues_.size())
                continue;
            if (stopping_)
                co_return;
            empty = 0;
            auto const length = slept++ > 0 ? options_.interval
                                            : options_.interval * (w.number + 1) / options_.workers;
            w.timer.expires_after(length);
            boost::system::error_code woken;
            co_await w.timer.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, woken)
            );
            if (stopping_)
                co_return;
        }
    }

    void say_fetch(work::redis::command& to, std::string const& queue, std::string const& taken)
        const
    {
        if (options_.books == bookkeeping::reliable)
            to.push("LMOVE", queue, taken, "LEFT", "RIGHT");
        else
            to.push("LPOP", queue);
    }
    void say_done(work::redis::command& to, std::string const& name, std::string const& taken) const
    {
        if (options_.books == bookkeeping::reliable) {
            to.push("LPOP", taken);
        } else if (options_.books == bookkeeping::goworker) {
            to.push("INCR", options_.ns + ":stat:processed");
            to.push("INCR", options_.ns + ":stat:processed:" + name);
            to.push("DEL", options_.ns + ":worker:" + name);
            to.push("DEL", options_.ns + ":worker:" + name + ":started");
        }
    }
    // Sent at once, its answers unread, as goworker's connections do it.
    void tell_start(
        work::redis::connection& connection,
        std::string const& name,
        std::string_view queue,
        std::string_view payload
    )
    {
        std::string status = "{\"queue\":\"";
        status += queue;
        status += "\",\"run_at\":\"2026-01-01T00:00:00Z\",\"payload\":";
        status += payload;
        status += '}';
        work::redis::command words;
        words.push("INCR", options_.ns + ":stat:processed:poller");
        words.push("SET", options_.ns + ":worker:" + name, status);
        words.push("SET", options_.ns + ":worker:" + name + ":started", "2026-01-01T00:00:00Z");
        boost::asio::co_spawn(io_, connection.execute_all(std::move(words)), work::rethrow);
    }

    static void check(work::redis::reply const& r)
    {
        if (r.is_error())
            throw std::runtime_error("Redis refused a command: " + std::string(r.text()));
    }

    // Sign of life, counters, and a look for processes that died.
    work::task<void> keep_books()
    {
        work::redis::connection& connection = connections_.front();
        std::string const all = options_.ns + ":processes";
        long counted = 0;
        work::redis::command words;
        while (!stopping_) {
            words.clear();
            words.push("SET", options_.ns + ":alive:" + id_, "1", "PX", options_.lease.count());
            words.push("HSET", all, id_, options_.workers);
            words.push(
                "INCRBY",
                options_.ns + ":stat:processed",
                done - std::exchange(counted, done)
            );
            words.push("HGETALL", all);
            std::vector<work::redis::reply> const replies = co_await connection.execute_all(words);
            for (auto const& r : replies)
                check(r);
            std::map<std::string, long> others;
            auto const& processes = replies.back();
            for (auto at = processes.begin(); at != processes.end(); ++at) {
                std::string const other((*at).text());
                ++at;
                if (other != id_)
                    others[other] = static_cast<long>((*at).integer());
            }
            for (auto const& [other, workers] : others) {
                words.clear();
                words.push("EXISTS", options_.ns + ":alive:" + other);
                work::redis::reply const alive = co_await connection.execute_ref(words);
                if (alive.integer() == 0)
                    co_await reap(connection, other, workers);
            }
            books_timer_.expires_after(options_.lease / 3);
            boost::system::error_code woken;
            co_await books_timer_.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, woken)
            );
        }
        words.clear();
        words.push("HDEL", all, id_).push("DEL", options_.ns + ":alive:" + id_);
        co_await connection.execute_all(words);
    }

    work::task<void> reap(work::redis::connection& connection, std::string dead, long workers)
    {
        for (long w = 0; w < workers; ++w) {
            for (std::size_t q = 0; q < queues_.size(); ++q) {
                std::string const from = taken_key(options_.ns, dead, w, static_cast<long>(q));
                work::redis::command const back("LMOVE", from, queues_[q], "RIGHT", "LEFT");
                work::redis::reply job = co_await connection.execute_ref(back);
                for (; !job.is_null(); ++returned)
                    job = co_await connection.execute_ref(back);
            }
        }
        work::redis::command const forget("HDEL", options_.ns + ":processes", dead);
        co_await connection.execute_ref(forget);
    }

    boost::asio::io_context& io_;
    polling_options options_;
    boost::asio::steady_timer books_timer_;
    std::string id_;
    std::deque<work::redis::connection> connections_;
    std::deque<worker> workers_;
    std::vector<std::string> queues_;
    std::map<std::string, handler, std::less<>> handlers_;
    work::args_parser parser_;
    bool stopping_ = false;
};

}  // namespace bench
