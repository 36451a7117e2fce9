// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::job_state;
using work::outcome_code;
using work::outcome_kind;
using work::redis_write;

/// Keys of one's own that are written with the end of an attempt, all of them or none.
class writes : public transitions
{
protected:
    /// Ends a job that was enqueued for it, with these writes; what became of the words.
    outcome_code end(std::vector<redis_write> all, outcome_kind kind = outcome_kind::complete)
    {
        std::string const id = "w" + std::to_string(++jobs_);
        enqueue({job(id)});
        auto const a = claim("A");
        said words{.close = {a.claim}, .want = 0};
        words.outcomes = {{a.claim, keep(id), kind, 0, {}}};
        words.writes = {refusable(std::move(all))};
        auto const answer = exchange("A", std::move(words));
        notes_ = answer.notes;
        return answer.outcomes.at(0);
    }
    static work::outcome_writes refusable(std::vector<redis_write> all, std::size_t outcome = 0)
    {
        work::outcome_writes made;
        made.outcome = outcome;
        made.all = std::move(all);
        made.otherwise = outcome_kind::retry;
        made.number = 1'000;
        made.text = R"({"type":"write_refused","message":"{write}!"})";
        return made;
    }
    std::string written() { return boost::json::serialize(b().written()); }
    std::string last() const { return "w" + std::to_string(jobs_); }

    int jobs_ = 0;
    std::vector<std::string> notes_;
};

TEST_P(writes, happen_with_the_end_of_an_attempt)
{
    EXPECT_EQ(
        end(
            {{"SET", "mine:s", "text"},
             {"INCRBY", "mine:n", 40},
             {"incrby", "mine:n", "2"},
             {"HSET", "mine:h", "a", "1", "b", "x"},
             {"HINCRBY", "mine:h", "a", -3},
             {"SADD", "mine:t", "y", "x"},
             {"ZADD", "mine:z", 1.5, "m", 2, "n"},
             {"RPUSH", "mine:l", "2", "3"},
             {"LPUSH", "mine:l", "1", "0"},
             {"XADD", "mine:x", "*", "f", "v"}}
        ),
        outcome_code::ok
    );
    EXPECT_EQ(
        written(),
        R"({"mine:h":{"a":"-2","b":"x"},"mine:l":["0","1","2","3"],"mine:n":"42","mine:s":"text",)"
        R"("mine:t":["x","y"],"mine:x":[{"f":"v"}],"mine:z":{"m":1.5E0,"n":2E0}})"
    );
    EXPECT_EQ(
        end({{"DEL", "mine:s"},
             {"HDEL", "mine:h", "a", "b"},
             {"SREM", "mine:t", "x"},
             {"ZREM", "mine:z", "m"},
             {"XADD", "mine:x", "MAXLEN", 1, "*", "f", "w"},
             {"SET", "mine:n", "now text", "EX", 1'000}},
            outcome_kind::discard),
        outcome_code::ok
    );
    EXPECT_EQ(
        written(),
        R"({"mine:l":["0","1","2","3"],"mine:n":"now text","mine:t":["y"],)"
        R"("mine:x":[{"f":"w"}],"mine:z":{"n":2E0}})"
    );
}

TEST_P(writes, one_that_would_be_refused_lets_none_happen_and_the_attempt_fail)
{
    end(
        {{"SET", "mine:s", "text"},
         {"SET", "mine:o", "007"},
         {"HSET", "mine:h", "f", "9007199254740991"}}
    );
    std::string const before = written();
    struct
    {
        redis_write refused;
        std::string why;
    } const all[] = {
        {{"HSET", "mine:s", "a", "b"}, "write 2 (HSET): its key has a string"},
        {{"INCRBY", "mine:h", 1}, "write 2 (INCRBY): its key has a hash"},
        {{"INCRBY", "mine:s", 1}, "write 2 (INCRBY): what is there is no integer below 2^53"},
        {{"INCRBY", "mine:o", 1}, "write 2 (INCRBY): what is there is no integer below 2^53"},
        {{"HINCRBY", "mine:h", "f", 2}, "write 2 (HINCRBY): it would not be below 2^53"},
        {{"RPUSH", "mine:new", "x"}, "write 2 (RPUSH): its key has a set"},
        {{"XADD", "mine:h", "*", "a", "b"}, "write 2 (XADD): its key has a hash"},
    };
    for (auto const& [refused, why] : all) {
        EXPECT_EQ(end({{"SADD", "mine:new", "x"}, refused}), outcome_code::refused) << why;
        EXPECT_EQ(written(), before) << why;
        auto const found = b().job(last());
        EXPECT_EQ(found.state, job_state::retry) << why;
        ASSERT_EQ(found.failures.size(), 1u) << why;
        EXPECT_EQ(
            found.failures.front(),
            R"({"type":"write_refused","message":")" + why + R"(!"})"
        );
        ASSERT_EQ(notes_.size(), 1u) << why;
        EXPECT_EQ(notes_.front(), "a write was refused, so it failed: " + last() + ": " + why);
    }
    EXPECT_EQ(b().counts().retry, 7);
}

TEST_P(writes, see_what_those_before_them_did)
{
    end({{"SET", "mine:k", "text"}, {"HSET", "mine:h", "f", "text"}});
    EXPECT_EQ(
        end(
            {{"DEL", "mine:k"},
             {"RPUSH", "mine:k", "1"},
             {"SET", "mine:k", "3"},
             {"INCRBY", "mine:k", 4},
             {"HDEL", "mine:h", "f"},
             {"HINCRBY", "mine:h", "f", 5}}
        ),
        outcome_code::ok
    );
    EXPECT_EQ(written(), R"({"mine:h":{"f":"5"},"mine:k":"7"})");
    EXPECT_EQ(end({{"SET", "mine:k", "x"}, {"INCRBY", "mine:k", 1}}), outcome_code::refused);
    EXPECT_EQ(written(), R"({"mine:h":{"f":"5"},"mine:k":"7"})");
}

TEST_P(writes, do_not_happen_where_the_outcome_is_not_taken)
{
    enqueue({job("x"), job("y"), job("z")});
    auto const a = claim("A");
    b().cancel({"x"});
    said words{.want = 0};
    words.outcomes = {
        {a.claim, "x", outcome_kind::discard, 0, {}},       // it was cancelled
        {a.claim, "y", outcome_kind::complete, 0, {}},      // this one counts
        {a.claim, "y", outcome_kind::complete, 0, {}},      // and is said twice
        {a.claim + 64, "z", outcome_kind::complete, 0, {}}  // no such claim
    };
    for (std::size_t i = 0; i != 4; ++i)
        words.writes.push_back(refusable({{"INCRBY", "mine:n", std::int64_t(1) << i}}, i));
    auto const answer = exchange("A", std::move(words));
    EXPECT_EQ(answer.outcomes[0], outcome_code::cancelled);
    EXPECT_EQ(answer.outcomes[1], outcome_code::ok);
    EXPECT_NE(answer.outcomes[2], outcome_code::ok);
    EXPECT_EQ(answer.outcomes[3], outcome_code::lease_lost);
    EXPECT_EQ(written(), R"({"mine:n":"2"})");
    EXPECT_EQ(state("x"), job_state::cancelled);
}

TEST_P(writes, happen_once_though_the_exchange_is_repeated)
{
    enqueue({job("x"), job("y")});
    auto const a = claim("A");
    auto const say = [&](std::int64_t number) {
        said words{.want = 0};
        words.outcomes = {
            {a.claim, "x", outcome_kind::complete, 0, {}},
            {a.claim, "y", outcome_kind::complete, 0, {}}
        };
        words.writes = {
            refusable({{"INCRBY", "mine:n", 1}}, 0),
            refusable({{"INCRBY", "mine:n", 10}, {"HSET", "mine:n", "a", "b"}}, 1)
        };
        return exchange_as("A", number, std::move(words));
    };
    auto const first = say(7);
    auto const again = say(7);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.outcomes, first.outcomes);
    EXPECT_EQ(first.outcomes, (std::vector{outcome_code::ok, outcome_code::refused}));
    EXPECT_EQ(written(), R"({"mine:n":"1"})");
}

TEST_P(writes, go_with_what_follows)
{
    enqueue({job("x"), job("y")});
    auto const a = claim("A");
    said words{.want = 0};
    words.outcomes = {
        {a.claim, "x", outcome_kind::complete, 0, {}},
        {a.claim, "y", outcome_kind::complete, 0, {}}
    };
    words.writes = {
        refusable({{"SADD", "mine:done", "x"}}, 0),
        refusable({{"INCRBY", "mine:done", 1}}, 1)
    };
    words.then = {{0, {job("x2", "b")}}, {1, {job("y2", "b")}}};
    auto const answer = exchange("A", std::move(words));
    EXPECT_EQ(answer.outcomes, (std::vector{outcome_code::ok, outcome_code::refused}));
    EXPECT_EQ(state("x2"), job_state::pending);
    EXPECT_EQ(state("y2"), job_state::unknown);
    EXPECT_EQ(written(), R"({"mine:done":["x"]})");
}

INSTANTIATE_TEST_SUITE_P(on, writes, both_sides, side_name);

/// On Redis alone, where keys are shared.
class redis_writes : public writes
{};

TEST_P(redis_writes, leave_the_namespace_alone)
{
    EXPECT_EQ(end({{"SET", "work:{t}:list:a", "x"}}), outcome_code::refused);
    EXPECT_EQ(
        notes_.at(0),
        "a write was refused, so it failed: w1: write 1 (SET): its key is one of this namespace"
    );
}

TEST_P(redis_writes, are_refused_where_the_user_may_not)
{
    redis_connection& redis = dynamic_cast<redis_subject&>(b()).connection();
    redis.call("ACL", "SETUSER", "default", "resetkeys", "~work:*");
    EXPECT_EQ(end({{"SET", "mine:s", "x"}}), outcome_code::refused);
    redis.call("ACL", "SETUSER", "default", "allkeys");
    EXPECT_THAT(
        notes_.at(0),
        testing::StartsWith(
            "a write was refused, so it failed: w1: write 1 (SET): Redis refuses it: "
        )
    );
}

INSTANTIATE_TEST_SUITE_P(on, redis_writes, testing::Values("redis"), side_name);

}  // namespace
