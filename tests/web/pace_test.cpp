// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What people start takes no more than a fifth of the broker's time, together.

#include <work/broker/memory/memory_broker.hpp>
#include <work/web/paced_broker.hpp>
#include <work/web/spending.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/redis_server.hpp"
#include "web/served.hpp"

namespace {

using namespace std::chrono_literals;
using work::testing::redis_server;
using work::testing::served;
using work::web::spending;

// Who spends whatever he is given, in calls of some length, by a clock of the test.
class greedy
{
public:
    explicit greedy(std::chrono::microseconds call) : call_(call) {}

    /// The most that was spent in any second, and how much in all.
    std::pair<std::chrono::duration<double>, std::chrono::duration<double>> spend(
        std::chrono::seconds time
    )
    {
        auto const from = now_;
        std::chrono::duration<double> all{};
        std::chrono::duration<double> most{};
        std::chrono::duration<double> last{};
        std::deque<std::pair<spending::clock::time_point, std::chrono::microseconds>> second;
        while (now_ - from < time) {
            if (auto const wait = money.wait(now_); wait > 0s) {
                now_ += wait;
                continue;
            }
            now_ += call_;
            money.spent(call_, now_);
            second.emplace_back(now_, call_);
            last += call_;
            for (; now_ - second.front().first > 1s; second.pop_front())
                last -= second.front().second;
            all += call_;
            most = std::max(most, last);
        }
        return {most, all};
    }
    void idle(std::chrono::seconds time) { now_ += time; }

    spending money;

private:
    std::chrono::microseconds call_;
    spending::clock::time_point now_{1'000s};
};

TEST(pace, leaves_four_fifths_of_every_second)
{
    for (auto const call : {100us, 1'000us, 5'000us}) {
        greedy one(call);
        one.idle(3'600s);
        auto const [most, all] = one.spend(60s);
        EXPECT_LE(most.count(), 0.2) << call.count();
        EXPECT_GT(all.count(), 60 * 0.14) << "what is there is given: " << call.count();
        // Beside a walk through all records, which takes an eighth itself.
        one.money.walk_begins(spending::clock::time_point(1'000s + 3'661s));
        auto const [beside, little] = one.spend(60s);
        EXPECT_LE(beside.count(), 0.2 - 0.125) << call.count();
        EXPECT_GT(little.count(), 60 * 0.04);
    }
}

TEST(pace, does_not_hold_up_what_is_small)
{
    spending money;
    auto const now = spending::clock::time_point(1'000s);
    for (int i = 0; i != 39; ++i) {
        EXPECT_EQ(money.wait(now), 0s);
        money.spent(1ms, now);
    }
    money.spent(5ms, now);
    EXPECT_GT(money.wait(now), 10ms);
    EXPECT_LT(money.wait(now), 30ms);
}

// One call after the other, whoever makes them, and the answers are the broker's.
TEST(pace, takes_calls_in_their_order)
{
    struct slow : work::forwarding_broker
    {
        using forwarding_broker::forwarding_broker;
        work::task<work::job_record> job(std::string id) override
        {
            EXPECT_EQ(under_way++, 0);
            boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, 2ms);
            co_await pause.async_wait(boost::asio::use_awaitable);
            --under_way;
            order.push_back(id);
            work::job_record record;
            record.pool = id;
            co_return record;
        }
        int under_way = 0;
        std::vector<std::string> order;
    };
    boost::asio::io_context io{1};
    auto const store = std::make_shared<work::memory_store>();
    auto const below =
        std::make_shared<slow>(std::make_shared<work::memory_broker>(io.get_executor(), store));
    auto const paced = std::make_shared<work::web::paced_broker>(below, io.get_executor());
    int right = 0;
    std::vector<std::string> asked;
    for (int i = 0; i != 20; ++i) {
        asked.push_back(std::to_string(i));
        boost::asio::co_spawn(
            io,
            paced->job(asked.back()),
            [&right, id = asked.back()](std::exception_ptr, work::job_record const& record) {
                right += record.pool == id;
            }
        );
    }
    io.run();
    EXPECT_EQ(right, 20);
    EXPECT_EQ(below->order, asked);
}

double script_seconds(redis_server& redis)
{
    std::string const info = redis.ask("INFO commandstats");
    double us = 0;
    for (std::size_t at = info.find("usec="); at != info.npos; at = info.find("usec=", at + 1))
        us += std::stod(info.substr(at + 5));
    return us / 1e6;
}

TEST(pace, holds_for_operations_and_searches_together)
{
    redis_server redis;
    served server(redis.url());
    constexpr int jobs = 4'000;
    for (int i = 0; i != jobs / 1'000; ++i) {
        std::string many = R"({"jobs":[)";
        for (int j = 0; j != 1'000; ++j)
            many += (j == 0 ? "" : ",") + std::string(R"({"name":"a","args":[1],"in_ms":900000})");
        ASSERT_EQ(server.post("/api/v1/jobs/bulk", many + "]}").status, 200);
    }
    redis.ask("CONFIG RESETSTAT");
    auto const from = std::chrono::steady_clock::now();
    auto const begun = server.post(
        "/api/v1/operations",
        R"({"action":"requeue","filter":{"states":["scheduled"]},"expected":4000})"
    );
    ASSERT_EQ(begun.status, 202) << begun.body;
    std::string const id(begun.json().at("id").as_string());
    std::string state = "running";
    while (state == "running" || state == "counting") {
        auto const found =
            server.get("/api/v1/jobs?state=scheduled,pending&args=none&scan=10000&limit=500");
        ASSERT_EQ(found.status, 200) << found.body;
        state = server.get("/api/v1/operations/" + id).json().at("state").as_string();
    }
    EXPECT_EQ(state, "done");
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - from;
    // Beside it the page looks once a second, and the first 40 ms were saved.
    EXPECT_LE(script_seconds(redis), took.count() * 0.21 + 0.08) << took.count() << " s";
}

}  // namespace
