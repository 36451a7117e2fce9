// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Arguments come back byte for byte, whatever way a job takes.

#include <regex>

#include "scene.hpp"

namespace promises {
namespace {

std::vector<std::string> payloads()
{
    std::string planes = "[\"";
    for (std::uint32_t code : {0x20u,    0x7eu,    0x7fu,    0x80u,    0x7ffu,   0x800u,   0xd7ffu,
                               0xe000u,  0xfffdu,  0xffffu,  0x10000u, 0x1f600u, 0x2ffffu, 0x3fffdu,
                               0x4ffffu, 0x5ffffu, 0x6ffffu, 0x7ffffu, 0x8ffffu, 0x9ffffu, 0xaffffu,
                               0xbffffu, 0xcffffu, 0xdffffu, 0xeffffu, 0xfffffu, 0x10ffffu}) {
        auto const put = [&](std::uint32_t byte) { planes += static_cast<char>(byte); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xc0 | code >> 6);
            put(0x80 | (code & 63));
        } else if (code < 0x10000) {
            put(0xe0 | code >> 12);
            put(0x80 | (code >> 6 & 63));
            put(0x80 | (code & 63));
        } else {
            put(0xf0 | code >> 18);
            put(0x80 | (code >> 12 & 63));
            put(0x80 | (code >> 6 & 63));
            put(0x80 | (code & 63));
        }
    }
    planes += "\"]";
    std::string deep;
    for (int i = 0; i != 15; ++i)
        deep += "[{\"a\":";
    deep += "null";
    for (int i = 0; i != 15; ++i)
        deep += "}]";
    return {
        "[9223372036854775807,-9223372036854775808,18446744073709551615,0,-1]",
        "[]",
        "{}",
        "[[],{},[[]],[{}],{\"a\":[]},{\"\":{}}]",
        "[123456789012345,1.2345678901234567e-308,1e308,0.1,-0.0]",
        "[ 1 ,\n 2 ,\t 3 ]",
        "{\"b\":1,\"a\":2,\"B\":3}",
        "[\"\\u0000\\u001f\\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00\"]",
        "[\"" + std::string(1'000'000, 'x') + "\"]",
        "[\"a\\r\\n$5\\r\\nb,c;d|e%f{g}h:i\"]",
        planes,
        deep,
    };
}

/// A pool in this process; each job fails as often as it is told to by the test.
struct echo_pool
{
    echo_pool(scene& s, int failures_each) : at(s), pool(s.client, work::pool_options())
    {
        pool.handle("echo", [](work::context&) -> work::task<void> { co_return; });
        auto const fail_first =
            [this, failures_each](work::context& job, work::next go) -> work::task<void> {
            std::string const id(job.id());
            seen[id].emplace_back(job.arguments());
            if (static_cast<int>(seen[id].size()) <= failures_each)
                throw std::runtime_error("not yet");
            ++done;
            go.skip();
            co_return;
        };
        pool.use("echo", fail_first);
        boost::asio::co_spawn(s.io, pool.run(), [this](std::exception_ptr) { ended = true; });
    }
    ~echo_pool()
    {
        pool.stop();
        settle([&] { return ended; });
    }
    template <typename Done>
    bool settle(Done const& is_done)
    {
        at.io.restart();
        auto const until = std::chrono::steady_clock::now() + 30s;
        while (!is_done() && std::chrono::steady_clock::now() < until)
            at.io.run_one_for(20ms);
        return is_done();
    }

    scene& at;
    work::worker_pool pool;
    std::map<std::string, std::vector<std::string>> seen;
    std::size_t done = 0;
    bool ended = false;
};

work::enqueue_options quickly(int attempts)
{
    work::enqueue_options o;
    o.max_attempts = attempts;
    o.backoff = work::backoff::fixed(20ms);
    return o;
}

TEST(bytes, come_back_identical_after_schedule_and_retry)
{
    scene s;
    std::map<std::string, std::string> sent;
    for (std::string const& json : payloads()) {
        work::enqueue_options soon = quickly(3);
        soon.in = 50ms;
        sent[s.get(s.enqueuer.enqueue_json("echo", json, soon)).id()] = json;
        sent[s.get(s.enqueuer.enqueue_json("echo", json, quickly(3))).id()] = json;
    }
    echo_pool echo(s, 2);
    ASSERT_TRUE(echo.settle([&] { return echo.done == sent.size(); })) << echo.done;
    for (auto const& [id, json] : sent) {
        ASSERT_EQ(echo.seen[id].size(), 3u);
        for (std::string const& got : echo.seen[id])
            EXPECT_EQ(got == json, true) << json.substr(0, 200) << "\n" << got.substr(0, 200);
    }
}

TEST(bytes, come_back_identical_after_dead_and_requeue)
{
    scene s;
    std::map<std::string, std::string> sent;
    std::vector<std::string> ids;
    for (std::string const& json : payloads()) {
        ids.push_back(s.get(s.enqueuer.enqueue_json("echo", json, quickly(1))).id());
        sent[ids.back()] = json;
    }
    echo_pool echo(s, 1);
    ASSERT_TRUE(echo.settle([&] { return echo.seen.size() == sent.size(); }));
    auto const until = std::chrono::steady_clock::now() + 10s;
    while (s.counts().dead != static_cast<std::int64_t>(ids.size()) &&
           std::chrono::steady_clock::now() < until) {
    }
    for (std::string const& id : ids) {
        work::job_info const record = s.get(s.inspector.job(id));
        EXPECT_EQ(record.state, work::job_state::dead);
        EXPECT_EQ(record.args, sent[id]);
    }
    for (work::admin_result const result : s.get(s.inspector.requeue(ids)))
        EXPECT_EQ(result.code, work::admin_code::done);
    ASSERT_TRUE(echo.settle([&] { return echo.done == sent.size(); }));
    for (auto const& [id, json] : sent)
        EXPECT_TRUE(echo.seen[id].back() == json) << json.substr(0, 200);
    ASSERT_TRUE(s.drained(10s));
    EXPECT_EQ(s.counts().dead, 0);
    EXPECT_THAT(s.orphans(), testing::IsEmpty());
}

TEST(bytes, many_large_jobs_pending_hold_up_no_script)
{
    int const jobs = long_run() ? 10'000 : 300;
    scene s;
    std::string const large = "[\"" + std::string((1 << 20) - 64, 'y') + "\"]";
    for (int i = 0; i != jobs; ++i)
        s.get(s.enqueuer.enqueue_json("echo", large, quickly(1)));
    s.server.ask("CONFIG SET slowlog-log-slower-than 50000");
    s.server.ask("SLOWLOG RESET");
    {
        echo_pool echo(s, 0);
        ASSERT_TRUE(echo.settle([&] {
            for (auto& [id, seen] : echo.seen)
                seen.clear();
            return echo.done == static_cast<std::size_t>(jobs);
        }));
    }
    std::string const slow = s.server.ask("SLOWLOG LEN");
    std::cout << "[ figures  ] scripts over 50 ms: " << slow.substr(1, slow.find('\r') - 1) << "\n";
    if (long_run()) {
        EXPECT_EQ(slow, ":0\r\n");
    }
    EXPECT_TRUE(s.drained(10s));
}

TEST(bytes, wrong_arguments_fail_the_job_with_the_path)
{
    scene s;
    work::worker_pool pool(s.client, work::pool_options());
    bool ended = false;
    pool.handle(
        "typed",
        {"user_id", "email"},
        [](work::context&, std::int64_t, std::string) -> work::task<void> { co_return; }
    );
    boost::asio::co_spawn(s.io, pool.run(), [&](std::exception_ptr) { ended = true; });
    work::q wrong{{"user_id", "x"}, {"email", "a@b.c"}};
    std::string const id = s.get(s.enqueuer.enqueue("typed", wrong, quickly(1))).id();
    auto const until = std::chrono::steady_clock::now() + 10s;
    work::job_info record;
    while (record.state != work::job_state::dead && std::chrono::steady_clock::now() < until)
        record = s.get(s.inspector.job(id));
    ASSERT_EQ(record.failures.size(), 1u);
    std::cout << "[ figures  ] " << record.failures[0].message << "\n";
    EXPECT_THAT(record.failures[0].message, testing::HasSubstr("user_id"));
    EXPECT_THAT(record.failures[0].message, testing::HasSubstr("int"));
    EXPECT_THAT(record.failures[0].message, testing::HasSubstr("string"));
    pool.stop();
    s.io.restart();
    while (!ended)
        s.io.run_one_for(20ms);
}

}  // namespace
}  // namespace promises
