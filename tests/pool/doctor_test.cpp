// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// How a broker does, and what is wrong: from figures alone, and asked of either broker.

#include <work/broker/broker.hpp>
#include <work/broker/redis/server_info.hpp>
#include <work/diagnosis.hpp>
#include <work/latency.hpp>

#include <boost/asio/post.hpp>

#include <fstream>
#include <set>

#include "pool/bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using work::broker_info;
using work::diagnosis;
using work::doctor_sight;
using work::finding;
using work::latency_figures;
using work::testing::redis_server;
using work::testing::run_task;

constexpr std::int64_t doctor_now = 1'790'000'000'000;

broker_info assessed(latency_figures wait, latency_figures round_trip, broker_info of = {})
{
    of.wait = wait;
    of.round_trip = round_trip;
    work::assess(of);
    return of;
}

TEST(latency, tells_the_last_ones_and_counts_all)
{
    work::latency took;
    EXPECT_EQ(took.recent(), latency_figures());
    took.add(300us);
    EXPECT_EQ(took.recent(), (latency_figures{1, 300, 300}));
    for (int i = 0; i != 300; ++i)
        took.add(std::chrono::microseconds(i));
    // 172 … 299 are the last 128.
    EXPECT_EQ(took.recent(), (latency_figures{128, 235, 297}));
    EXPECT_EQ(took.total(), 301u);
    EXPECT_EQ(took.counts()[0], 101u);
    EXPECT_EQ(took.counts()[1], 150u);
    EXPECT_EQ(took.counts()[2], 50u);
    took.add(-1s);
    took.add(1h);
    EXPECT_EQ(took.counts()[0], 102u);
    EXPECT_EQ(took.counts().back(), 1u);
}

TEST(broker_health, is_told_from_the_figures)
{
    latency_figures const quick{128, 200, 900};
    latency_figures const slow{128, 30'000, 90'000};
    EXPECT_EQ(assessed(quick, quick).verdict, "fine");
    EXPECT_THAT(assessed(quick, quick).sentence, HasSubstr("in 200 us"));
    EXPECT_EQ(assessed(slow, quick).verdict, "contention");
    EXPECT_THAT(assessed(slow, quick).sentence, HasSubstr("wait 30 ms"));
    EXPECT_EQ(assessed(quick, slow).verdict, "overload");
    // The server keeps them waiting, so they wait for the connection as well.
    EXPECT_EQ(assessed(slow, {128, 60'000, 90'000}).verdict, "overload");
    broker_info busy;
    busy.scripts = {100, 9'000, 8'000, 12'000};
    EXPECT_THAT(assessed(quick, slow, busy).sentence, HasSubstr("scripts keep the server"));
    EXPECT_THAT(assessed(quick, slow).sentence, HasSubstr("SLOWLOG"));
    // One slow answer of few is no trouble, one in a hundred of many is.
    EXPECT_EQ(assessed(quick, {20, 200, 90'000}).verdict, "fine");
    EXPECT_EQ(assessed(quick, {128, 200, 90'000}).verdict, "overload");
    broker_info full;
    full.memory = {95, 100, "noeviction"};
    EXPECT_EQ(assessed(quick, quick, full).verdict, "overload");
    EXPECT_THAT(assessed(quick, quick, full).sentence, HasSubstr("95 %"));
    full.memory.bytes = 89;
    EXPECT_EQ(assessed(quick, quick, full).verdict, "fine");
    broker_info away;
    away.verdict = "away";
    EXPECT_EQ(assessed(quick, slow, away).verdict, "away");
}

TEST(broker_health, of_a_server_is_what_it_tells)
{
    broker_info valkey;
    work::detail::redis_server_info::read(
        "# Server\r\nredis_version:7.2.4\r\nvalkey_version:8.1.0\r\nuptime_in_seconds:61\r\n"
        "role:slave\r\naof_enabled:1\r\ncmdstat_evalsha:calls=3,usec=30,usec_per_call=10.00\r\n"
        "cmdstat_eval:calls=1,usec=10\r\nmaxmemory_policy:noeviction\r\nnonsense\r\n:\r\n",
        valkey
    );
    EXPECT_EQ(valkey.server, (work::broker_server{"valkey", "8.1.0", "replica", 61, "aof"}));
    EXPECT_EQ(valkey.scripts.calls, 4);
    EXPECT_EQ(valkey.scripts.mean_us, 10);
    EXPECT_EQ(valkey.memory.policy, "noeviction");
    work::detail::redis_server_info::read_script_times(
        "latency_percentiles_usec_evalsha:p50=12.1,p99=250.9,p99.9=300\r\n",
        valkey.scripts
    );
    EXPECT_EQ(valkey.scripts.p50_us, 12);
    EXPECT_EQ(valkey.scripts.p99_us, 250);
    auto const purposes = work::detail::redis_server_info::purposes(
        "id=1 name=work:commands age=1\nid=2 name= age=1\nid=3 name=work:wait age=1\n"
        "id=4 name=work:wait\n"
    );
    ASSERT_EQ(purposes.size(), 2u);
    EXPECT_EQ(purposes[1], (work::client_purpose{"wait", 2}));
}

struct asked_of_redis
{
    explicit asked_of_redis(std::string const& url) : client(io, url, quiet()) {}
    static work::client_options quiet()
    {
        work::client_options options;
        options.logger = [](work::log_level, std::string_view) {};
        return options;
    }
    broker_info broker() { return run_task(io, look.broker()); }
    /// What it is found to be once the machine lets it: figures are of how long answers take.
    broker_info broker_that_is(std::string_view verdict)
    {
        broker_info how = broker();
        auto const until = std::chrono::steady_clock::now() + 60s;
        while (how.verdict != verdict && std::chrono::steady_clock::now() < until)
            how = broker();
        return how;
    }
    diagnosis doctor(work::doctor_options how = {}) { return run_task(io, look.doctor(how)); }

    boost::asio::io_context io{1};
    work::client client;
    work::inspector look{client};
};

TEST(broker_health, of_memory_says_that_it_is)
{
    asked_of_redis at("memory:");
    auto const how = at.broker();
    EXPECT_EQ(how.verdict, "fine");
    EXPECT_EQ(how.server.kind, "memory");
    EXPECT_THAT(how.sentence, HasSubstr("gone with it"));
    EXPECT_GT(how.now_ms, 0);
}

TEST(broker_health, of_redis_has_its_figures)
{
    redis_server server({"--maxmemory", "100mb", "--appendonly", "yes"});
    asked_of_redis at(server.url());
    auto const how = at.broker_that_is("fine");
    EXPECT_EQ(how.verdict, "fine") << how.sentence;
    EXPECT_EQ(how.server.role, "primary");
    EXPECT_EQ(how.server.persistence, "aof");
    EXPECT_GE(how.server.version, "7");
    EXPECT_GT(how.memory.bytes, 0);
    EXPECT_EQ(how.memory.limit_bytes, 100 << 20);
    EXPECT_EQ(how.memory.policy, "noeviction");
    EXPECT_GE(how.clients.count, 1);
    ASSERT_EQ(how.clients.ours.size(), 1u);
    EXPECT_EQ(how.clients.ours[0].purpose, "commands");
    EXPECT_GE(how.round_trip.samples, 16);
    EXPECT_GT(how.round_trip.p99_us, 0);
    ASSERT_EQ(how.links.size(), 2u);
    EXPECT_TRUE(how.links[0].connected);
    EXPECT_GT(how.links[0].commands, 16);
    EXPECT_EQ(how.unseen, "");
    EXPECT_EQ(at.broker().links[0].reconnects, 0);
    server.restart();
    at.broker();
    EXPECT_EQ(at.broker().links[0].reconnects, 1);
}

TEST(broker_health, away_is_a_verdict_and_comes_soon)
{
    redis_server server;
    asked_of_redis at(server.url());
    at.broker();
    server.kill();
    auto const begun = std::chrono::steady_clock::now();
    auto const how = at.broker();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
    EXPECT_EQ(how.verdict, "away");
    EXPECT_THAT(how.sentence, Not(IsEmpty()));
    EXPECT_FALSE(how.links.at(0).connected);
    auto const found = at.doctor();
    EXPECT_EQ(found.worst(), "problem");
    EXPECT_EQ(found.findings.size(), work::doctor_checks.size());
}

TEST(broker_health, says_why_it_can_not_look)
{
    redis_server server;
    server.ask("ACL SETUSER u on >p ~* &* +@all -info -config");
    asked_of_redis at("redis://u:p@127.0.0.1:" + std::to_string(server.port()));
    auto const how = at.broker_that_is("fine");
    EXPECT_EQ(how.verdict, "fine");
    EXPECT_THAT(how.unseen, HasSubstr("+info"));
    EXPECT_EQ(how.server.version, "");
    EXPECT_EQ(how.server.persistence, "");
    EXPECT_GT(how.round_trip.samples, 0);
}

TEST(broker_health, a_full_server_is_overloaded)
{
    redis_server server;
    asked_of_redis at(server.url());
    auto const used = at.broker().memory.bytes;
    server.ask("CONFIG SET maxmemory " + std::to_string(used + used / 20));
    auto const how = at.broker();
    EXPECT_EQ(how.verdict, "overload");
    EXPECT_THAT(how.sentence, HasSubstr("raise maxmemory"));
}

// The thread is kept between each call and its sending: nothing is wrong with the server.
TEST(broker_health, a_blocked_thread_is_contention)
{
    redis_server server;
    broker_info how;
    // Where the machine is so slow that the server waits for it as well, that is another verdict.
    for (int turn = 0; turn != 10 && how.verdict != "contention"; ++turn) {
        asked_of_redis at(server.url());
        at.broker();
        for (int i = 0; i != 40; ++i) {
            boost::asio::co_spawn(
                at.io,
                at.client.broker()->ask_now_ms(),
                [](std::exception_ptr, std::int64_t) {}
            );
            boost::asio::post(at.io, [] {
                auto const until = std::chrono::steady_clock::now() + 25ms;
                while (std::chrono::steady_clock::now() < until) {
                }
            });
            at.io.restart();
            at.io.run();
        }
        how = at.broker();
    }
    EXPECT_EQ(how.verdict, "contention") << how.sentence << how.wait.p50_us;
    EXPECT_LT(how.round_trip.p50_us, 20'000);
}

// ---- the doctor

doctor_sight healthy()
{
    doctor_sight seen;
    seen.broker.verdict = "fine";
    seen.broker.sentence = "it answers";
    seen.broker.server.kind = "redis";
    seen.broker.server.persistence = "aof";
    seen.broker.memory = {10 << 20, 100 << 20, "noeviction"};
    seen.counts.now_ms = seen.here_ms = doctor_now;
    work::pool_info pool;
    pool.pool = "p";
    pool.host = "h";
    pool.state = "running";
    pool.concurrency = 4;
    pool.job_names = {"mail"};
    seen.pools.push_back(pool);
    work::queue_info list;
    list.queue = list.name = "mail";
    list.pending = seen.counts.pending = 2;
    list.oldest_ms = doctor_now - 1'000;
    seen.counts.lists.push_back(list);
    seen.looked_for_strays = true;
    return seen;
}

finding of_check(diagnosis const& all, std::string const& check)
{
    for (finding const& one : all.findings)
        if (one.check == check)
            return one;
    ADD_FAILURE() << "no finding of " << check;
    return {};
}

TEST(doctor, finds_nothing_where_all_is_well)
{
    auto const all = diagnose(healthy());
    EXPECT_EQ(all.worst(), "ok");
    ASSERT_EQ(all.findings.size(), work::doctor_checks.size());
    for (std::size_t i = 0; i != all.findings.size(); ++i)
        EXPECT_EQ(all.findings[i].check, work::doctor_checks[i]);
}

TEST(doctor, finds_each_thing_that_is_wrong)
{
    struct harm
    {
        std::string check;
        std::string level;
        std::string text;
        std::function<void(doctor_sight&)> done;
    };
    std::vector<harm> const all{
        {"server", "problem", "too old", [](auto& s) { s.server_fault = "it is too old"; }},
        {"broker",
         "warning",
         "contention: it waits",
         [](auto& s) {
             s.broker.verdict = "contention";
             s.broker.sentence = "it waits";
         }},
        {"persistence",
         "warning",
         "loses all jobs",
         [](auto& s) { s.broker.server.persistence = "none"; }},
        {"persistence", "warning", "snapshots", [](auto& s) { s.broker.server.persistence = "rdb"; }
        },
        {"persistence", "unseen", "not tell", [](auto& s) { s.broker.server.persistence = ""; }},
        {"memory", "warning", "set maxmemory", [](auto& s) { s.broker.memory.limit_bytes = 0; }},
        {"memory", "unseen", "", [](auto& s) { s.broker.memory = {}; }},
        {"clock", "warning", "3 s behind", [](auto& s) { s.here_ms -= 3'000; }},
        {"clock", "warning", "90 s ahead of", [](auto& s) { s.here_ms += 90'000; }},
        {"pools", "warning", "none is alive, and 2 jobs wait", [](auto& s) { s.pools.clear(); }},
        {"pools", "warning", "p on h: lost", [](auto& s) { s.pools[0].trouble = "lost"; }},
        {"pools", "warning", "blocked for 7 s", [](auto& s) { s.pools[0].loop_lag_ms = 7'000; }},
        {"pools",
         "warning",
         "p on h runs 2 jobs of \"mail\" that should have ended",
         [](auto& s) { s.pools[0].runs({{"mail", 3, "i", 1, 2}, {"quick", 1, "j", 2, 0}}); }},
        {"pools",
         "warning",
         "fetched nothing for 40 s",
         [](auto& s) { s.pools[0].exchange_age_ms = 40'000; }},
        {"names",
         "warning",
         "no living pool has a handler for \"mail\"; 2 jobs wait",
         [](auto& s) { s.pools[0].job_names = {"other"}; }},
        {"names", "unseen", "", [](auto& s) { s.pools.clear(); }},
        {"paused",
         "warning",
         "\"mail\" paused without an end, and 2 jobs wait",
         [](auto& s) {
             work::pause_info pause;
             pause.name = "mail";
             s.counts.paused.push_back(pause);
         }},
        {"waiting",
         "warning",
         "created 6 min ago",
         [](auto& s) { s.counts.lists[0].oldest_ms = doctor_now - 360'000; }},
        {"schedule", "warning", "due 11 s ago", [](auto& s) { s.due_ms = doctor_now - 11'000; }},
        {"suspects", "warning", "1 job may", [](auto& s) { s.counts.suspect = 1; }},
        {"set_aside", "warning", "2 records", [](auto& s) { s.counts.set_aside = 2; }},
        {"unsupported",
         "warning",
         "2 jobs wait for a newer program",
         [](auto& s) { s.counts.unsupported = 2; }},
        {"histories", "warning", "of 500 lists", [](auto& s) { s.histories_full = true; }},
        {"crons",
         "warning",
         "cron entry \"nightly\" was due 2 min ago",
         [](auto& s) {
             work::cron_record late;
             late.name = "nightly";
             late.next_ms = 1'000'000;
             s.crons.now_ms = late.next_ms + 120'000;
             s.crons.due.push_back(late);
         }},
        {"limits",
         "problem",
         "1 slot of limit \"bank\" held by jobs that do not run",
         [](auto& s) { s.leaks.holders = {{"bank", "x"}}; }},
        {"limits",
         "problem",
         "1 list waiting at a limit that does not know of it: \"mail\"",
         [](auto& s) { s.leaks.lists = {"mail"}; }},
        {"limits",
         "warning",
         "\"bank\" with 0 slots, and jobs wait there",
         [](auto& s) {
             work::limit_state shut;
             shut.name = "bank";
             shut.waiting = 1;
             s.limits.push_back(shut);
         }},
        {"waiting",
         "warning",
         "at limit \"bank\"",
         [](auto& s) {
             s.counts.lists[0].oldest_ms = doctor_now - 360'000;
             s.counts.lists[0].waits_at = "bank";
         }},
        {"restored", "warning", "3 jobs ran again", [](auto& s) { s.counts.forgotten = 3; }},
        {"strays", "problem", "1 job in no list", [](auto& s) { s.strays = {"x"}; }},
        {"strays", "unseen", "not looked for", [](auto& s) { s.looked_for_strays = false; }},
    };
    std::set<std::string, std::less<>> covered;
    for (harm const& one : all) {
        doctor_sight seen = healthy();
        one.done(seen);
        auto const found = of_check(diagnose(seen), one.check);
        EXPECT_EQ(found.level, one.level) << one.check << ": " << found.sentence;
        EXPECT_THAT(found.sentence, HasSubstr(one.text));
        covered.insert(one.check);
    }
    for (std::string_view const check : work::doctor_checks)
        EXPECT_TRUE(covered.contains(check)) << check << " can't find anything";
}

TEST(doctor, does_not_take_what_is_meant_for_wrong)
{
    doctor_sight seen = healthy();
    seen.due_ms = doctor_now + 60'000;
    work::pause_info pause;
    pause.name = "mail";
    pause.until_ms = doctor_now + 1'000;
    seen.counts.paused.push_back(pause);
    seen.counts.lists[0].paused = true;
    seen.counts.lists[0].oldest_ms = doctor_now - 3'600'000;
    // One that is full fetches nothing.
    seen.pools[0].busy = 4;
    seen.pools[0].exchange_age_ms = 40'000;
    EXPECT_EQ(diagnose(seen).worst(), "ok");
    seen.pools[0].busy = 0;
    EXPECT_EQ(diagnose(seen).worst(), "warning");
    seen.pools[0].state = "quiet";
    EXPECT_EQ(diagnose(seen).worst(), "ok");
}

TEST(doctor, each_check_has_its_place_in_the_runbook)
{
    std::ifstream page("docs/operations.md");
    std::set<std::string> anchors;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("#"))
            continue;
        std::string anchor;
        for (char const c : line.substr(line.find(' ') + 1))
            if (std::isalnum(static_cast<unsigned char>(c)) != 0)
                anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            else if (c == ' ' || c == '-')
                anchor += '-';
        anchors.insert(anchor);
    }
    for (finding const& one : diagnose(healthy()).findings) {
        ASSERT_TRUE(one.runbook.starts_with("operations.md#"));
        EXPECT_TRUE(anchors.contains(one.runbook.substr(14))) << one.runbook;
    }
}

TEST(doctor, of_a_live_server_names_what_is_late_and_what_strays)
{
    redis_server server;
    asked_of_redis at(server.url());
    work::enqueuer store(at.client);
    auto const id = run_task(at.io, store.enqueue_in(1h, "mail")).id();
    auto const due = run_task(at.io, at.look.first_due_ms());
    EXPECT_GT(due, 0);
    server.ask("ZADD work:{work}:scheduled XX 1000 " + id);
    run_task(at.io, store.enqueue("mail"));
    server.ask("DEL work:{work}:list:mail");
    auto const found = at.doctor();
    EXPECT_EQ(of_check(found, "schedule").level, "warning");
    EXPECT_EQ(of_check(found, "strays").level, "problem");
    EXPECT_EQ(of_check(found, "persistence").level, "warning");
    EXPECT_EQ(of_check(found, "server").level, "ok");
    EXPECT_EQ(of_check(at.doctor({false, false}), "strays").level, "unseen");
    auto const mended = at.doctor({true, true});
    EXPECT_EQ(mended.taken_back, 1);
    EXPECT_EQ(of_check(mended, "strays").level, "ok");
    EXPECT_EQ(of_check(at.doctor(), "strays").sentence.substr(0, 4), "none");
}

// ---- a pool's own health

TEST(pool_health, is_ready_once_its_fetch_loop_was_answered_and_while_it_claims)
{
    bench b;
    std::atomic<bool> done = false;
    b.pool->handle("quick", [&](work::context&) -> work::task<void> {
        done = true;
        co_return;
    });
    auto before = b.pool->health();
    EXPECT_FALSE(before.ready);
    EXPECT_EQ(before.state, "stopped");
    EXPECT_EQ(before.exchange_age_ms, -1);
    b.start();
    b.enqueue("quick");
    ASSERT_TRUE(b.until([&] { return b.pool->processed() == 1; }));
    auto const runs = b.pool->health();
    EXPECT_TRUE(runs.ready);
    EXPECT_EQ(runs.state, "running");
    EXPECT_EQ(runs.processed, 1);
    EXPECT_EQ(runs.concurrency, b.how_.concurrency);
    EXPECT_GE(runs.exchange_age_ms, 0);
    EXPECT_LT(runs.exchange_age_ms, 15'000);
    b.pool->quiet();
    EXPECT_TRUE(b.until([&] { return b.pool->health().state == "quiet"; }));
    EXPECT_FALSE(b.pool->health().ready);
    b.stop();
}

TEST(pool_health, shows_a_handler_that_blocks_its_thread)
{
    bench b;
    std::atomic<std::int64_t> seen = 0;
    b.pool->handle("block", [&](work::context&) -> work::task<void> {
        auto const until = std::chrono::steady_clock::now() + 10s;
        while (seen < 500 && std::chrono::steady_clock::now() < until)
            seen = b.pool->health().loop_lag_ms;
        co_return;
    });
    b.start();
    b.enqueue("block");
    EXPECT_TRUE(b.until([&] { return b.pool->processed() == 1; }, 20s));
    EXPECT_GE(seen, 500);
    b.stop();
}

}  // namespace
}  // namespace pool_tests
