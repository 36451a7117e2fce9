// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The clients of examples/clients at work, beside C++ pools, on one namespace.

#include <work/make.hpp>
#include <work/worker_pool.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>
#include <cstdio>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/redis_server.hpp"
#include "web/client_programs.hpp"
#include "web/served.hpp"

using namespace std::chrono_literals;
using work::testing::client_language;
using work::testing::client_languages;
using work::testing::clients_required;
using work::testing::eventually;
using work::testing::journal;
using work::testing::program;
using work::testing::redis_server;
using work::testing::served;

namespace {

/// One that runs `shared` jobs in this process.
class cpp_pool
{
public:
    cpp_pool(std::string const& url, journal const& to)
        : client_(io_, url),
          pool_(client_, {.concurrency = 1})
    {
        pool_.handle("shared", [&to](work::context&, int number) -> work::task<void> {
            boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, 10ms);
            co_await pause.async_wait(boost::asio::use_awaitable);
            to.write("cpp " + std::to_string(number) + "\n");
        });
        boost::asio::co_spawn(io_, pool_.run(), work::rethrow);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~cpp_pool()
    {
        pool_.stop();
        thread_.join();
    }

private:
    boost::asio::io_context io_;
    work::client client_;
    work::worker_pool pool_;
    std::thread thread_;
};

}  // namespace

TEST(clients, in_all_languages_work_one_namespace_and_kills_lose_nothing)
{
    redis_server redis;
    served server(redis.url());
    std::string const url = "http://127.0.0.1:" + std::to_string(server.port());
    journal const done;
    // Of each language two: one is killed, one works on.
    std::map<std::string, program> victims;
    std::map<std::string, program> workers;
    for (client_language const& one : client_languages) {
        std::string const missing = one.missing();
        if (!missing.empty()) {
            if (clients_required())
                FAIL() << missing << " is not installed";
            std::fprintf(
                stderr,
                "clients: without %s, as %s is not installed\n",
                one.name.c_str(),
                missing.c_str()
            );
            continue;
        }
        victims.emplace(one.mark, program(one.work(url, done.path, "shared")));
        workers.emplace(one.mark, program(one.work(url, done.path, "shared")));
    }
    cpp_pool const own(redis.url(), done);
    std::size_t const pools = 2 * workers.size() + 1;
    ASSERT_TRUE(eventually([&] {
        return server.get("/api/v1/pools").json().at("pools").as_array().size() == pools;
    })) << server.get("/api/v1/pools").body;

    int jobs = 0;
    auto const store = [&](int more) {
        std::string many = R"({"jobs":[)";
        for (int i = jobs; i != jobs + more; ++i)
            many += std::string(i == jobs ? "" : ",") + R"({"name":"shared","args":[)" +
                    std::to_string(i) + "]}";
        jobs += more;
        auto const stored = server.post("/api/v1/jobs/bulk", many + "]}");
        ASSERT_EQ(stored.json().at("stored").as_int64(), more) << stored.body;
    };
    store(1000);
    auto const counts = [&] { return server.get("/api/v1/stats").json(); };
    for (auto& [mark, victim] : victims) {
        std::string const& of = mark;
        EXPECT_TRUE(eventually([&] {
            // There are some left, however slow this one is beside the others.
            if (counts().at("pending").as_int64() < 100)
                store(200);
            return done.read()[of].size() >= 3;
        })) << of;
        victim.end(SIGKILL);
    }
    EXPECT_TRUE(eventually([&] {
        auto const now = counts();
        return now.at("pending").as_int64() + now.at("active").as_int64() +
                   now.at("suspect").as_int64() + now.at("retry").as_int64() ==
               0;
    })) << server.get("/api/v1/stats").body;
    EXPECT_EQ(counts().at("dead").as_int64(), 0);
    // A pool counts with its next exchange what it did.
    EXPECT_TRUE(eventually([&] { return counts().at("processed").as_int64() >= jobs; }));
    EXPECT_EQ(counts().at("processed").as_int64(), jobs) << "a completion was counted twice";
    auto const ran = done.read();
    std::set<std::string> all;
    for (auto const& [mark, numbers] : ran)
        all.insert(numbers.begin(), numbers.end());
    EXPECT_EQ(all.size(), static_cast<std::size_t>(jobs)) << "a job was lost";
    EXPECT_EQ(ran.size(), workers.size() + 1) << "a language ran nothing";
    for (auto& [mark, worker] : workers)
        EXPECT_EQ(worker.end(SIGTERM), 0) << mark << " did not stop cleanly\n"
                                          << worker.complaints();
}

// And each stage with a job that follows upon it.
TEST(clients, a_job_passes_through_stages_in_four_languages_and_cpp)
{
    redis_server redis;
    served server(redis.url());
    std::string const url = "http://127.0.0.1:" + std::to_string(server.port());
    journal const done;
    std::map<std::string, program> workers;
    std::string path;
    for (client_language const& one : client_languages) {
        if (!one.missing().empty()) {
            if (clients_required())
                FAIL() << one.missing() << " is not installed";
            GTEST_SKIP() << one.missing() << " is not installed";
        }
        std::string const kind = one.threads ? "stage" : one.mark + "-stage";
        workers.emplace(one.mark, program(one.work(url, done.path, kind)));
    }
    boost::asio::io_context io;
    work::client client(io, redis.url());
    work::worker_pool pool(client);
    pool.handle("cpp-stage", [&](work::context& job) -> work::task<work::outcome> {
        path = job.arguments();
        co_return work::next_stage(work::make(
                                       "py-stage",
                                       std::vector<std::string>{"rb", "js", "sh"},
                                       std::vector<std::string>{"cpp"}
                                   ))
            .then(work::make("after", "cpp"));
    });
    boost::asio::co_spawn(io, pool.run(), work::rethrow);
    std::thread loop([&] { io.run(); });
    ASSERT_EQ(
        server.post("/api/v1/jobs", R"({"id":"x","name":"cpp-stage","args":[]})").status,
        201
    );
    auto const job = [&] { return server.get("/api/v1/jobs/x").json(); };
    EXPECT_TRUE(eventually([&] { return job().at("state").as_string() == "completed"; }))
        << boost::json::serialize(job());
    pool.stop();
    loop.join();
    EXPECT_EQ(job().at("result").as_string(), R"(["cpp","py","rb","js","sh"])");
    EXPECT_EQ(job().at("stages").as_int64(), 4);
    EXPECT_EQ(path, "[]");
    auto const after = server.get("/api/v1/jobs?name=after").json();
    std::set<std::string> follow;
    for (auto const& one : after.at("jobs").as_array())
        follow.emplace(one.at("args").as_string());
    EXPECT_EQ(
        follow,
        (std::set<std::string>{
            R"(["cpp"])",
            R"(["py", ["cpp"]])",
            R"(["rb",["cpp","py"]])",
            R"(["js",["cpp","py","rb"]])",
            R"(["sh",["cpp","py","rb","js"]])"
        })
    );
}
