// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/harmed_keys.hpp"

namespace {

using namespace work_test;

std::shared_ptr<private_redis> const& server()
{
    static auto const one = std::make_shared<private_redis>();
    return one;
}

std::vector<std::string> all_keys()
{
    harmed_keys scene(server());
    return harmed_keys::some_of(scene.broker().dump());
}

void go_on(harmed_keys& scene)
{
    scene.live(10 * harmed_keys::lease_ms);
    scene.finish_busy();
    scene.live(8 * harmed_keys::lease_ms);
}

// By itself, within a few leases.
TEST(harmed, key_that_is_overwritten_costs_no_job)
{
    for (std::string const& key : all_keys()) {
        harmed_keys scene(server());
        scene.overwrite(key);
        go_on(scene);
        EXPECT_THAT(scene.wrong(), testing::IsEmpty()) << key << " of " << scene.expected();
        EXPECT_FALSE(scene.sweeps()) << key;
    }
}

TEST(harmed, key_that_is_deleted_costs_no_job_once_it_is_repaired)
{
    for (std::string const& key : all_keys()) {
        harmed_keys scene(server());
        scene.remove(key);
        scene.live(2 * harmed_keys::lease_ms);
        scene.repair();
        go_on(scene);
        EXPECT_THAT(scene.wrong(), testing::IsEmpty()) << key << " of " << scene.expected();
    }
}

TEST(harmed, nothing_costs_nothing)
{
    harmed_keys scene(server());
    scene.remove("nothing");
    scene.live(10 * harmed_keys::lease_ms);
    EXPECT_EQ(scene.repair(), 0u);
    scene.finish_busy();
    scene.live(2 * harmed_keys::lease_ms);
    EXPECT_THAT(scene.wrong(), testing::IsEmpty());
    EXPECT_FALSE(scene.sweeps());
}

// One by one, and each while what the one before set aside is looked for.
TEST(harmed, keys_that_are_overwritten_one_after_the_other_cost_no_job)
{
    harmed_keys scene(server());
    for (char const* const key :
         {"list:a",
          "leases",
          "scheduled",
          "suspects",
          "claimed:07",
          "retry",
          "prio:a",
          "list:q:a",
          "dead",
          "large_claims"}) {
        scene.overwrite(key);
        scene.live(harmed_keys::lease_ms);
    }
    go_on(scene);
    EXPECT_THAT(scene.wrong(), testing::IsEmpty());
    EXPECT_FALSE(scene.sweeps());
}

TEST(harmed, list_is_told_and_counted)
{
    harmed_keys scene(server());
    scene.overwrite("list:q:a");
    go_on(scene);
    EXPECT_THAT(
        scene.notes(),
        testing::Contains("in no place: 10 job(s) are pending again; a key was "
                          "overwritten")
    );
    EXPECT_EQ(scene.broker().counts().forgotten, 10);
}

// Two sweeps at least a lease apart.
TEST(harmed, list_is_not_refilled_within_a_lease)
{
    harmed_keys scene(server());
    scene.overwrite("list:q:a");
    for (int i = 0; i != 100 && !scene.sweeps(); ++i)
        scene.live(harmed_keys::round_ms);
    scene.live(harmed_keys::lease_ms);
    EXPECT_EQ(scene.broker().counts().forgotten, 0);
    EXPECT_TRUE(scene.sweeps());
    scene.live(4 * harmed_keys::lease_ms);
    EXPECT_EQ(scene.broker().counts().forgotten, 10);
    EXPECT_FALSE(scene.sweeps());
}

TEST(harmed, claims_without_a_lease_lapse)
{
    harmed_keys scene(server());
    scene.overwrite("leases");
    go_on(scene);
    for (auto const& [key, text] : scene.broker().dump()) {
        EXPECT_FALSE(key.starts_with("claim")) << key;
        EXPECT_FALSE(key.starts_with("left")) << key;
    }
}

// A namespace of thousands of jobs in many lists: in steps, each of a part of the records.
TEST(harmed, list_of_thousands_is_looked_for_in_steps)
{
    harmed_keys scene(server());
    auto& redis = scene.broker().connection();
    std::string const prefix = scene.broker().prefix();
    constexpr int jobs = 20'000;
    work::redis::command fill;
    for (int i = 0; i != jobs; ++i) {
        std::string const id = "many" + std::to_string(i);
        auto const segment = work::id_segment(id);
        fill.push(
            "HSET",
            prefix + "jobs:" + std::string(segment.data(), segment.size()),
            id,
            "2 0000 0000 1790000000000 " + std::string(i % 2 ? "c" : "d") + "\n\n{}"
        );
        if (i % 2 == 0)
            fill.push("RPUSH", prefix + "list:d", id);
    }
    redis.call_all(fill);
    scene.overwrite("list:q:a");
    redis.call("CONFIG", "RESETSTAT");
    scene.live(200 * harmed_keys::lease_ms);
    EXPECT_EQ(redis.call("LLEN", prefix + "list:d").integer(), jobs / 2);
    EXPECT_EQ(redis.call("LLEN", prefix + "list:c").integer(), jobs / 2);
    EXPECT_EQ(scene.broker().counts().forgotten, jobs / 2 + 10);
    EXPECT_FALSE(scene.sweeps());
}

// The tests above must be able to fail.
struct sweep_mutation
{
    script_mutation in;
    char const* key;
    char const* and_key = nullptr;
};

class harmed_mutants : public testing::TestWithParam<sweep_mutation>
{};

TEST_P(harmed_mutants, are_caught)
{
    harmed_keys scene(server(), GetParam().in);
    scene.overwrite(GetParam().key);
    if (GetParam().and_key)
        scene.overwrite(GetParam().and_key);
    go_on(scene);
    EXPECT_THAT(scene.wrong(), testing::Not(testing::IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(
    sweep,
    harmed_mutants,
    testing::Values(
        sweep_mutation{
            {"nothing_tells_of_a_key_set_aside", "    astray()\n    if key", "    if key"},
            "list:a"
        },
        sweep_mutation{
            {"a_claim_that_can_not_be_read_tells_nothing",
             "      if not kind then\n"
             "        astray()",
             "      if not kind then"},
            "claim:1790000013500001"
        },
        sweep_mutation{
            {"a_group_that_can_not_be_read_tells_nothing", "if #before == 0 then astray() end", ""},
            "group:3"
        },
        sweep_mutation{
            {"what_was_dead_runs",
             "if call('HEXISTS', K .. 'bytes:dead', id) == 1 then",
             "if false then"},
            "dead"
        },
        sweep_mutation{
            {"a_claim_that_can_not_be_read_is_passed_over", "at.unsure = 1\n", "\n"},
            "claim:1790000010000001",
            "list:q:a"
        },
        sweep_mutation{
            {"claims_are_not_read",
             "for id in ids_of(blob) do\n            seen",
             "for id in ids_of('') do\n            seen"},
            "list:q:a"
        },
        sweep_mutation{
            {"names_of_suspects_stay_unknown", "call('ZADD', K .. 'suspects', count, name)", ""},
            "suspects"
        }
    ),
    [](auto const& mutant) { return std::string(mutant.param.in.name); }
);

}  // namespace
