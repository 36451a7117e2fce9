// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/web/exposition.hpp>
#include <work/web/sampler.hpp>

#include <boost/json/serialize.hpp>

#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "support/redis_server.hpp"
#include "web/served.hpp"

namespace {

using work::testing::http_answer;
using work::testing::raw_connection;
using work::testing::redis_server;
using work::testing::served;

class events : public ::testing::TestWithParam<bool>
{
protected:
    void SetUp() override
    {
        if (GetParam())
            redis_ = std::make_unique<redis_server>();
    }
    std::string url() const { return redis_ ? redis_->url() : "memory:"; }

    std::unique_ptr<redis_server> redis_;
};

raw_connection watch(served const& server, std::string const& topics = {}, int receives = 0)
{
    raw_connection to(server.port(), receives);
    to.send(
        "GET /api/v1/events" + (topics.empty() ? "" : "?topics=" + topics) +
        " HTTP/1.1\r\nHost: localhost\r\n\r\n"
    );
    return to;
}

/// The data of the next event of a name.
boost::json::object next(raw_connection& from, std::string const& name)
{
    if (from.read_until("event: " + name + "\ndata: ").empty())
        return {};
    return boost::json::parse(from.read_until("\n")).as_object();
}

std::string stored(served const& server, std::string const& job)
{
    auto const answer = server.post("/api/v1/jobs", job);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return std::string(answer.json().at("id").as_string());
}

/// Each value of an exposition by what stands before it.
std::map<std::string, double> values(std::string const& text)
{
    std::map<std::string, double> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!line.starts_with("#"))
            all[line.substr(0, line.rfind(' '))] = std::stod(line.substr(line.rfind(' ') + 1));
    return all;
}

TEST_P(events, a_snapshot_says_what_there_is)
{
    served server(url());
    for (int i = 0; i != 3; ++i)
        stored(server, R"({"name":"mail","queue":"slow","args":[]})");
    stored(server, R"({"name":"mail","queue":"later","args":[],"in_ms":600000})");
    auto const answer = server.get("/api/v1/snapshot");
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto const seen = answer.json();
    EXPECT_EQ(seen.at("totals").at("pending").as_int64(), 3);
    EXPECT_EQ(seen.at("totals").at("scheduled").as_int64(), 1);
    EXPECT_EQ(seen.at("queues").at(0).at("queue").as_string(), "slow");
    EXPECT_EQ(seen.at("queues").at(0).at("pending").as_int64(), 3);
    EXPECT_EQ(seen.at("pools").at("pools").as_int64(), 0);
    EXPECT_EQ(seen.at("away_since_ms").as_int64(), 0);
    EXPECT_LT(seen.at("age_ms").as_int64(), 10'000);
}

TEST_P(events, a_snapshot_says_what_waits_longest_and_what_nobody_runs)
{
    served server(url());
    stored(server, R"({"name":"mail","queue":"slow","args":[]})");
    std::string const pool = R"({"job_types":[{"name":"print"}],"concurrency":1,"lease_ms":60000})";
    ASSERT_EQ(server.ask("PUT", "/api/v1/pools/press", pool).status, 200);
    // It shows itself with its first claim.
    ASSERT_EQ(server.post("/api/v1/pools/press/claim", R"({"number":1,"want":1})").status, 200);
    stored(server, R"({"name":"print","args":[]})");
    auto stream = watch(server);
    auto const until = [&](auto fits) {
        boost::json::object seen;
        for (int i = 0; i != 10; ++i) {
            seen = next(stream, "snapshot");
            if (fits(seen))
                return seen;
        }
        ADD_FAILURE() << boost::json::serialize(seen);
        return seen;
    };
    auto const seen =
        until([](auto const& one) { return one.at("unserved").as_array().size() == 1; });
    EXPECT_EQ(seen.at("unserved").at(0).as_string(), "mail");
    boost::json::array const& waiting = seen.at("oldest").as_array();
    ASSERT_EQ(waiting.size(), 2);
    EXPECT_EQ(waiting[0].at("queue").as_string(), "slow");
    EXPECT_EQ(waiting[0].at("pending").as_int64(), 1);
    EXPECT_FALSE(waiting[0].at("served").as_bool());
    EXPECT_FALSE(waiting[0].at("paused").as_bool());
    EXPECT_EQ(waiting[1].at("queue").as_string(), "print");
    EXPECT_TRUE(waiting[1].at("served").as_bool());
    EXPECT_EQ(seen.at("oldest_ms").as_int64(), waiting[0].at("oldest_ms").as_int64());
    EXPECT_GT(seen.at("oldest_ms").as_int64(), 0);

    // What is paused waits, but not for a pool, and does not make the age of the oldest.
    ASSERT_EQ(server.post("/api/v1/queues/slow/pause", "{}").status, 200);
    auto const held = until([](auto const& one) { return one.at("unserved").as_array().empty(); });
    EXPECT_TRUE(held.at("oldest").at(0).at("paused").as_bool());
    EXPECT_FALSE(held.at("oldest").at(0).at("by").as_string().empty());
    EXPECT_TRUE(held.at("oldest").at(0).at("served").as_bool());
    EXPECT_EQ(held.at("oldest_ms").as_int64(), waiting[1].at("oldest_ms").as_int64());
}

TEST_P(events, a_stream_tells_of_everything_and_of_the_jobs_asked_for)
{
    served server(url());
    std::string const id = stored(server, R"({"name":"mail","args":[1],"in_ms":600000})");
    auto stream = watch(server, "snapshot,job:" + id + ",job:none");
    auto const head = stream.read_until("\r\n\r\n");
    EXPECT_NE(head.find("Content-Type: text/event-stream"), head.npos) << head;
    EXPECT_EQ(head.find("Content-Length"), head.npos) << head;
    auto const first = next(stream, "snapshot");
    EXPECT_EQ(first.at("totals").at("scheduled").as_int64(), 1);
    EXPECT_LT(first.at("age_ms").as_int64(), 10'000);
    EXPECT_EQ(first.at("away_since_ms").as_int64(), 0);
    EXPECT_EQ(next(stream, "job").at("state").as_string(), "scheduled");
    EXPECT_EQ(next(stream, "gone").at("id").as_string(), "none");
    server.post("/api/v1/jobs/" + id + "/cancel", "{}");
    EXPECT_EQ(next(stream, "job").at("state").as_string(), "cancelled");
    auto const second = next(stream, "snapshot");
    EXPECT_GT(second.at("number").as_int64(), first.at("number").as_int64());
    EXPECT_EQ(second.at("totals").at("scheduled").as_int64(), 0);
    EXPECT_LT(server.stop(), std::chrono::seconds(10));
    EXPECT_TRUE(stream.ended());
}

INSTANTIATE_TEST_SUITE_P(, events, ::testing::Bool(), [](auto const& one) {
    return one.param ? std::string("redis") : std::string("memory");
});

TEST(streams, end_at_their_limit_and_one_that_ends_leaves_room)
{
    work::web_options options;
    options.limits.streams = 2;
    served server("memory:", options);
    auto one = watch(server);
    auto two = std::make_unique<raw_connection>(watch(server));
    EXPECT_FALSE(next(one, "snapshot").empty());
    EXPECT_FALSE(next(*two, "snapshot").empty());
    auto const refused = server.get("/api/v1/events");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.slug(), "too-many");
    two.reset();
    // It is noticed when something is written to it.
    for (int i = 0; i != 8; ++i) {
        EXPECT_FALSE(next(one, "snapshot").empty());
        auto third = watch(server);
        if (third.read_until("\r\n\r\n").find(" 200 ") == std::string::npos)
            continue;
        EXPECT_FALSE(next(third, "snapshot").empty());
        return;
    }
    FAIL() << "no room after eight seconds";
}

#if defined(__has_feature)
#define WORK_TESTS_HAVE(what) __has_feature(what)
#else
#define WORK_TESTS_HAVE(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    WORK_TESTS_HAVE(address_sanitizer) || WORK_TESTS_HAVE(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

/// So many jobs whose events take a megabyte each: what a client does not read of them fills what
/// the kernel keeps for it, many times.
std::string large_jobs(served const& server, int count)
{
    std::string topics = "snapshot";
    for (int i = 0; i != count; ++i)
        topics += ",job:" + stored(
                                server,
                                R"({"name":"big","in_ms":600000,"args":[")" +
                                    std::string(1'000'000, 'x') + R"("]})"
                            );
    return topics;
}

/// How much memory this process has in use, in MiB.
std::size_t resident_mib()
{
    std::ifstream statm("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) >> 20;
}

TEST(streams, that_nobody_reads_end_and_hold_up_nobody_else)
{
    work::web_options options;
    options.limits.streams = 2;
    options.limits.write_out = std::chrono::seconds(6);
    served server("memory:", options);
    std::string const topics = large_jobs(server, 16);
    auto good = watch(server);
    std::int64_t number = next(good, "snapshot").at("number").as_int64();
    auto const mute = watch(server, topics, 4096);
    EXPECT_EQ(server.get("/api/v1/events").status, 429) << "it has its place";
    // Nobody is told that anything was missed, or later than it was.
    bool room = false;
    for (int i = 0; i != 30 && !room; ++i) {
        auto const seen = next(good, "snapshot");
        ASSERT_FALSE(seen.empty());
        EXPECT_EQ(seen.at("number").as_int64(), ++number);
        EXPECT_LT(seen.at("age_ms").as_int64(), 4'000) << "it waited for the one nobody reads";
        room = server.send("HEAD /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200;
    }
    EXPECT_TRUE(room) << "the one that nobody reads has ended";
}

TEST(streams, that_are_read_slowly_skip_what_is_old_and_heal)
{
    served server("memory:");
    std::string const topics = large_jobs(server, 16);
    auto good = watch(server);
    auto slow = watch(server, topics, 4096);
    std::int64_t const first = next(slow, "snapshot").at("number").as_int64();
    std::int64_t newest = 0;
    while (newest < first + 3)
        newest = next(good, "snapshot").at("number").as_int64();
    std::int64_t const missed = next(slow, "missed").at("samples").as_int64();
    EXPECT_GE(missed, 2);
    EXPECT_EQ(next(slow, "snapshot").at("number").as_int64(), first + missed + 1);
    // A machine that is slow itself may skip another.
    EXPECT_GT(next(slow, "snapshot").at("number").as_int64(), first + missed + 1);
}

TEST(streams, that_are_read_slowly_take_no_more_memory_than_an_event_each)
{
    if (sanitized)
        GTEST_SKIP() << "sanitizers keep what is freed";
    served server("memory:");
    std::string const topics = large_jobs(server, 16);
    auto good = watch(server);
    EXPECT_FALSE(next(good, "snapshot").empty());
    std::size_t const before = resident_mib();
    std::vector<raw_connection> slow;
    for (int i = 0; i != 20; ++i)
        slow.push_back(watch(server, topics, 4096));
    for (raw_connection& one : slow)
        EXPECT_FALSE(next(one, "snapshot").empty());
    for (int i = 0; i != 2; ++i)
        EXPECT_FALSE(next(good, "snapshot").empty());
    // All that they are to be told is 320 MB.
    EXPECT_LT(resident_mib() - before, 120u);
}

TEST(streams, of_what_is_not_known_are_refused)
{
    served server("memory:");
    for (std::string const bad : {"snapshto", "job:", "snapshot,,", "job:%0A"}) {
        auto const answer = server.get("/api/v1/events?topics=" + bad);
        EXPECT_EQ(answer.status, 400) << bad;
        EXPECT_EQ(answer.json().at("field").as_string(), "topics") << answer.body;
    }
    std::string many = "job:0";
    for (int i = 1; i != 16; ++i)
        many += ",job:" + std::to_string(i);
    auto ok = watch(server, many);
    EXPECT_NE(ok.read_until("\r\n").find(" 200 "), std::string::npos);
    EXPECT_EQ(server.get("/api/v1/events?topics=" + many + ",job:16").status, 400);
    auto const head = server.send("HEAD /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(head.status, 200);
}

TEST(streams, cost_the_same_whatever_their_number)
{
    redis_server redis;
    served server(redis.url());
    auto const sample = [&] {
        return server.get("/api/v1/snapshot").json().at("number").as_int64();
    };
    // For each sample, of at least four.
    auto const commands = [&](std::size_t streams) {
        std::vector<raw_connection> all;
        for (std::size_t i = 0; i != streams; ++i)
            all.push_back(watch(server));
        for (raw_connection& one : all)
            EXPECT_FALSE(next(one, "snapshot").empty());
        auto const before = sample();
        redis.ask("CONFIG RESETSTAT");
        for (std::int64_t seen = before; seen < before + 4;) {
            auto const told = next(all.front(), "snapshot");
            if (told.empty())
                throw std::runtime_error("no snapshot comes");
            seen = told.at("number").as_int64();
        }
        std::string const info = redis.ask("INFO stats");
        auto const at = info.find("total_commands_processed:");
        return std::stod(info.substr(at + 25)) / static_cast<double>(sample() - before);
    };
    double const with_one = commands(1);
    double const with_forty = commands(40);
    EXPECT_LE(with_forty, with_one * 1.5 + 1);
}

TEST(streams, look_less_often_where_looking_costs_much)
{
    work::broker_counts counts;
    EXPECT_EQ(work::web::pace_of(counts).count(), 1'000);
    counts.lists.resize(800);
    EXPECT_EQ(work::web::pace_of(counts).count(), 1'000);
    counts.lists.resize(10'000);
    EXPECT_EQ(work::web::pace_of(counts).count(), 12'000);
    counts.active = 20'000;
    EXPECT_EQ(work::web::pace_of(counts).count(), 20'000);
    counts.active = 10'000'000;
    EXPECT_EQ(work::web::pace_of(counts).count(), 30'000);
}

TEST(streams, say_that_redis_is_away_and_go_on_when_it_is_back)
{
    redis_server redis;
    served server(redis.url());
    auto stream = watch(server);
    EXPECT_FALSE(next(stream, "snapshot").empty());
    redis.kill();
    auto const away = next(stream, "broker");
    ASSERT_FALSE(away.empty());
    EXPECT_EQ(away.at("state").as_string(), "away");
    EXPECT_GT(away.at("since_ms").as_int64(), 0);
    auto const metrics = values(server.get("/metrics").body);
    EXPECT_EQ(metrics.at("work_broker_up"), 0);
    EXPECT_GT(metrics.at("work_sampler_age_seconds"), 0);
    redis.restart();
    EXPECT_FALSE(next(stream, "snapshot").empty());
    EXPECT_EQ(values(server.get("/metrics").body).at("work_broker_up"), 1);
}

TEST(metrics, are_what_prometheus_reads)
{
    redis_server redis;
    served server(redis.url());
    for (int i = 0; i != 3; ++i)
        stored(server, R"({"name":"a\"b\\c","queue":"q\"{}","args":[]})");
    stored(server, R"({"name":"mail","args":[],"in_ms":600000})");
    server.get("/api/v1/none");
    auto const answer = server.get("/metrics");
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    static std::regex const sample(
        R"(work_[a-z_]+(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? )"
        R"([-+0-9.e]+)"
    );
    std::set<std::string> families;
    std::set<std::string> seen;
    std::istringstream lines(answer.body);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) {
            std::string const name = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(families.insert(name).second) << "twice: " << name;
        } else if (!line.starts_with("# HELP ")) {
            EXPECT_TRUE(std::regex_match(line, sample)) << line;
            EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
        }
    }
    auto const all = values(answer.body);
    EXPECT_EQ(all.at(R"(work_jobs{queue="q\"{}",state="pending"})"), 3);
    EXPECT_EQ(all.at(R"(work_jobs{state="scheduled"})"), 1);
    EXPECT_EQ(all.at(R"(work_in_flight{job_name="a\"b\\c"})"), 0);
    EXPECT_EQ(all.at("work_broker_up"), 1);
    EXPECT_EQ(all.at(R"(work_http_requests_total{route="/api/v1/jobs",status="201"})"), 4);
    EXPECT_EQ(all.at(R"(work_http_requests_total{route="none",status="404"})"), 1);
    EXPECT_EQ(
        all.at(R"(work_http_request_seconds_bucket{route="/api/v1/jobs",le="+Inf"})"),
        all.at(R"(work_http_request_seconds_count{route="/api/v1/jobs"})")
    );
}

TEST(metrics, sum_what_is_beyond_two_hundred_queues)
{
    served server("memory:");
    std::string jobs = R"({"jobs":[)";
    for (int i = 0; i != 230; ++i)
        jobs += (i == 0 ? "" : ",") + (R"({"name":"n)" + std::to_string(i)) + R"(","args":[]})";
    ASSERT_EQ(server.post("/api/v1/jobs/bulk", jobs + "]}").status, 200);
    double pending = 0;
    std::size_t queues = 0;
    for (auto const& [name, value] : values(server.get("/metrics").body))
        if (name.starts_with("work_jobs{queue=") && name.find("pending") != name.npos) {
            pending += value;
            ++queues;
        }
    EXPECT_EQ(pending, 230);
    EXPECT_EQ(queues, 201u);
}

}  // namespace
