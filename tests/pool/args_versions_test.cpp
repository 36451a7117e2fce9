// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Versions of arguments: older ones are brought up to date, newer ones wait for a newer program.

#include <work/broker/broker.hpp>
#include <work/pool/retry_policy.hpp>

#include <boost/json/object.hpp>

#include <stdexcept>

#include "bench.hpp"
#include "support/redis_server.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;

namespace third {
struct charge
{
    std::int64_t cents = 0;
    std::string currency;
    static constexpr std::string_view job_name = "charge";
    static constexpr int args_version = 3;
    // 1: {"amount":12}; 2: {"cents":1200}; 3: {"cents":1200,"currency":"EUR"}
    static void upcast(int from, boost::json::value& arguments)
    {
        auto& all = arguments.as_object();
        if (from < 2)
            all["cents"] = all.at("amount").as_int64() * 100;
        if (from < 3)
            all["currency"] = "EUR";
    }
};
BOOST_DESCRIBE_STRUCT(charge, (), (cents, currency))
}  // namespace third

namespace second {
struct charge
{
    std::int64_t cents = 0;
    static constexpr std::string_view job_name = "charge";
    static constexpr int args_version = 2;
};
BOOST_DESCRIBE_STRUCT(charge, (), (cents))
}  // namespace second

namespace first {
struct charge
{
    std::int64_t amount = 0;
    static constexpr std::string_view job_name = "charge";
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount))
}  // namespace first

/// On either broker.
struct args_versions : testing::TestWithParam<char const*>
{
    args_versions()
    {
        std::string url = "memory:";
        if (GetParam() == std::string("redis"))
            url = server.emplace().url();
        b.emplace(work::pool_options(), bench::many_threads, url);
    }
    work::job_info info(std::string const& id) { return b->get(b->inspector->job(id)); }

    std::optional<work::testing::redis_server> server;
    std::optional<bench> b;
};

work::enqueue_options of_version(int version)
{
    return {.args_version = version};
}

TEST_P(args_versions, older_ones_are_upcast_and_their_own_are_not)
{
    std::vector<std::string> charged;
    b->pool->handle<third::charge>(
        [&](work::context& job, third::charge const& c) -> work::task<void> {
            charged.push_back(
                std::to_string(job.args_version()) + ":" + std::to_string(c.cents) + c.currency
            );
            co_return;
        }
    );
    (void)b->get(b->enqueuer->enqueue<first::charge>(12));
    (void)b->get(b->enqueuer->enqueue<second::charge>(1300));
    (void)b->get(b->enqueuer->enqueue<third::charge>(1400, "USD"));
    (void)b->get(b->enqueuer->enqueue_json("charge", R"({"amount":15})"));
    (void)b->get(b->enqueuer->enqueue_json("charge", R"({"cents":16})", of_version(2)));
    std::vector<second::charge> const many{{17}, {18}};
    (void)b->get(b->enqueuer->enqueue(many));
    b->drain();
    EXPECT_EQ(
        charged,
        (std::vector<std::string>{
            "1:1200EUR",
            "2:1300EUR",
            "3:1400USD",
            "1:1500EUR",
            "2:16EUR",
            "2:17EUR",
            "2:18EUR"
        })
    );
    EXPECT_EQ(b->counts().dead + b->counts().retry, 0);
}

TEST_P(args_versions, are_seen_and_cost_nothing_where_there_is_none)
{
    std::string const one = b->get(b->enqueuer->enqueue<first::charge>(12)).id();
    std::string const three = b->get(b->enqueuer->enqueue<third::charge>(12, "EUR")).id();
    EXPECT_EQ(info(one).args_version, 1);
    EXPECT_EQ(info(one).options.text, "{}");
    EXPECT_EQ(info(three).args_version, 3);
    EXPECT_EQ(info(three).options.text, R"({"args_version":3})");
    // With other options, set before or after, of a job or of a range, the type's stays.
    work::new_job made = work::make<third::charge>(1, "EUR").with({.max_attempts = 3});
    made.set_options(work::stored_options());
    EXPECT_EQ(made.options().args_version, 3);
    made.set_header("a", "b");
    EXPECT_EQ(info(b->get(b->enqueuer->enqueue(made)).id()).args_version, 3);
    work::job_change change;
    change.args = R"({"amount":5})";
    change.options = R"({"args_version":1})";
    b->get(b->inspector->edit(three, change));
    EXPECT_EQ(info(three).args_version, 1);
}

TEST_P(args_versions, newer_ones_wait_for_a_newer_program_and_cost_no_attempt)
{
    work::job_options how = at_once(1);
    how.max_snoozes = 1;
    b->pool->handle<second::charge>(
        [](work::context&, second::charge) -> work::task<void> { co_return; },
        how
    );
    std::string const id = b->get(b->enqueuer->enqueue<third::charge>(1400, "USD")).id();
    for (int i = 1; i <= 3; ++i) {
        b->drain();
        work::job_info const job = info(id);
        ASSERT_EQ(job.state, work::job_state::retry) << i;
        EXPECT_EQ(job.failed_attempts, 0);
        ASSERT_EQ(job.failures.size(), static_cast<std::size_t>(i));
        EXPECT_GE(job.when_ms, job.failures.back().at_ms + 4'000);
        EXPECT_EQ(job.failures.back().type, "newer_arguments");
        EXPECT_EQ(
            job.failures.back().message,
            "charge: its arguments are of version 3, this handler takes version 2; it is left to "
            "a program that knows them"
        );
        b->get(b->inspector->requeue({id}));
        b->pool.emplace(*b->client);
        b->pool->handle<second::charge>(
            [](work::context&, second::charge) -> work::task<void> { co_return; },
            how
        );
    }
    EXPECT_EQ(b->logged("its arguments are of version 3"), 3) << "once a pool";
    // The deploy goes on.
    int ran = 0;
    b->pool.emplace(*b->client);
    b->pool->handle<third::charge>([&](work::context&, third::charge) -> work::task<void> {
        ++ran;
        co_return;
    });
    b->drain();
    EXPECT_EQ(ran, 1);
    EXPECT_EQ(info(id).state, work::job_state::completed);
}

TEST_P(args_versions, an_older_one_without_upcast_fails_by_name)
{
    b->pool->handle<second::charge>(
        [](work::context&, second::charge) -> work::task<void> { co_return; },
        at_once(25)
    );
    std::string const id = b->get(b->enqueuer->enqueue<first::charge>(12)).id();
    b->drain();
    work::job_info const job = info(id);
    EXPECT_EQ(job.state, work::job_state::retry);
    EXPECT_EQ(job.failed_attempts, 1);
    EXPECT_GE(job.when_ms, job.failures.at(0).at_ms + 30'000);
    EXPECT_EQ(job.failures.at(0).type, "no_upcast");
    EXPECT_EQ(
        job.failures.at(0).message,
        "charge: its arguments are of version 1, this handler takes version 2 and has no upcast "
        "from older ones"
    );
}

TEST_P(args_versions, an_upcast_that_fails_names_the_type_and_both_versions)
{
    work::job_options how;
    how.args_version = 4;
    how.on_bad_arguments = work::on_bad_arguments::dead;
    how.upcast = [](int from, boost::json::value& arguments) {
        if (from == 1)
            throw std::runtime_error("no such account");
        if (from == 2)
            throw work::fatal("never");
        arguments = 5;
    };
    b->pool
        ->handle("move", [](work::context&, std::int64_t) -> work::task<void> { co_return; }, how);
    std::vector<std::string> ids;
    for (int version = 1; version <= 3; ++version)
        ids.push_back(b->enqueue_with(of_version(version), "move", 5));
    b->drain();
    std::string const start = "move: upcast of its arguments from version ";
    std::string const texts[] = {
        "1 to version 4 failed: std::runtime_error: no such account",
        "2 to version 4 failed: never",
        "3 to version 4 failed: it made integer 5 of them, no array or object"
    };
    for (std::size_t i = 0; i != ids.size(); ++i) {
        work::job_info const job = info(ids[i]);
        EXPECT_EQ(job.state, work::job_state::dead);
        EXPECT_EQ(job.failures.at(0).type, "upcast_failed");
        EXPECT_EQ(job.failures.at(0).message, start + texts[i]);
    }
}

TEST_P(args_versions, what_an_upcast_made_may_not_fit_either)
{
    work::job_options how = at_once(25);
    how.args_version = 2;
    how.upcast = [](int, boost::json::value& arguments) { arguments.as_array()[0] = "x"; };
    b->pool
        ->handle("move", [](work::context&, std::int64_t) -> work::task<void> { co_return; }, how);
    std::string const id = b->enqueue("move", 5);
    b->drain();
    EXPECT_EQ(info(id).failures.at(0).type, "bad_arguments");
    EXPECT_THAT(
        info(id).failures.at(0).message,
        testing::EndsWith("(after upcast from version 1 to version 2)")
    );
}

TEST_P(args_versions, go_with_a_job_to_its_next_stage)
{
    std::vector<int> seen;
    work::job_options how;
    how.args_version = 2;
    how.upcast = [](int, boost::json::value&) {};
    b->pool->handle(
        "load",
        [&](work::context& job) -> work::task<work::outcome> {
            seen.push_back(job.args_version());
            work::outcome next = work::next_stage(work::make<third::charge>(5, "EUR"));
            co_return next;
        },
        how
    );
    b->pool->handle<third::charge>([&](work::context& job, third::charge) -> work::task<void> {
        seen.push_back(job.args_version());
        co_return;
    });
    (void)b->enqueue_with(of_version(2), "load");
    b->drain();
    EXPECT_EQ(seen, (std::vector<int>{2, 3}));
}

INSTANTIATE_TEST_SUITE_P(on, args_versions, testing::Values("memory", "redis"));

std::string refusal_of(std::function<void()> const& call)
{
    try {
        call();
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        return e.what();
    }
    return {};
}

TEST(args_version, that_can_not_be_is_refused)
{
    bench b;
    EXPECT_THAT(
        refusal_of([&] { (void)work::make("a").with({.args_version = -1}); }),
        HasSubstr("args_version is -1, which is outside 1..1000000")
    );
    EXPECT_THAT(
        refusal_of([&] { (void)work::make<third::charge>().with({.args_version = 2}); }),
        HasSubstr("args_version is 2, but arguments made of charge are of its args_version, 3")
    );
    auto const handle = [&](int version, bool upcast) {
        work::job_options how;
        how.args_version = version;
        if (upcast)
            how.upcast = [](int, boost::json::value&) {};
        return how;
    };
    EXPECT_THAT(
        refusal_of([&] { b.pool->handle("a", nothing, handle(0, true)); }),
        HasSubstr("upcast is given, but args_version is 0")
    );
    EXPECT_THAT(
        refusal_of([&] { b.pool->handle("a", nothing, handle(1'000'001, false)); }),
        HasSubstr("args_version is 1000001")
    );
    EXPECT_THAT(
        refusal_of([&] {
            b.pool->handle<third::charge>(
                [](third::charge) -> work::task<void> { co_return; },
                handle(4, false)
            );
        }),
        HasSubstr("its type says args_version 3")
    );
    EXPECT_FALSE(work::decode_options(R"({"args_version":0})"));
}

TEST(args_version, of_newer_arguments_comes_again_slower_and_until_its_deadline)
{
    work::job_options how;
    how.max_attempts = 1;
    work::detail::failed_attempt attempt;
    attempt.newer_arguments = true;
    attempt.created_ms = 1'000'000;
    auto const pause = [&](std::int64_t age) {
        attempt.now_ms = std::max(attempt.created_ms, attempt.due_ms) + age;
        auto const next = work::detail::decide_retry(how, nullptr, attempt);
        return next.kind == work::outcome_kind::uncounted ? next.delay_ms : -1;
    };
    EXPECT_EQ(pause(0), 5'000);
    EXPECT_EQ(pause(100'000), 25'000);
    EXPECT_EQ(pause(100'000'000), 300'000);
    attempt.random = 255;
    EXPECT_EQ(pause(0), 5'000 + 255 * 5'000 / 1024);
    attempt.random = 0;
    attempt.due_ms = 90'000'000;
    EXPECT_EQ(pause(40'000), 10'000) << "its age is counted from when it was due";
    how.deadline = std::chrono::milliseconds(89'000'000 + 50'000);
    EXPECT_EQ(pause(20'000), 5'000);
    EXPECT_EQ(pause(46'000), -1) << "its deadline will have passed";
}

}  // namespace
}  // namespace pool_tests
