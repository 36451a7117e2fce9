// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a quiet service does is taken by scripts/parts/lone_*.lua, and is what the general scripts
// do.

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "support/broker_subject.hpp"
#include "support/broker_text.hpp"
#include "support/one_job.hpp"

namespace {

using namespace work_test;

// The general scripts refuse while the key test:lone exists.
constexpr script_mutation lone_only{
    "lone_only",
    "local K = KEYS[1]\nlocal now = math.floor(us / 1000)\nlocal notes",
    "if redis.call('EXISTS', 'test:lone') == 1 then return redis.error_reply('GENERAL') end\n"
    "local K = KEYS[1]\nlocal now = math.floor(us / 1000)\nlocal notes"
};

/// One producer and one pool that serves three lists, on either side.
struct quiet_service
{
    explicit quiet_service(broker_subject& on) : b(on) {}

    std::string enqueue(std::string const& id, std::string const& list, std::int64_t delay_ms = 0)
    {
        one_job const job(id, list, b.now_ms());
        return text_of(b.enqueue(job.batch(++batch, delay_ms)));
    }
    work::exchange_request request()
    {
        work::exchange_request r;
        r.pool = "A";
        r.number = ++number;
        r.lease_ms = 15'000;
        if (number == 1)
            r.serves = {{"*a", 0}, {"*b", 1}, {"*c", 2}};
        return r;
    }
    std::string claim(bool wait = true, bool dead_on_crash = false)
    {
        work::exchange_request r = request();
        r.want = 10;
        r.max_bytes = 1 << 20;
        r.take_suspects = true;
        r.will_wait = wait;
        r.fetch_order =
            {{"*b", 10, false}, {"*a", 10, false}, {"*c", 10, false}, {"*b", 10, false}};
        if (dead_on_crash)
            r.fetch_order.push_back({"*a", 0, true});
        work::exchange_answer const answer = b.exchange(r);
        open = answer.claim;
        return text_of(answer);
    }
    std::string finish(std::string const& id)
    {
        work::exchange_request r = request();
        r.finished = {{open, {id}}};
        r.close = {open};
        return text_of(b.exchange(r));
    }

    broker_subject& b;
    std::int64_t batch = 0;
    std::int64_t number = 0;
    work::claim_number open = 0;
};

class lone : public testing::Test
{
protected:
    void both(auto what)
    {
        std::string const expected = what(there_);
        EXPECT_EQ(what(here_), expected);
    }
    void alone(bool on)
    {
        if (on)
            redis_.connection().call("SET", "test:lone", "1");
        else
            redis_.connection().call("DEL", "test:lone");
    }
    void agree() { EXPECT_EQ(redis_.dump(), memory_.dump()); }
    void pass(std::int64_t ms)
    {
        redis_.pass(ms);
        memory_.pass(ms);
    }

    memory_subject memory_;
    redis_subject redis_{std::make_shared<private_redis>(), lone_only};
    quiet_service here_{redis_};
    quiet_service there_{memory_};
};

TEST_F(lone, job_is_enqueued_and_claimed_without_the_general_scripts)
{
    std::string const ids[] = {"0000GENER00AA000000001", "0000GENER00ZZ000000002"};
    both([&](quiet_service& s) { return s.claim(); });
    for (std::string const& id : ids) {
        both([&](quiet_service& s) { return s.enqueue(id, "b"); });
        both([&](quiet_service& s) { return s.claim(); });
        both([&](quiet_service& s) { return s.finish(id); });
    }
    agree();
    for (std::string const& id : ids) {
        pass(700);
        alone(true);
        both([&](quiet_service& s) { return s.enqueue(id, "b"); });
        agree();
        both([&](quiet_service& s) { return s.claim(); });
        agree();
        EXPECT_NE(here_.open, 0);
        EXPECT_EQ(redis_.connection().call("GET", "test:lone").text(), "1");
        alone(false);
        both([&](quiet_service& s) { return s.finish(id); });
        agree();
    }
}

TEST_F(lone, job_is_claimed_after_a_long_silence_and_beside_jobs_that_are_due_later)
{
    std::string const ids[] =
        {"0000GENER00AA000000001", "0000GENER00AA000000002", "0000GENER00AA000000003"};
    both([&](quiet_service& s) { return s.claim(); });
    both([&](quiet_service& s) { return s.enqueue(ids[0], "a"); });
    both([&](quiet_service& s) { return s.claim(); });
    both([&](quiet_service& s) { return s.finish(ids[0]); });
    pass(3'600'000);
    alone(true);
    both([&](quiet_service& s) { return s.enqueue(ids[1], "a"); });
    both([&](quiet_service& s) { return s.claim(false, true); });
    EXPECT_NE(here_.open, 0);
    agree();
    alone(false);
    both([&](quiet_service& s) { return s.finish(ids[1]); });
    both([&](quiet_service& s) { return s.enqueue("later", "b", 60'000); });
    both([&](quiet_service& s) { return s.enqueue(ids[2], "a"); });
    alone(true);
    EXPECT_ANY_THROW(here_.claim(true)) << "who will wait may have to hold the alarm";
    --here_.number;
    both([&](quiet_service& s) { return s.claim(false); });
    EXPECT_NE(here_.open, 0);
    agree();
}

TEST_F(lone, anything_beside_is_left_to_the_general_scripts)
{
    std::string const id = "0000GENER00AA000000001";
    both([&](quiet_service& s) { return s.claim(); });
    alone(true);
    EXPECT_ANY_THROW(here_.enqueue(id, "b")) << "a list that is new: it may be paused";
    --here_.batch;
    alone(false);
    both([&](quiet_service& s) { return s.enqueue(id, "b"); });
    both([&](quiet_service& s) { return s.enqueue("0000GENER00AA000000002", "b"); });
    alone(true);
    EXPECT_ANY_THROW(here_.claim()) << "two jobs";
    --here_.number;
    alone(false);
    both([&](quiet_service& s) { return s.claim(); });
    agree();
    for (int i = 0; i != 2; ++i) {
        pass(7'000);
        both([&](quiet_service& s) { return text_of(s.b.exchange(s.request())); });
    }
    pass(7'000);
    both([&](quiet_service& s) { return s.enqueue("0000GENER00AA000000003", "b"); });
    alone(true);
    EXPECT_ANY_THROW(here_.claim()) << "a lapsed lease";
    --here_.number;
    alone(false);
    both([&](quiet_service& s) { return s.claim(); });
    agree();
}

TEST_F(lone, numbers_said_again_get_the_same_answer)
{
    std::string const first = "0000GENER00AA000000001";
    std::string const id = "0000GENER00AA000000002";
    both([&](quiet_service& s) { return s.claim(); });
    both([&](quiet_service& s) { return s.enqueue(first, "a"); });
    both([&](quiet_service& s) { return s.claim(); });
    both([&](quiet_service& s) { return s.finish(first); });
    alone(true);
    both([&](quiet_service& s) { return s.enqueue(id, "a"); });
    both([&](quiet_service& s) { return s.claim(false); });
    alone(false);
    for (quiet_service* s : {&here_, &there_}) {
        --s->batch;
        --s->number;
    }
    both([&](quiet_service& s) { return s.enqueue(id, "a"); });
    both([&](quiet_service& s) { return s.claim(false); });
    agree();
}

}  // namespace
