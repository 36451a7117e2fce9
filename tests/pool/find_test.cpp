// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Listing jobs by state and filter, page by page.

#include <work/broker/broker.hpp>
#include <work/inspector.hpp>
#include <work/work.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "pool/either_broker.hpp"

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using work::job_state;

/// Jobs in all states, on either broker.
struct finding : pool_tests::either_broker
{
    void pass(std::chrono::milliseconds time)
    {
        boost::asio::steady_timer timer(io, time);
        timer.wait();
    }
    std::string enqueue(
        std::string const& name,
        std::string const& args,
        work::enqueue_options how = {}
    )
    {
        std::string id(get(enqueuer->enqueue_json(name, args, how)).id());
        all.push_back(id);
        return id;
    }
    /// One exchange of a pool; what it claims is of `fetch`.
    work::exchange_answer exchange(
        std::string const& pool,
        std::vector<std::string> const& fetch,
        int want,
        std::vector<work::job_outcome> outcomes = {},
        std::int64_t lease_ms = 60'000
    )
    {
        work::exchange_request r;
        r.pool = pool;
        r.number = ++numbers[pool];
        r.lease_ms = lease_ms;
        r.want = want;
        r.outcomes = std::move(outcomes);
        r.take_suspects = false;
        for (std::string const& what : fetch) {
            r.serves.push_back({what, 1});
            r.fetch_order.push_back({what, want});
        }
        return get(client->broker()->exchange(std::move(r)));
    }
    /// Claims so many and ends them so.
    void end(std::string const& fetch, int want, work::outcome_kind kind, std::string const& text)
    {
        auto const a = exchange("A", {fetch}, want);
        std::vector<work::job_outcome> ends;
        std::vector<std::string> ids;
        for (work::claimed_job const& job : a.jobs)
            ids.emplace_back(job.id);
        for (std::string const& id : ids)
            ends.push_back(work::job_outcome{a.claim, id, kind, 3'600'000, text});
        ASSERT_FALSE(ends.empty());
        exchange("A", {}, 0, std::move(ends));
    }
    /// All pages, of so many rows, looking at so many jobs each.
    std::vector<work::job_row> walk(work::job_filter const& filter, int limit, int scan)
    {
        std::vector<work::job_row> rows;
        std::string cursor;
        for (int pages = 0; pages != 5'000; ++pages) {
            work::page const how{cursor, limit, scan};
            work::job_page const got = get(inspector->find(filter, how));
            EXPECT_LE(got.jobs.size(), static_cast<std::size_t>(limit));
            EXPECT_LE(got.scanned, scan);
            rows.insert(rows.end(), got.jobs.begin(), got.jobs.end());
            cursor = got.next;
            if (cursor.empty())
                return rows;
        }
        ADD_FAILURE() << "the pages have no end";
        return rows;
    }
    static std::vector<std::string> ids(std::vector<work::job_row> const& rows)
    {
        std::vector<std::string> all;
        for (work::job_row const& row : rows)
            all.push_back(row.id);
        return all;
    }
    /// 150 jobs of three names in three queues; each state but `suspect` has some.
    void fill()
    {
        std::string const names[] = {"a", "b", "an odd/name"};
        for (int i = 0; i != 150; ++i) {
            work::enqueue_options how;
            std::string const queue = i % 7 == 0 ? "q" : (i % 7 == 1 ? "r s" : "");
            how.queue = queue;
            if (i % 5 == 0)
                how.priority = i % 3 + 1;
            if (i % 11 == 0)
                how.in = 1h + std::chrono::seconds(i);
            std::string const tag = "t" + std::to_string(i % 4);
            how.tags = {tag};
            enqueue(names[i % 3], "{\"n\":" + std::to_string(i) + "}", how);
        }
        using work::outcome_kind;
        end("*a", 5, outcome_kind::retry, R"({"attempt":1,"type":"io","message":"gone","at_ms":5})"
        );
        end("*b", 7, outcome_kind::dead, R"({"attempt":1,"type":"io","message":"lost","at_ms":6})");
        end("*a", 4, outcome_kind::dead, R"({"attempt":1,"type":"bug","message":"x","at_ms":7})");
        end("*b", 6, outcome_kind::complete, R"({"outcome":"done","at_ms":8})");
        end("*an%20odd%2Fname", 3, outcome_kind::set_aside, "");
        exchange("B", {"*a", "*b"}, 9);
        exchange("C", {"*a"}, 2);
        std::vector<std::string> some;
        for (work::job_row const& row : walk({.states = {job_state::pending}}, 500, 1000)) {
            if (some.size() < 8)
                some.push_back(row.id);
        }
        get(inspector->cancel(some));
        get(inspector->move({all[100], all[101]}, "moved"));
    }

    std::vector<std::string> all;
    std::map<std::string, std::int64_t> numbers;
};

TEST_P(finding, pages_have_each_job_once_in_its_state)
{
    fill();
    std::map<std::string, job_state> states;
    for (std::string const& id : all)
        states[id] = get(inspector->job(id)).state;
    std::mt19937 random(20261128);
    for (int round = 0; round != 12; ++round) {
        int const limit = 1 + static_cast<int>(random() % (round < 6 ? 9 : 200));
        int const scan = 1 + static_cast<int>(random() % (round % 2 == 0 ? 15 : 400));
        SCOPED_TRACE("limit " + std::to_string(limit) + " scan " + std::to_string(scan));
        std::map<std::string, job_state> found;
        for (work::job_row const& row : walk({}, limit, scan))
            EXPECT_TRUE(found.emplace(row.id, row.state).second) << row.id << " twice";
        EXPECT_EQ(found, states);
    }
    std::set<job_state> kinds;
    for (auto const& [id, state] : states)
        kinds.insert(state);
    EXPECT_EQ(kinds.size(), 8u) << "scheduled pending active retry dead completed cancelled aside";
}

TEST_P(finding, filters_find_what_they_say_and_how_many_were_looked_at)
{
    fill();
    std::vector<work::job_row> const rows = walk({}, 500, 1000);
    auto const check = [&](work::job_filter const& filter, auto const& is_asked_for) {
        std::set<std::string> expected, found;
        for (work::job_row const& row : rows) {
            if (is_asked_for(row))
                expected.insert(row.id);
        }
        for (work::job_row const& row : walk(filter, 7, 40))
            found.insert(row.id);
        EXPECT_EQ(found, expected);
        EXPECT_FALSE(expected.empty()) << "the test has nothing to find";
    };
    using row = work::job_row;
    check({.queue = "q"}, [](row const& r) { return r.queue == "q"; });
    check({.name = "an odd/name"}, [](row const& r) { return r.name == "an odd/name"; });
    check({.queue = "r s", .name = "a"}, [](row const& r) {
        return r.queue == "r s" && r.name == "a";
    });
    check({.pool = "C"}, [](row const& r) { return r.pool == "C"; });
    check({.tag = "t2"}, [](row const& r) {
        return std::find(r.tags.begin(), r.tags.end(), "t2") != r.tags.end();
    });
    check({.states = {job_state::dead}, .failure = "io"}, [](row const& r) {
        return r.state == job_state::dead && r.failure && r.failure->type == "io";
    });
    check({.message = "os"}, [](row const& r) {
        return r.failure && r.failure->message.find("os") != std::string::npos;
    });
    check({.args = "\"n\":12"}, [](row const& r) {
        return r.args.find("\"n\":12") != std::string::npos;
    });
    check({.min_attempt = 1}, [](row const& r) { return r.failed_attempts >= 1; });
    work::job_page const dead = get(inspector->find({.states = {job_state::dead}}, {"", 3, 1000}));
    EXPECT_EQ(dead.of, 11);
    EXPECT_EQ(dead.jobs.size(), 3u);
    EXPECT_GE(dead.scanned, 3);
    EXPECT_EQ(get(inspector->find({.states = {job_state::active}})).of, -1);
}

TEST_P(finding, by_a_tag_looks_at_those_that_have_it_alone)
{
    for (int i = 0; i != 300; ++i)
        enqueue("a", "[]", {});
    for (int i = 0; i != 5; ++i) {
        work::enqueue_options how;
        how.tags = {"rare"};
        if (i == 2)
            how.in = 1h;
        enqueue(i == 1 ? "b" : "a", "[]", how);
    }
    auto const found = get(inspector->find({.tag = "rare"}, {{}, 50, 1'000}));
    EXPECT_EQ(found.jobs.size(), 5u);
    EXPECT_EQ(found.scanned, 5);
    EXPECT_EQ(found.of, 5);
    EXPECT_TRUE(found.next.empty());
    EXPECT_EQ(walk({.tag = "rare"}, 2, 100).size(), 5u);
    work::job_filter pending{.states = {work::job_state::pending}, .name = "a", .tag = "rare"};
    EXPECT_EQ(walk(pending, 50, 100).size(), 3u);
    EXPECT_EQ(walk({.states = {work::job_state::scheduled}, .tag = "rare"}, 50, 100).size(), 1u);
    EXPECT_EQ(walk({.tag = "none"}, 50, 100).size(), 0u);
}

TEST_P(finding, order_can_be_turned_where_jobs_are_kept_by_time)
{
    std::vector<std::string> later;
    for (int i = 1; i <= 5; ++i) {
        work::enqueue_options how;
        how.in = std::chrono::hours(i);
        later.push_back(enqueue("a", "[]", how));
    }
    auto const listed = [&](job_state state, work::job_order order) {
        work::job_filter const filter{.states = {state}};
        std::vector<std::string> found;
        std::string cursor;
        do {
            work::page const how{cursor, 2, 2, order};
            work::job_page const got = get(inspector->find(filter, how));
            for (std::string const& id : ids(got.jobs))
                found.push_back(id);
            cursor = got.next;
        } while (!cursor.empty() && found.size() < 50);
        return found;
    };
    std::vector<std::string> const back(later.rbegin(), later.rend());
    EXPECT_EQ(listed(job_state::scheduled, work::job_order::usual), later);
    EXPECT_EQ(listed(job_state::scheduled, work::job_order::oldest), later);
    EXPECT_EQ(listed(job_state::scheduled, work::job_order::newest), back);
    for (std::string const& id : later) {
        get(inspector->kill({id}));
        pass(2ms);
    }
    EXPECT_EQ(listed(job_state::dead, work::job_order::usual), back);
    EXPECT_EQ(listed(job_state::dead, work::job_order::newest), back);
    EXPECT_EQ(listed(job_state::dead, work::job_order::oldest), later);
    // A cursor goes on in its own order alone.
    work::job_filter const dead{.states = {job_state::dead}};
    std::string const next =
        get(inspector->find(dead, work::page{"", 2, 100, work::job_order::oldest})).next;
    ASSERT_FALSE(next.empty());
    EXPECT_THROW(get(inspector->find(dead, work::page{next, 2, 100})), work::error);
}

TEST_P(finding, order_is_that_of_the_state)
{
    std::vector<std::string> expected;
    std::string const low = enqueue("a", "[1]");
    std::string const high = enqueue("a", "[2]", {.priority = 5});
    std::string const last = enqueue("a", "[3]");
    EXPECT_THAT(ids(walk({.states = {job_state::pending}}, 2, 10)), ElementsAre(high, low, last));
    std::string const late = enqueue("a", "[]", {.in = 2h});
    std::string const soon = enqueue("a", "[]", {.in = 1h});
    EXPECT_THAT(ids(walk({.states = {job_state::scheduled}}, 1, 1)), ElementsAre(soon, late));
    for (int i = 0; i != 3; ++i) {
        auto const a = exchange("A", {"*a"}, 1);
        std::string const id(a.jobs.at(0).id);
        expected.insert(expected.begin(), id);
        exchange("A", {}, 0, {{a.claim, id, work::outcome_kind::dead, 0, "{}"}});
        pass(3ms);
    }
    EXPECT_EQ(ids(walk({.states = {job_state::dead}}, 2, 10)), expected);
}

// What is taken or dropped between two pages: the others are met, each once.
TEST_P(finding, pages_go_on_where_they_were_while_jobs_go)
{
    for (int i = 0; i != 60; ++i)
        enqueue("a", "[" + std::to_string(i) + "]");
    std::mt19937 random(7);
    for (job_state const state : {job_state::pending, job_state::dead}) {
        if (state == job_state::dead)
            end("*a", 256, work::outcome_kind::dead, "{}");
        std::set<std::string> gone;
        std::vector<std::string> met;
        std::string cursor;
        do {
            work::page const how{cursor, 7, 1000};
            work::job_page const got = get(inspector->find({.states = {state}}, how));
            for (work::job_row const& row : got.jobs)
                met.push_back(row.id);
            EXPECT_FALSE(got.skipped);
            cursor = got.next;
            std::string const dropped = all[random() % all.size()];
            if (state == job_state::pending)
                get(inspector->cancel({dropped}));
            else
                get(inspector->remove({dropped}));
            gone.insert(dropped);
            if (!met.empty()) {
                if (state == job_state::pending)
                    get(inspector->cancel({met.back()}));
                else
                    get(inspector->remove({met.back()}));
                gone.insert(met.back());
            }
        } while (!cursor.empty());
        std::set<std::string> const once(met.begin(), met.end());
        EXPECT_EQ(once.size(), met.size());
        for (std::string const& id : all) {
            bool const there = get(inspector->job(id)).state == state;
            EXPECT_TRUE(!there || once.contains(id)) << id;
        }
        std::erase_if(all, [&](std::string const& id) { return gone.contains(id); });
        EXPECT_GT(all.size(), 5u);
    }
}

TEST_P(finding, suspects_are_listed_with_their_failures)
{
    for (int i = 0; i != 20; ++i)
        enqueue(i % 2 == 0 ? "a" : "b", "[]");
    for (int deaths = 0; deaths != 2; ++deaths) {
        std::string const pool = "dying" + std::to_string(deaths);
        auto const a = exchange(pool, {"*a", "*b"}, 20, {}, 60);
        ASSERT_EQ(a.jobs.size(), 20u);
        for (int i = 0; i != 300 && get(inspector->counts()).active > 0; ++i) {
            pass(10ms);
            exchange("reaper", {}, 0, {}, 60);
        }
    }
    auto const rows = walk({.states = {job_state::suspect}}, 3, 100);
    std::set<std::string> const found = [&] {
        std::vector<std::string> const some = ids(rows);
        return std::set<std::string>(some.begin(), some.end());
    }();
    EXPECT_EQ(rows.size(), 20u);
    EXPECT_EQ(found, std::set<std::string>(all.begin(), all.end()));
    work::job_filter const of_b{.states = {job_state::suspect}, .name = "b"};
    EXPECT_EQ(walk(of_b, 3, 100).size(), 10u);
    EXPECT_EQ(get(inspector->find(of_b)).of, 10);
}

TEST_P(finding, bad_asking_is_refused_by_name)
{
    enqueue("a", "[]");
    enqueue("a", "[]");
    auto const fault = [&](work::job_filter const& filter, work::page const& how) {
        try {
            get(inspector->find(filter, how));
        } catch (work::error const& e) {
            return std::string(e.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_THAT(fault({}, {"", 0, 10}), HasSubstr("limit"));
    EXPECT_THAT(fault({}, {"", 501, 10}), HasSubstr("501"));
    EXPECT_THAT(fault({}, {"", 1, 0}), HasSubstr("scan"));
    EXPECT_THAT(fault({.queue = "\x01"}, {}), HasSubstr("queue"));
    EXPECT_THAT(fault({}, {"nonsense", 1, 10}), HasSubstr("of another filter"));
    EXPECT_THAT(fault({}, {"%", 1, 10}), HasSubstr("of another filter"));
    std::string const next = get(inspector->find({}, {"", 1, 10})).next;
    ASSERT_FALSE(next.empty());
    EXPECT_EQ(get(inspector->find({}, {next, 1, 10})).jobs.size(), 1u);
    EXPECT_THAT(fault({.name = "a"}, {next, 1, 10}), HasSubstr("of another filter"));
}

INSTANTIATE_TEST_SUITE_P(on, finding, testing::Values("memory", "redis"), [](auto const& param) {
    return std::string(param.param);
});

}  // namespace
