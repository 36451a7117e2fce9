// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/work.hpp>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fleet.hpp"
#include "journal.hpp"
#include "premise.hpp"
#include "support/pause.hpp"
#include "support/redis_server.hpp"
#include "support/run_task.hpp"

namespace promises {

/// Many more jobs, kills and minutes than fit into a run of all tests.
inline bool long_run()
{
    char const* const set = std::getenv("WORK_LONG");
    return set && *set && *set != '0';
}

/// A private server, a client of it in this process, and a journal.
struct scene
{
    explicit scene(std::vector<std::string> server_arguments = {})
        : server(std::move(server_arguments)),
          client(io, server.url(), quiet_options()),
          enqueuer(client),
          inspector(client),
          journal_path(server.directory() + "/journal")
    {}

    static work::client_options quiet_options()
    {
        work::client_options o;
        o.ns = "t";
        o.enqueue_deadline = 20s;
        o.logger = [](work::log_level, std::string_view) {};
        return o;
    }

    /// For `fleet`.
    std::map<std::string, std::string> worker_options() const
    {
        return {{"url", server.url()}, {"ns", "t"}, {"journal", journal_path}};
    }

    template <typename T>
    T get(work::task<T> task, std::chrono::milliseconds patience = 60s)
    {
        return work::testing::run_task(io, std::move(task), patience);
    }

    /// Stores jobs `name(index, us)` for indexes from..to-1.
    void enqueue(std::string name, std::int64_t from, std::int64_t to, std::int64_t us)
    {
        get(enqueue_all(std::move(name), from, to, us), 120s);
    }
    work::task<void> enqueue_all(
        std::string name,
        std::int64_t from,
        std::int64_t to,
        std::int64_t us
    )
    {
        std::int64_t left = to - from;
        std::exception_ptr failure;
        for (std::int64_t i = from; i != to; ++i) {
            boost::asio::co_spawn(
                io,
                enqueuer.enqueue(name, i, us),
                [&](std::exception_ptr e, work::job_handle) {
                    --left;
                    failure = e ? e : failure;
                }
            );
        }
        boost::asio::steady_timer pause(io);
        while (left > 0) {
            pause.expires_after(1ms);
            co_await pause.async_wait(boost::asio::use_awaitable);
        }
        if (failure)
            std::rethrow_exception(failure);
    }

    work::broker_counts counts() { return get(inspector.counts()); }
    /// What pools counted: they say so once a second, and as they leave.
    std::int64_t processed(std::int64_t wanted)
    {
        std::int64_t sum = 0;
        work::testing::soon([&] { return (sum = counts().processed) == wanted; }, 20s);
        return sum;
    }
    /// Everything that is still to be done.
    static std::int64_t outstanding(work::broker_counts const& c)
    {
        return c.waiting + c.pending + c.active + c.suspect + c.scheduled + c.retry;
    }
    /// Waits until nothing is left to be done, calling `meanwhile` again and again.
    bool drained(std::chrono::milliseconds patience, std::function<void()> const& meanwhile = [] {})
    {
        auto const until = std::chrono::steady_clock::now() + patience;
        work::broker_counts c;
        std::string last_look;
        while (std::chrono::steady_clock::now() < until) {
            try {
                c = counts();
                if (outstanding(c) == 0)
                    return true;
            } catch (work::error const& e) {  // the server stood still for long: it goes on
                last_look = e.what();
            }
            meanwhile();
            std::this_thread::sleep_for(20ms);
        }
        ADD_FAILURE() << "not drained: pending " << c.pending << ", active " << c.active
                      << ", suspect " << c.suspect << ", scheduled " << c.scheduled << ", retry "
                      << c.retry << ", dead " << c.dead << "; " << last_look
                      << workers_last_words();
        return false;
    }

    /// The end of what each worker process logged, for the text of a failure.
    std::string workers_last_words() const
    {
        std::string words;
        for (auto const& entry : std::filesystem::directory_iterator(server.directory())) {
            std::string const name = entry.path().filename();
            if (!name.starts_with("worker."))
                continue;
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            std::string const all = text.str();
            words += "\n" + name + ": " +
                     all.substr(all.size() - std::min<std::size_t>(600, all.size()));
        }
        return words;
    }

    /// Keys of the namespace, without its prefix.
    std::set<std::string> keys() const
    {
        std::string const prefix = "work:{t}:";
        std::string const reply = server.ask("KEYS *");
        std::set<std::string> all;
        for (auto at = reply.find(prefix); at != std::string::npos; at = reply.find(prefix, at + 1))
            all.insert(reply.substr(at + prefix.size(), reply.find('\r', at) - at - prefix.size()));
        return all;
    }
    /// Keys that exist only while there are jobs. The last reports may be on their way, or a lease
    /// has to lapse: ask while there are pools, as nobody else reaps what they leave where the
    /// machine stood still.
    std::set<std::string> orphans() const
    {
        std::set<std::string> found;
        work::testing::soon([&] { return (found = job_keys()).empty(); }, 20s);
        return found;
    }
    std::set<std::string> job_keys() const
    {
        std::set<std::string> found;
        for (std::string const& key : keys()) {
            for (char const* kind : {"jobs:", "list:",     "prio:",    "leases",  "claim:",
                                     "left:", "progress:", "started:", "group:",  "fallen",
                                     "retry", "scheduled", "suspects", "ready",   "failures:",
                                     "side:", "set_aside", "dead",     "orders:", "aside:"}) {
                if (key.starts_with(kind))
                    found.insert(key);
            }
        }
        return found;
    }
    std::vector<entry> journal_entries() const
    {
        return std::filesystem::exists(journal_path) ? read_journal(journal_path)
                                                     : std::vector<entry>();
    }

    /// For a look at what went on: WORK_KEEP=<directory> keeps the journal and the logs.
    ~scene()
    {
        char const* const to = std::getenv("WORK_KEEP");
        std::error_code ignored;
        if (to)
            std::filesystem::copy(
                server.directory(),
                to,
                std::filesystem::copy_options::recursive |
                    std::filesystem::copy_options::overwrite_existing,
                ignored
            );
    }
    scene(scene const&) = delete;
    scene& operator=(scene const&) = delete;

    work::testing::redis_server server;
    boost::asio::io_context io;
    work::client client;
    work::enqueuer enqueuer;
    work::inspector inspector;
    std::string journal_path;
};

/// What the executions of a run came to.
struct tally
{
    std::int64_t done = 0;   ///< jobs that ended at least once
    std::int64_t lost = 0;   ///< jobs that never ended
    std::int64_t again = 0;  ///< executions beyond the first of a job
    std::int64_t unexplained =
        0;  ///< of them: the one before was not cut off by the end of its process
    std::int64_t twice_done = 0;  ///< jobs that ended more than once
    std::int64_t same_fence = 0;
    std::int64_t slowest_ms = 0;  ///< from the end of a process to the next start of its job
    std::string example;
};

/// Each execution beyond the first must follow the end of the process that ran the one before, in
/// which case the word of its end may have been lost with it.
inline tally count(
    executions const& all,
    std::int64_t jobs,
    std::map<::pid_t, std::int64_t> const& ended_at_us,
    std::int64_t lease_ms
)
{
    tally t;
    for (std::int64_t index = 0; index != jobs; ++index) {
        auto const found = all.find(index);
        int ends = 0;
        if (found != all.end()) {
            auto const& runs = found->second;
            for (std::size_t i = 0; i != runs.size(); ++i) {
                ends += runs[i].ended && !runs[i].interrupted;
                if (i == 0)
                    continue;
                ++t.again;
                auto const gone = ended_at_us.find(runs[i - 1].start.pid);
                bool const after = gone != ended_at_us.end() &&
                                   gone->second <= runs[i].start.at_us &&
                                   runs[i - 1].start.at_us <= gone->second + 1000;
                bool const fresh = after && (!runs[i - 1].ended ||
                                             gone->second - runs[i - 1].end_us <= lease_ms * 1000);
                if (!fresh) {
                    ++t.unexplained;
                    t.example = "job " + std::to_string(index) + " (" + runs[i].start.id +
                                ") pid " + std::to_string(runs[i - 1].start.pid) + " then " +
                                std::to_string(runs[i].start.pid);
                }
                t.same_fence += runs[i].start.fence <= runs[i - 1].start.fence;
                if (after)
                    t.slowest_ms =
                        std::max(t.slowest_ms, (runs[i].start.at_us - gone->second) / 1000);
            }
        }
        t.done += ends > 0;
        t.lost += ends == 0;
        t.twice_done += ends > 1;
    }
    return t;
}

}  // namespace promises
