// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What plain jobs cost the server, command by command, while no feature is used. A change of these
// figures is one that everybody pays for: it is to be meant. (One GET and one SET a call are left
// out: the clock of the tests.)

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/broker_subject.hpp"
#include "support/one_job.hpp"

namespace {

using namespace work_test;

class command_count : public testing::Test
{
protected:
    /// The commands that the server carries out meanwhile, but for those of the test: its clock.
    std::string of(auto const& what)
    {
        redis_.connection().call("CONFIG", "RESETSTAT");
        what();
        auto const info = redis_.connection().call("INFO", "commandstats");
        std::string_view text = info.text();
        std::map<std::string, std::int64_t> counts;
        for (auto at = text.find("cmdstat_"); at != text.npos; at = text.find("cmdstat_", at)) {
            at += 8;
            auto const colon = text.find(':', at);
            counts[std::string(text.substr(at, colon - at))] =
                std::stoll(std::string(text.substr(text.find("calls=", colon) + 6, 12)));
        }
        --counts["config|resetstat"];
        for (char const* const clock : {"get", "set"})
            counts[clock] -= counts["evalsha"];
        std::string all;
        for (auto const& [name, count] : counts)
            if (count != 0)
                all += (all.empty() ? "" : " ") + name + "=" + std::to_string(count);
        return all;
    }
    void enqueue(int jobs)
    {
        work::enqueue_request all;
        std::vector<std::unique_ptr<one_job>> held;
        for (int i = 0; i != jobs; ++i) {
            std::string id = std::to_string(++last_id_);
            // All in one segment.
            id = "0000GENER00AA" + std::string(9 - id.size(), '0') + id;
            ids_.push_back(id);
            held.push_back(std::make_unique<one_job>(id, "b", redis_.now_ms()));
            work::enqueue_request one = held.back()->batch(0);
            all.producer = one.producer;
            all.jobs.push_back(one.jobs.front());
        }
        all.number = ++batch_;
        redis_.enqueue(all);
    }
    work::exchange_request request()
    {
        work::exchange_request r;
        r.pool = "A";
        r.number = ++number_;
        r.lease_ms = 15'000;
        if (number_ == 1)
            r.serves = {{"*a", 0}, {"*b", 1}, {"*c", 2}};
        return r;
    }
    /// Reports what was claimed before, and asks for more.
    void exchange(int want, bool wait = false)
    {
        work::exchange_request r = request();
        if (open_ != 0) {
            work::finished_jobs done;
            done.claim = open_;
            done.ids.assign(ids_.begin(), ids_.begin() + claimed_);
            r.finished.push_back(done);
            r.close = {open_};
        }
        if (want > 0) {
            r.want = want;
            r.max_bytes = 1 << 20;
            r.take_suspects = true;
            r.will_wait = wait;
            r.fetch_order = {{"*b", want, false}, {"*a", want, false}, {"*c", want, false}};
        }
        work::exchange_answer const answer = redis_.exchange(r);
        ids_.erase(ids_.begin(), ids_.begin() + claimed_);
        open_ = answer.claim;
        claimed_ = static_cast<std::ptrdiff_t>(answer.jobs.size());
    }
    /// A list that was in use before, and a pool that is known.
    void settle()
    {
        exchange(1);
        enqueue(2);
        exchange(10);
        exchange(0);
        redis_.pass(700);
    }

    redis_subject redis_{std::make_shared<private_redis>()};

private:
    std::vector<std::string> ids_;
    int last_id_ = 0;
    std::int64_t batch_ = 0, number_ = 0;
    work::claim_number open_ = 0;
    std::ptrdiff_t claimed_ = 0;
};

TEST_F(command_count, of_a_batch_is_the_same_whatever_its_size)
{
    settle();
    std::string const enqueued = of([&] { enqueue(100); });
    EXPECT_EQ(enqueued, "evalsha=1 hset=1 llen=1 mget=1 rpush=1 sadd=1 set=1 zmscore=1");
    std::string const claimed = of([&] { exchange(100); });
    EXPECT_EQ(
        claimed,
        "evalsha=1 exists=1 hget=1 hmget=5 hset=2 llen=1 lpop=1 lrange=1 set=1 smembers=1 "
        "smismember=2 srem=1 zadd=2 zcard=1 zrange=3"
    );
    enqueue(100);
    // What ended, and more, in one exchange.
    EXPECT_EQ(
        of([&] { exchange(100); }),
        "del=1 evalsha=1 exists=2 hdel=1 hget=1 hmget=5 hset=2 llen=1 lpop=1 set=1 smembers=1 "
        "smismember=1 srem=1 zadd=2 zcard=1 zrange=3 zrem=2 zscore=1"
    );
    std::string const done = of([&] { exchange(0); });
    EXPECT_EQ(
        done,
        "del=1 evalsha=1 exists=1 hdel=1 hget=1 hmget=1 hset=2 smembers=1 zrange=3 zrem=2 zscore=1"
    );
    EXPECT_EQ(of([&] { enqueue(250); }), enqueued);
    EXPECT_EQ(of([&] { exchange(250); }), claimed);
    EXPECT_EQ(of([&] { exchange(0); }), done);
}

TEST_F(command_count, of_a_lone_job)
{
    settle();
    EXPECT_EQ(
        of([&] { enqueue(1); }),
        "evalsha=1 hset=1 llen=1 mget=1 rpush=1 sadd=1 set=1 zmscore=1"
    );
    EXPECT_EQ(
        of([&] { exchange(10, true); }),
        "evalsha=1 exists=1 hmget=4 hset=3 lpop=1 lrange=1 set=1 smismember=1 srem=1 zadd=1 "
        "zrange=3"
    );
    EXPECT_EQ(
        of([&] { exchange(0); }),
        "del=1 evalsha=1 exists=1 hdel=2 hget=1 hmget=1 hset=2 smembers=1 zrange=3 zrem=1 zscore=1"
    );
    EXPECT_EQ(
        of([&] { exchange(10, true); }),
        "evalsha=1 hget=1 hmget=2 hset=2 smembers=1 smismember=2 zcard=1 zrange=3"
    );
}

// They are met once, and then by nobody.
TEST_F(command_count, of_jobs_behind_a_full_limit_is_that_of_none)
{
    settle();
    std::string const none = of([&] { exchange(10); });
    work::limit_change limit;
    limit.name = "none";
    limit.slots = 0;
    limit.scope = work::limit_scope{{}, {"b"}};
    ASSERT_EQ(redis_.change_limit(limit), work::limit_code::done);
    enqueue(250);
    exchange(10);
    EXPECT_EQ(of([&] { exchange(10); }), none);
    enqueue(250);
    EXPECT_EQ(of([&] { exchange(10); }), none);
}

// Nothing of a limit or a pause that is over stays in the way of others.
TEST_F(command_count, is_as_before_when_what_was_used_is_used_no_more)
{
    settle();
    std::string const enqueued = of([&] { enqueue(100); });
    std::string const claimed = of([&] { exchange(100); });
    std::string const done = of([&] { exchange(0); });
    work::limit_change limit;
    limit.name = "seven";
    limit.slots = 7;
    limit.scope = work::limit_scope{{}, {"b"}};
    ASSERT_EQ(redis_.change_limit(limit), work::limit_code::done);
    work::pause_request pause;
    pause.kind = work::pause_kind::name;
    pause.name = "b";
    redis_.pause(pause);
    enqueue(10);
    exchange(10);
    pause.pause = false;
    redis_.pause(pause);
    exchange(10);
    exchange(10);
    exchange(0);
    limit.remove = true;
    ASSERT_EQ(redis_.change_limit(limit), work::limit_code::done);
    redis_.pass(700);
    EXPECT_EQ(of([&] { enqueue(100); }), enqueued);
    EXPECT_EQ(of([&] { exchange(100); }), claimed);
    EXPECT_EQ(of([&] { exchange(0); }), done);
}

}  // namespace
