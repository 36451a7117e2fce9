// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Why a job does not run: from what is known of it, and asked of either broker.

#include <work/explanation.hpp>
#include <work/inspector.hpp>
#include <work/work.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "pool/bench.hpp"
#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using work::job_state;

constexpr std::int64_t now = 1'790'000'000'000;

work::job_info job_in(job_state state)
{
    work::job_info job;
    job.id = "j";
    job.state = state;
    job.now_ms = now;
    job.name = "mail";
    job.queue = "slow";
    job.created_ms = now - 38 * 60'000;
    job.pool = "img-1";
    return job;
}
work::pool_info pool_that_is(std::string state, int busy = 0, std::string name = "mail")
{
    work::pool_info pool;
    pool.pool = "p-" + state + std::to_string(busy);
    pool.state = std::move(state);
    pool.concurrency = 4;
    pool.busy = busy;
    pool.job_names = {std::move(name)};
    return pool;
}
std::vector<std::string> gates(work::explanation const& why)
{
    std::vector<std::string> all;
    for (work::job_reason const& one : why.reasons)
        all.push_back(one.gate);
    return all;
}

TEST(explanation, of_a_job_that_is_to_end_begins_with_who_said_so)
{
    work::job_info job = job_in(job_state::active);
    job.when_ms = now + 5'000;
    job.cancelling = work::job_cancelling{false, now - 61'000, "not wanted", "ada"};
    auto const why = work::explain_job(job, {}, {}, 0);
    ASSERT_EQ(why.reasons.size(), 2u);
    EXPECT_EQ(why.reasons[0].gate, "cancelling");
    EXPECT_EQ(why.reasons[0].since_ms, now - 61'000);
    EXPECT_NE(why.reasons[0].sentence.find("ada"), std::string::npos);
    EXPECT_NE(why.reasons[0].sentence.find("not wanted"), std::string::npos);
    EXPECT_NE(why.reasons[0].sentence.find("or some seconds later"), std::string::npos);
    EXPECT_EQ(why.reasons[1].gate, "active");
}

TEST(explanation, of_every_state_has_a_reason)
{
    std::set<std::string> met;
    for (auto const state :
         {job_state::unknown,
          job_state::scheduled,
          job_state::pending,
          job_state::suspect,
          job_state::active,
          job_state::retry,
          job_state::dead,
          job_state::completed,
          job_state::cancelled,
          job_state::waiting,
          job_state::set_aside}) {
        for (std::int64_t const when : {std::int64_t(0), now - 5000, now + 90'000}) {
            work::job_info job = job_in(state);
            job.when_ms = when;
            auto const why = work::explain_job(job, {}, {pool_that_is("running")}, 0);
            ASSERT_FALSE(why.reasons.empty()) << to_string(state);
            for (work::job_reason const& one : why.reasons) {
                EXPECT_FALSE(one.gate.empty());
                EXPECT_FALSE(one.sentence.empty());
                met.insert(one.gate);
            }
            EXPECT_EQ(why.text(), why.reasons.front().sentence);
        }
    }
    EXPECT_THAT(
        met,
        testing::UnorderedElementsAre(
            "unknown",
            "scheduled",
            "next",
            "suspect",
            "active",
            "lease_ended",
            "retry",
            "dead",
            "ended",
            "waiting",
            "set_aside"
        )
    );
}

// A gate that holds jobs and that no explanation names fails here, and so does a word that nothing
// explains, or that the page of the API does not have.
TEST(explanation, has_a_reason_for_every_gate)
{
    std::set<std::string> met;
    auto const explain = [&](work::job_info const& job,
                             std::vector<work::pause_info> const& paused,
                             std::vector<work::pool_info> const& pools,
                             std::int64_t ahead,
                             std::vector<work::limit_state> const& limits = {}) {
        for (work::job_reason const& one :
             work::explain_job(job, paused, pools, ahead, limits).reasons) {
            EXPECT_FALSE(one.sentence.empty()) << one.gate;
            met.insert(one.gate);
        }
    };
    using states = boost::describe::describe_enumerators<job_state>;
    boost::mp11::mp_for_each<states>([&](auto const& state) {
        for (std::int64_t const when : {now - 5'000, now + 90'000}) {
            work::job_info job = job_in(state.value);
            job.when_ms = when;
            explain(job, {}, {pool_that_is("running")}, 0);
        }
    });
    work::job_info told = job_in(job_state::active);
    told.cancelling = work::job_cancelling{true, now - 1'000, "", "ada"};
    explain(told, {}, {}, 0);
    work::job_info needs = job_in(job_state::waiting);
    needs.bound.emplace();
    needs.bound->waits_for = {{"{flow", "", ""}, {"parent", "", ""}};
    needs.bound->waits_for_count = 2;
    explain(needs, {}, {}, 0);
    needs.unreadable = "it is of format 3, this program knows 2";
    explain(needs, {}, {}, 0);
    work::job_info const waits = job_in(job_state::pending);
    explain(
        waits,
        {{work::pause_kind::queue, "slow", "", "", now, 0},
         {work::pause_kind::name, "mail", "", "", now, 0}},
        {},
        3
    );
    explain(waits, {}, {pool_that_is("quiet")}, 0);
    explain(waits, {}, {pool_that_is("running", 4)}, 0);
    work::limit_state full;
    full.name = "bank";
    explain(waits, {}, {pool_that_is("running")}, 0, {full});

    std::ifstream file("docs/http-api.md");
    ASSERT_TRUE(file) << "it is run where the sources are";
    std::stringstream page;
    page << file.rdbuf();
    std::set<std::string> known;
    for (std::string_view const gate : work::job_gates) {
        known.emplace(gate);
        EXPECT_TRUE(met.contains(std::string(gate))) << gate << " is never a reason";
        EXPECT_THAT(page.str(), HasSubstr("`" + std::string(gate) + "`"));
    }
    EXPECT_EQ(met, known);
}

TEST(explanation, puts_what_holds_longest_first)
{
    work::pause_info pause{work::pause_kind::queue, "slow", "ada", "disk full", now - 2'280'000, 0};
    work::pause_info name{work::pause_kind::name, "mail", "", "", now - 1000, now + 1'320'000};
    work::pause_info over{work::pause_kind::name, "mail", "", "", now - 1000, now - 1};
    work::pause_info other{work::pause_kind::queue, "mail", "", "", now - 1000, 0};
    auto const why =
        work::explain_job(job_in(job_state::pending), {pause, name, over, other}, {}, 412);
    EXPECT_THAT(gates(why), ElementsAre("queue_paused", "name_paused", "no_pool", "position"));
    EXPECT_EQ(
        why.text(),
        "queue \"slow\" is paused by ada since 38m: \"disk full\"; it goes on when somebody "
        "resumes it"
    );
    EXPECT_THAT(why.reasons[1].sentence, HasSubstr("it goes on by itself in 22m"));
    EXPECT_EQ(why.reasons[1].until_ms, now + 1'320'000);
    EXPECT_EQ(why.reasons[3].sentence, "412 jobs of its list are taken before it");
    using numbers = std::map<std::string, std::int64_t>;
    EXPECT_EQ(why.reasons[0].values, numbers());
    EXPECT_EQ(why.reasons[3].values, (numbers{{"ahead", 412}}));
    EXPECT_EQ(why.ahead, 412);
}

TEST(explanation, tells_pools_apart)
{
    auto const with = [](std::vector<work::pool_info> const& pools) {
        return work::explain_job(job_in(job_state::pending), {}, pools, 0);
    };
    EXPECT_THAT(gates(with({})), ElementsAre("no_pool"));
    EXPECT_THAT(with({}).text(), HasSubstr("no pool runs"));
    EXPECT_THAT(gates(with({pool_that_is("running", 0, "other")})), ElementsAre("no_pool"));
    EXPECT_THAT(
        gates(with({pool_that_is("quiet"), pool_that_is("stopping")})),
        ElementsAre("pools_quiet")
    );
    EXPECT_THAT(gates(with({pool_that_is("running", 4)})), ElementsAre("pools_busy"));
    auto const free = with({pool_that_is("running", 4), pool_that_is("running", 3)});
    EXPECT_THAT(gates(free), ElementsAre("next"));
    EXPECT_THAT(free.runnable_by, ElementsAre("p-running4", "p-running3"));
    EXPECT_THAT(
        work::explain_job(job_in(job_state::pending), {}, {pool_that_is("running")}, 1000).text(),
        HasSubstr("at least 1000 jobs")
    );
}

struct explaining : either_broker
{
    std::string enqueue(work::enqueue_options how = {})
    {
        return std::string(get(enqueuer->enqueue_json("mail", "[]", how)).id());
    }
    work::explanation why(std::string id) { return get(inspector->explain(std::move(id))); }
};

TEST_P(explaining, counts_what_is_taken_before_it)
{
    std::vector<std::string> ids;
    for (int i = 0; i != 250; ++i)
        ids.push_back(enqueue());
    EXPECT_EQ(why(ids.front()).ahead, 0);
    EXPECT_EQ(why(ids.at(100)).ahead, 100);
    EXPECT_EQ(why(ids.back()).ahead, 249);
    EXPECT_THAT(gates(why(ids.back())), ElementsAre("no_pool", "position"));
    // One of a higher priority goes before those that came earlier; one in another queue does not.
    work::enqueue_options first;
    first.priority = 10;
    EXPECT_EQ(why(enqueue(first)).ahead, 0);
    EXPECT_EQ(why(ids.back()).ahead, 250);
    work::enqueue_options elsewhere;
    elsewhere.queue = "q";
    EXPECT_EQ(why(enqueue(elsewhere)).ahead, 0);
    EXPECT_EQ(why(ids.back()).ahead, 250);
}

TEST_P(explaining, follows_a_job_through_its_states)
{
    EXPECT_THAT(gates(why("nobody")), ElementsAre("unknown"));
    work::enqueue_options later;
    later.in = 1h;
    std::string const id = enqueue(later);
    auto const waits = why(id);
    EXPECT_THAT(gates(waits), ElementsAre("scheduled", "no_pool"));
    // Its time was reckoned a moment after its creation.
    EXPECT_NEAR(
        static_cast<double>(waits.reasons.front().until_ms - waits.reasons.front().since_ms),
        3.6e6,
        1e4
    );
    get(inspector->requeue({id}));
    EXPECT_THAT(gates(why(id)), ElementsAre("no_pool"));
    get(inspector->pause(work::pause_kind::queue, "mail", {1h, "the bank is away", "ada"}));
    auto const paused = why(id);
    EXPECT_THAT(gates(paused), ElementsAre("queue_paused", "no_pool"));
    EXPECT_THAT(paused.text(), HasSubstr("by ada since"));
    EXPECT_THAT(paused.text(), HasSubstr("the bank is away"));
    get(inspector->kill({id}, {.reason = "no", .by = "bob"}));
    EXPECT_THAT(gates(why(id)), ElementsAre("dead"));
    EXPECT_THAT(why(id).text(), HasSubstr("killed"));
    get(inspector->requeue({id}));
    get(inspector->cancel({id}, {.reason = "enough", .by = "eve"}));
    EXPECT_THAT(gates(why(id)), ElementsAre("ended"));
    EXPECT_THAT(why(id).text(), HasSubstr("cancelled, by eve: \"enough\""));
}

INSTANTIATE_TEST_SUITE_P(on, explaining, testing::Values("memory", "redis"), [](auto const& param) {
    return std::string(param.param);
});

}  // namespace
}  // namespace pool_tests
