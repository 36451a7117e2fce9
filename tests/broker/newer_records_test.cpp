// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs whose records ask for more than who claimed them knows wait for one that does, in sight.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using testing::ElementsAre;
using testing::IsEmpty;
using work::job_state;
using work::outcome_kind;
using work::record_reader;

class newer_records : public transitions
{
protected:
    /// One that asks for this format and these features.
    work::new_job newer(std::string id, char format, unsigned features, std::string list = "a")
    {
        work::new_job j = job(std::move(id), std::move(list));
        std::string envelope = work::detail::with_flags(j.envelope, features);
        envelope[0] = format;
        j.envelope = keep(std::move(envelope));
        return j;
    }
    /// Claims all that there are, and says that none can be read.
    std::vector<std::string> put_off(std::string_view list = "*a")
    {
        auto const a = claim("A", 256, list);
        said w;
        std::vector<std::string> ids;
        for (auto const& one : a.jobs) {
            ids.emplace_back(one.id);
            w.outcomes.push_back({a.claim, one.id, outcome_kind::unsupported});
        }
        w.close = {a.claim};
        exchange("A", std::move(w));
        return ids;
    }
    void comes(record_reader reader)
    {
        said w;
        w.chores = true;
        w.reads = reader;
        exchange("B", std::move(w));
    }
    std::int64_t unsupported() { return b().counts().unsupported; }
};

TEST_P(newer_records, wait_for_a_pool_that_knows_what_they_ask_for)
{
    enqueue({newer("x", '2', 0x1000), newer("y", '3', 0), newer("z", '3', 0x5000), job("plain")});
    auto const a = claim("A", 4);
    ASSERT_EQ(a.jobs.size(), 4u) << "the broker does not look: pools know what they know";
    said w;
    for (auto const& one : a.jobs)
        w.outcomes.push_back(
            {a.claim, one.id, one.id == "plain" ? outcome_kind::complete : outcome_kind::unsupported
            }
        );
    w.close = {a.claim};
    exchange("A", std::move(w));
    for (std::string const id : {"x", "y", "z"}) {
        EXPECT_EQ(b().job(id).state, job_state::waiting) << id;
        EXPECT_EQ(b().job(id).envelope.substr(7, 4), "0000") << "it costs no attempt";
    }
    EXPECT_EQ(unsupported(), 3);
    EXPECT_EQ(b().counts().waiting, 3);
    EXPECT_THAT(claim("A", 9).jobs, IsEmpty());

    comes({2, 0});
    comes({2, 0x6000});
    EXPECT_EQ(unsupported(), 3) << "none of them knows enough";
    comes({2, 0x1000});
    EXPECT_EQ(b().job("x").state, job_state::pending);
    EXPECT_EQ(ids(claim("B", 9)), "x");
    comes({3, 0x4000});
    EXPECT_EQ(ids(claim("B", 9)), "y");
    EXPECT_EQ(unsupported(), 1);
    comes({9, 0xF000});
    EXPECT_EQ(ids(claim("B", 9)), "z");
    EXPECT_EQ(unsupported(), 0);
}

TEST_P(newer_records, that_nobody_knows_hide_none_behind_them)
{
    std::vector<work::new_job> all;
    for (int i = 0; i != 100; ++i)
        all.push_back(newer("old" + std::to_string(i), '2', 0x8000));
    for (int i = 0; i != 200; ++i)
        all.push_back(newer("new" + std::to_string(i), '3', 0));
    enqueue(std::move(all));
    while (!put_off().empty()) {
    }
    EXPECT_EQ(unsupported(), 300);
    std::size_t came = 0;
    for (int i = 0; i != 4; ++i) {  // 64 each time
        comes({3, 0});
        came += claim("B", 256).jobs.size();
    }
    EXPECT_EQ(came, 200u);
    EXPECT_EQ(unsupported(), 100);
}

TEST_P(newer_records, are_cancelled_killed_requeued_and_deleted_like_others)
{
    enqueue({newer("c", '3', 0), newer("k", '3', 0), newer("r", '3', 0), newer("m", '3', 0)});
    put_off();
    EXPECT_EQ(unsupported(), 4);
    EXPECT_EQ(b().cancel({"c"})[0].code, work::admin_code::done);
    EXPECT_EQ(b().kill({"k"})[0].code, work::admin_code::done);
    EXPECT_EQ(b().requeue({"r"})[0].code, work::admin_code::done);
    EXPECT_EQ(b().job("k").state, job_state::dead);
    EXPECT_EQ(b().job("r").state, job_state::pending);
    EXPECT_EQ(unsupported(), 1);
    comes({9, 0xF000});
    EXPECT_EQ(ids(claim("B", 9)), "r m") << "in the order in which they came into the list";
    EXPECT_EQ(unsupported(), 0);
}

TEST_P(newer_records, that_were_cancelled_while_somebody_had_them_end)
{
    enqueue({newer("x", '3', 0)});
    auto const a = claim("A", 1);
    b().cancel({"x"});
    said w;
    w.outcomes = {{a.claim, "x", outcome_kind::unsupported}};
    w.close = {a.claim};
    EXPECT_THAT(exchange("A", std::move(w)).outcomes, ElementsAre(work::outcome_code::cancelled));
    EXPECT_EQ(unsupported(), 0);
}

TEST_P(newer_records, that_are_garbage_are_set_aside)
{
    enqueue({job("x")});
    auto const a = claim("A", 1);
    b().overwrite("x", "4 0000 garbage");
    said w;
    w.outcomes = {{a.claim, "x", outcome_kind::unsupported}};
    w.close = {a.claim};
    exchange("A", std::move(w));
    EXPECT_EQ(b().job("x").state, job_state::set_aside);
    EXPECT_EQ(unsupported(), 0);
}

INSTANTIATE_TEST_SUITE_P(on, newer_records, both_sides, side_name);

/// Exchanges of one pool with a server whose keys are changed by hand.
class by_hand : public testing::Test
{
protected:
    work::exchange_answer ask(std::vector<work::job_outcome> outcomes = {})
    {
        work::exchange_request r;
        r.pool = "A";
        r.number = ++number_;
        r.outcomes = std::move(outcomes);
        r.want = 9;
        r.chores = true;
        r.reads = reads;
        r.serves = {{"a", 0}};
        r.fetch_order = {{"a", 9, false}};
        return b.exchange(r);
    }
    std::string key(std::string const& name) const { return b.prefix() + name; }

    redis_subject b{std::make_shared<private_redis>()};
    record_reader reads{};

private:
    std::int64_t number_ = 0;
};

TEST_F(by_hand, newer_records_are_found_by_chores_when_what_finds_them_went)
{
    std::string const record = "3 0000 0000 1790000000000 a\n\n[]";
    work::enqueue_request r;
    r.producer = "p";
    r.number = 1;
    r.jobs.emplace_back();
    r.jobs[0].id = "x";
    r.jobs[0].list = "a";
    r.jobs[0].envelope = record;
    b.enqueue(r);
    auto const a = ask();
    ASSERT_EQ(a.jobs.size(), 1u);
    ask({{a.claim, "x", outcome_kind::unsupported}});
    b.connection().call("DEL", key("then:{{reader"));
    reads = {9, 0xF000};
    EXPECT_THAT(ask().jobs, IsEmpty()) << "put back among those that can be found";
    EXPECT_THAT(ask().jobs, IsEmpty()) << "chores come last";
    EXPECT_EQ(ask().jobs.size(), 1u);
}

// A program that knows an older layout of keys leaves a namespace alone.
TEST_F(by_hand, a_newer_layout_is_refused_by_name)
{
    ask();
    EXPECT_EQ(
        b.connection().call("HGET", key("broker"), "layout").text(),
        std::to_string(work::policy::layout)
    );
    b.connection().call("HSET", key("broker"), "layout", "7");
    try {
        ask();
        ADD_FAILURE() << "not refused";
    } catch (std::exception const& e) {
        EXPECT_THAT(e.what(), testing::HasSubstr("LAYOUT of this namespace is 7"));
    }
}

}  // namespace
