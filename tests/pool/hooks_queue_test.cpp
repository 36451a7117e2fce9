// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Hooks without a pool: what waits, what is dropped, what takes too long. And leases that are lost,
// as a broker in between has it.

#include <work/broker/forwarding_broker.hpp>
#include <work/broker/memory/memory_broker.hpp>
#include <work/pool/hooks.hpp>
#include <work/work.hpp>

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "pool/bench.hpp"

namespace pool_tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using work::event;
using work::event_info;

/// Hooks, their events, and one hook that waits as long as it is told to.
struct lone_hooks : testing::Test
{
    struct whole
    {
        whole(boost::asio::io_context& io, std::vector<std::string>& lines)
            : broker(io.get_executor(), work::shared_memory("")),
              log([&lines](work::log_level, std::string_view line) { lines.emplace_back(line); },
                  id),
              hooks(io.get_executor(), broker, log, id, name, 40ms)
        {}
        std::string const id = "p";
        std::string const name = "mail";
        work::memory_broker broker;
        work::detail::pool_log log;
        work::detail::hooks hooks;
    };

    lone_hooks()
    {
        hooks.belongs_to(all);
        hooks.on(event::dead, waits());
        hooks.on(event::retry, waits());
    }
    work::detail::erased_hook waits()
    {
        return [this](event_info const& e) -> work::task<void> {
            began.push_back(e.job);
            while (hold && e.job != "quick")
                co_await wait_for(1ms);
            ended.push_back(e.job);
        };
    }
    void add(event what, std::string id, std::size_t args = 0)
    {
        event_info e = hooks.make(what);
        e.job = std::move(id);
        e.args.assign(args, 'x');
        hooks.add(std::move(e));
    }
    template <typename Condition>
    bool until(Condition const& is_so)
    {
        io.restart();
        auto const end = std::chrono::steady_clock::now() + 20s;
        while (!is_so() && std::chrono::steady_clock::now() < end)
            io.run_one_for(50ms);
        return is_so();
    }
    bool run_out()
    {
        hold = false;
        return until([&] { return !hooks.busy(); });
    }
    std::ptrdiff_t logged(std::string_view text) const
    {
        return std::count_if(lines.begin(), lines.end(), [&](std::string const& line) {
            return line.find(text) != line.npos;
        });
    }

    boost::asio::io_context io{1};
    std::vector<std::string> lines;
    std::shared_ptr<whole> all = std::make_shared<whole>(io, lines);
    work::detail::hooks& hooks = all->hooks;
    bool hold = true;
    std::vector<std::string> began, ended;
};

TEST_F(lone_hooks, run_never_within_the_call_that_tells_them)
{
    hold = false;
    add(event::dead, "a");
    EXPECT_TRUE(began.empty());
    EXPECT_TRUE(hooks.busy());
    add(event::retry, "b");
    ASSERT_TRUE(run_out());
    EXPECT_THAT(ended, ElementsAre("a", "b"));
    add(event::dead, "c");
    ASSERT_TRUE(run_out());
    EXPECT_THAT(ended, ElementsAre("a", "b", "c"));
}

TEST_F(lone_hooks, without_a_hook_nothing_waits)
{
    EXPECT_TRUE(hooks.wants(event::dead));
    EXPECT_FALSE(hooks.wants(event::stalled));
    EXPECT_TRUE(hooks.wants_any({event::stalled, event::retry}));
    EXPECT_FALSE(hooks.wants_any({event::stalled, event::stopped}));
    add(event::stalled, "a");
    EXPECT_FALSE(hooks.busy());
}

TEST_F(lone_hooks, drop_what_comes_when_1024_wait_and_count_it)
{
    for (int i = 0; i != work::max_waiting_events; ++i)
        add(event::retry, "r" + std::to_string(i));
    EXPECT_EQ(hooks.dropped(), 0);
    add(event::retry, "late");
    EXPECT_EQ(hooks.dropped(), 1);
    EXPECT_EQ(
        logged("an event was dropped, since the hooks did not keep up: retry of job late"),
        1
    );
    add(event::retry, "later");
    EXPECT_EQ(hooks.dropped(), 2);
    EXPECT_EQ(logged("dropped"), 1) << "once a minute";
    ASSERT_TRUE(run_out());
    EXPECT_EQ(ended.size(), 1024u);
    EXPECT_EQ(ended.front(), "r0");
    EXPECT_EQ(ended.back(), "r1023");
}

TEST_F(lone_hooks, drop_others_for_dead_jobs_until_nothing_else_waits)
{
    add(event::dead, "first");
    for (int i = 1; i != work::max_waiting_events; ++i)
        add(event::retry, "r" + std::to_string(i));
    for (int i = 1; i != work::max_waiting_events; ++i)
        add(event::dead, "d" + std::to_string(i));
    EXPECT_EQ(hooks.dropped(), 1023);
    add(event::dead, "one too many");
    EXPECT_EQ(hooks.dropped(), 1024);
    ASSERT_TRUE(run_out());
    EXPECT_EQ(ended.size(), 1024u);
    EXPECT_EQ(ended.front(), "first");
    EXPECT_EQ(ended.back(), "d1023");
}

TEST_F(lone_hooks, hold_so_many_bytes_of_arguments_at_most)
{
    std::size_t const half = work::max_waiting_event_bytes / 2 + 1;
    add(event::dead, "a", 2 * half);
    EXPECT_EQ(hooks.dropped(), 0) << "one always fits";
    ASSERT_TRUE(run_out());
    add(event::dead, "b", half);
    add(event::dead, "c", half);
    EXPECT_EQ(hooks.dropped(), 1);
    ASSERT_TRUE(run_out());
    add(event::dead, "d", half);
    EXPECT_EQ(hooks.dropped(), 1) << "there is room again";
    ASSERT_TRUE(run_out());
    EXPECT_THAT(ended, ElementsAre("a", "b", "d"));
}

TEST_F(lone_hooks, that_take_too_long_are_cancelled_and_the_next_goes_on)
{
    add(event::dead, "slow");
    add(event::dead, "quick");
    ASSERT_TRUE(until([&] { return began.size() == 2; }));
    ASSERT_TRUE(run_out());
    EXPECT_THAT(began, ElementsAre("slow", "quick"));
    EXPECT_THAT(ended, ElementsAre("quick"));
    EXPECT_EQ(logged("a hook for dead did not end within 40 ms, it was cancelled"), 1);
    EXPECT_EQ(logged("threw"), 0);
}

TEST_F(lone_hooks, of_an_abandoned_pool_are_not_called)
{
    hold = false;
    add(event::dead, "a");
    hooks.abandon();
    add(event::dead, "b");
    ASSERT_TRUE(until([&] { return !hooks.busy(); }));
    EXPECT_TRUE(began.empty());
}

/// Says at a word that leases are lost: of the next renewal, or of what is reported.
class forgetful_broker final : public work::forwarding_broker
{
public:
    using forwarding_broker::forwarding_broker;

    work::task<work::exchange_answer> exchange(work::exchange_request request) override
    {
        auto answer = co_await forwarding_broker::exchange(std::move(request));
        if (refuse) {
            for (auto& one : answer.outcomes)
                one = work::outcome_code::lease_lost;
            for (auto& one : answer.finished)
                one = work::outcome_code::lease_lost;
        }
        co_return answer;
    }
    std::unique_ptr<work::lease_port> make_lease_port(
        boost::asio::any_io_executor executor,
        std::chrono::milliseconds lease
    ) override
    {
        class forgetful_port final : public work::forwarding_lease_port
        {
        public:
            forgetful_port(std::unique_ptr<work::lease_port> to, std::atomic<bool>& lose)
                : forwarding_lease_port(std::move(to)),
                  lose_(lose)
            {}
            work::task<work::exchange_answer> exchange(work::exchange_request request) override
            {
                auto const renewed = request.renew;
                auto answer = co_await forwarding_lease_port::exchange(std::move(request));
                if (lose_)
                    answer.lost = renewed;
                co_return answer;
            }

        private:
            std::atomic<bool>& lose_;
        };
        return std::make_unique<forgetful_port>(
            forwarding_broker::make_lease_port(std::move(executor), lease),
            lose
        );
    }

    std::atomic<bool> refuse = false;
    std::atomic<bool> lose = false;
};

struct lost_leases : testing::Test
{
    lost_leases()
    {
        for (event const one : {event::lease_lost, event::dead, event::retry})
            pool.on(one, [this](event_info const& e) { told.push_back(e); });
    }
    static work::client_options quiet()
    {
        work::client_options o;
        o.logger = [](work::log_level, std::string_view) {};
        return o;
    }
    static work::pool_options one_worker()
    {
        work::pool_options o;
        o.concurrency = 1;
        o.lease = 500ms;
        o.grace = 100ms;
        return o;
    }
    template <typename Condition>
    bool until(Condition const& is_so)
    {
        io.restart();
        auto const end = std::chrono::steady_clock::now() + 20s;
        while (!is_so() && std::chrono::steady_clock::now() < end)
            io.run_one_for(50ms);
        return is_so();
    }
    std::string enqueue(std::string_view name)
    {
        return work::testing::run_task(io, enqueuer.enqueue(name), 20s).id();
    }
    void start()
    {
        boost::asio::co_spawn(io, pool.run(), [this](std::exception_ptr) { stopped = true; });
    }

    boost::asio::io_context io{1};
    std::shared_ptr<forgetful_broker> broker = std::make_shared<forgetful_broker>(
        std::make_shared<work::memory_broker>(io.get_executor(), work::shared_memory(""))
    );
    work::client client{io.get_executor(), broker, quiet()};
    work::enqueuer enqueuer{client};
    work::worker_pool pool{client, one_worker()};
    std::vector<event_info> told;
    bool stopped = false;
};

TEST_F(lost_leases, are_told_of_each_job_that_runs_or_waits_for_a_worker)
{
    bool interrupted = false;
    pool.handle("slow", [&](work::context& job) -> work::task<void> {
        try {
            co_await wait_for(1h);
        } catch (boost::system::system_error const&) {
            interrupted = job.stopping() == work::stop_reason::lease_lost;
        }
    });
    std::string const one = enqueue("slow");
    start();
    ASSERT_TRUE(until([&] { return pool.running() == 1; }));
    broker->lose = true;
    ASSERT_TRUE(until([&] { return !told.empty(); }));
    broker->lose = false;
    EXPECT_EQ(told[0].event, event::lease_lost);
    EXPECT_EQ(told[0].job, one);
    EXPECT_EQ(told[0].name, "slow");
    EXPECT_EQ(told[0].attempt, 1);
    EXPECT_GT(told[0].fence, 0);
    ASSERT_TRUE(until([&] { return interrupted; }));
    EXPECT_EQ(told.size(), 1u);
    EXPECT_EQ(pool.health().unfinished, 1);
    EXPECT_EQ(pool.health().unheard, 0);
    pool.stop();
    EXPECT_TRUE(until([&] { return stopped; }));
}

TEST_F(lost_leases, of_jobs_whose_end_was_refused_are_told_in_its_place)
{
    pool.handle(
        "bad",
        [](work::context&) -> work::task<void> {
            throw std::runtime_error("no luck");
            co_return;
        },
        at_once(1)
    );
    pool.handle("good", nothing);
    broker->refuse = true;
    start();
    std::string const bad = enqueue("bad");
    ASSERT_TRUE(until([&] { return told.size() == 1; }));
    EXPECT_EQ(told[0].event, event::lease_lost) << "that it is dead was not stored";
    EXPECT_EQ(told[0].job, bad);
    EXPECT_EQ(told[0].name, "bad");
    EXPECT_EQ(pool.health().unheard, 1);
    EXPECT_EQ(pool.health().unfinished, 0);
    pool.stop();
    EXPECT_TRUE(until([&] { return stopped; }));
}

}  // namespace
}  // namespace pool_tests
