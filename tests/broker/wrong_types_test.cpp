// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;

// Somebody overwrites one of our keys by hand with each type: it is renamed and told, and the rest
// goes on.
class overwritten_key : public testing::TestWithParam<char const*>
{
protected:
    static std::vector<std::string> types() { return {"string", "list", "hash", "set", "zset"}; }

    static void overwrite(redis_subject& broker, std::string const& name, std::string const& type)
    {
        std::string const key = broker.prefix() + name;
        auto& redis = broker.connection();
        redis.call("DEL", key);
        if (type == "string")
            redis.call("SET", key, "by hand");
        else if (type == "list")
            redis.call("RPUSH", key, "by hand");
        else if (type == "hash")
            redis.call("HSET", key, "by", "hand");
        else if (type == "set")
            redis.call("SADD", key, "by hand");
        else
            redis.call("ZADD", key, 1, "by hand");
    }
    static std::string type_of(redis_subject& broker, std::string const& name)
    {
        return std::string(broker.connection().call("TYPE", broker.prefix() + name).text());
    }
};

work::new_job make_job(std::string_view id, std::string_view envelope, std::int64_t delay = 0)
{
    work::new_job job;
    job.id = id;
    job.list = envelope.substr(26, envelope.find_first_of(" \n", 26) - 26);
    job.envelope = envelope;
    job.delay_ms = delay;
    job.priority = envelope.find(" p=") != envelope.npos ? 1 : 0;
    return job;
}

TEST_P(overwritten_key, by_any_type_is_renamed_and_the_rest_goes_on)
{
    static auto const server = std::make_shared<private_redis>();
    for (std::string const& type : types()) {
        SCOPED_TRACE(type);
        redis_subject broker(server);
        std::int64_t batch = 0, number = 0;
        auto const enqueue =
            [&](std::string_view id, std::string_view envelope, std::int64_t delay = 0) {
                work::enqueue_request r;
                r.producer = "p";
                r.number = ++batch;
                r.jobs = {make_job(id, envelope, delay)};
                return broker.enqueue(r);
            };
        std::vector<std::string> notes;
        auto const exchange = [&](work::exchange_request r) {
            r.pool = "pool";
            r.number = ++number;
            r.serves = {{"*a", 0}};
            r.want = 20;
            r.discover = r.take_suspects = r.will_wait = r.chores = true;
            auto a = broker.exchange(r);
            notes.insert(notes.end(), a.notes.begin(), a.notes.end());
            return a;
        };
        std::string const plain = "2 0000 0000 1790000000000 a\n\n{}";
        std::string const failed = "2 0008 0001 1790000000000 a\n\n{}";
        std::string const elsewhere = "2 0000 0000 1790000000000 q:a\n\n{}";
        std::string const first = "2 0002 0000 1790000000000 a p=1\n\n{}";
        // A little of everything.
        broker.show("pool");
        broker.leave("gone", {});
        enqueue("later", plain, 50'000);
        enqueue("done", failed);
        enqueue("again", plain);
        auto a = exchange({});
        work::exchange_request words;
        words.outcomes = {
            {a.claim, "done", work::outcome_kind::complete, 5'000, "{}"},
            {a.claim, "again", work::outcome_kind::retry, 60'000, "{}"}
        };
        words.close = {a.claim};
        words.counts = {{"a", 1, 1}};
        exchange(words);
        enqueue("active", plain);
        enqueue("leaves", plain);
        a = exchange({});
        words = {};
        words.progress = {{a.claim, "active", "half"}};
        words.outcomes = {{a.claim, "leaves", work::outcome_kind::retry, 60'000, "{}"}};
        exchange(words);
        broker.cancel({"active"});
        enqueue("ahead", first);
        enqueue("pending", plain);
        enqueue("elsewhere", elsewhere);
        enqueue("ghost", plain);
        broker.cancel({"ghost"});
        notes.clear();

        std::string name = GetParam();
        auto const dump = broker.dump();
        if (name.ends_with('*')) {
            name.pop_back();
            auto const found = dump.lower_bound(name);
            ASSERT_TRUE(found != dump.end() && found->first.starts_with(name)) << name;
            name = found->first;
        }
        std::string const ours = type_of(broker, name);
        if (ours == type)
            continue;
        overwrite(broker, name, type);

        for (int round = 0; round != 3; ++round) {
            std::string const id = "new" + std::to_string(round);
            enqueue(id, plain);
            enqueue("ahead" + id, first);
            enqueue("else" + id, elsewhere);
            enqueue("later" + id, plain, 1'000);
            broker.pass(4'000);
            auto const got = exchange({});
            std::vector<std::string> got_ids;
            words = {};
            for (auto const& job : got.jobs) {
                got_ids.emplace_back(job.id);
                words.outcomes.push_back({got.claim, job.id, work::outcome_kind::complete, 0, "{}"}
                );
            }
            EXPECT_NE(std::find(got_ids.begin(), got_ids.end(), id), got_ids.end());
            EXPECT_NE(std::find(got_ids.begin(), got_ids.end(), "ahead" + id), got_ids.end());
            EXPECT_NE(std::find(got_ids.begin(), got_ids.end(), "later" + id), got_ids.end());
            EXPECT_NE(std::find(got_ids.begin(), got_ids.end(), "else" + id), got_ids.end());
            words.close = {got.claim};
            words.counts = {{"a", 1, 0}};
            words.renew = {a.claim};
            auto const said = exchange(words);
            for (auto const code : said.outcomes)
                EXPECT_EQ(code, work::outcome_code::ok);
            broker.counts();
            broker.outstanding({"*a"});
            broker.job("later");
            broker.job("done");
            broker.job("again");
            enqueue("cancelled" + id, plain);
            broker.cancel({"cancelled" + id, "pending"});
            broker.requeue({"again", "later"});
            broker.pass(4'000);
            exchange({});
        }
        words = {};
        words.close = {a.claim};
        exchange(words);
        broker.leave("pool", {"*a"});
        EXPECT_NE(type_of(broker, name), type) << "nothing healed " << name;
    }
}

INSTANTIATE_TEST_SUITE_P(
    of,
    overwritten_key,
    testing::Values(
        "jobs:*",
        "list:a",
        "prio:a",
        "side:a",
        "ready",
        "lists",
        "leases",
        "claim:*",
        "left:*",
        "progress:*",
        "pool:pool",
        "pools",
        "absent",
        "serves:pool",
        "orders:pool",
        "scheduled",
        "retry",
        "traces",
        "kept",
        "completed:a",
        "failures:*",
        "stats",
        "stats:*",
        "broker",
        "alarm",
        "wake:*a",
        "queues:a",
        "producer:*"
    ),
    [](testing::TestParamInfo<char const*> const& key) {
        std::string name = key.param;
        std::replace_if(name.begin(), name.end(), [](char c) { return c == ':' || c == '*'; }, '_');
        return name;
    }
);

}  // namespace
