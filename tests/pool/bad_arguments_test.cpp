// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What becomes of jobs whose arguments nobody can read, or this handler can't.

#include <work/broker/broker.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/envelope.hpp>

#include <algorithm>
#include <stdexcept>

#include "bench.hpp"

namespace pool_tests {
namespace {

using testing::HasSubstr;

struct charge
{
    int amount = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount, note))

std::string refusal(bench& b, std::string json)
{
    try {
        (void)b.enqueuer->enqueue_json("charge", std::move(json));
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_arguments);
        return e.what();
    }
    return {};
}

/// As another program may have written it.
std::string store(bench& b, std::string_view args)
{
    static int number = 0;
    ++number;
    std::string const id = "stored-" + std::to_string(number);
    std::string envelope;
    work::envelope_view e;
    e.created_ms = 1;
    e.list = "charge";
    e.args = args;
    work::append_envelope(envelope, e);
    work::enqueue_request request;
    request.producer = "other";
    request.number = number;
    work::new_job job;
    job.id = id;
    job.list = "charge";
    job.envelope = envelope;
    request.jobs.push_back(job);
    b.get(b.client->broker()->enqueue(request));
    return id;
}

TEST(bad_arguments, json_text_that_nobody_can_read_is_refused_at_the_call)
{
    bench b;
    EXPECT_THAT(refusal(b, "{broken"), HasSubstr("charge: arguments are not JSON: "));
    EXPECT_THAT(refusal(b, "{broken"), HasSubstr("at byte 1"));
    EXPECT_THAT(refusal(b, "[NaN]"), HasSubstr("at byte 1"));
    EXPECT_THAT(refusal(b, "[\"\\ud800\"]"), HasSubstr("not JSON"));
    EXPECT_THAT(refusal(b, "[\"\xff\"]"), HasSubstr("not JSON"));
    EXPECT_THAT(refusal(b, "[1] 2"), HasSubstr("not JSON"));
    EXPECT_THAT(refusal(b, "[1"), HasSubstr("not JSON"));
    EXPECT_THAT(refusal(b, std::string(600, '[') + std::string(600, ']')), HasSubstr("512 levels"));
    EXPECT_EQ(refusal(b, "5"), "charge: arguments must be a JSON array or object, found integer 5");
    for (char const* other : {"null", "true", "\"x\"", "1.5", "", " "})
        EXPECT_NE(refusal(b, other), "") << other;
    for (char const* good : {"[]", "{}", " [1, \"\\ud83d\\ude00\"] ", "{\"a\":{}}"})
        EXPECT_EQ(refusal(b, good), "") << good;
    EXPECT_EQ(b.counts().pending, 0);
}

TEST(bad_arguments, a_stored_job_that_nobody_can_read_is_dead_at_once)
{
    bench b;
    b.pool->handle<charge>([](work::context&, charge) -> work::task<void> { co_return; });
    std::vector<std::string> ids;
    for (char const* args : {"{broken", "[NaN]", "5", "null", "[\"\xff\"]"})
        ids.push_back(store(b, args));
    b.drain();
    for (std::string const& id : ids) {
        work::job_record const record = b.job(id);
        EXPECT_EQ(record.state, work::job_state::dead);
        ASSERT_EQ(record.failures.size(), 1u);
        EXPECT_THAT(record.failures[0], HasSubstr("\"type\":\"bad_arguments\""));
        EXPECT_THAT(record.failures[0], HasSubstr("charge: arguments"));
    }
}

TEST(bad_arguments, that_may_fit_another_version_are_retried_with_their_path_told)
{
    bench b;
    b.pool->handle<charge>(
        [](work::context&, charge) -> work::task<void> { co_return; },
        at_once(25)
    );
    std::string const id = b.get(b.enqueuer->enqueue_json("charge", R"({"amonut":5})")).id();
    std::string const other = b.get(b.enqueuer->enqueue_json("charge", R"({"amount":"x"})")).id();
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::retry);
    EXPECT_GE(b.job(id).when_ms, b.job(id).now_ms + 30'000);
    EXPECT_THAT(b.job(id).failures.at(0), HasSubstr("\"type\":\"bad_arguments\""));
    EXPECT_THAT(b.job(id).failures.at(0), HasSubstr("did you mean amount?"));
    EXPECT_THAT(b.job(other).failures.at(0), HasSubstr("argument amount: expected an integer"));
}

TEST(bad_arguments, die_at_once_where_their_type_says_so)
{
    bench b;
    work::job_options how;
    how.on_bad_arguments = work::on_bad_arguments::dead;
    b.pool->handle<charge>([](work::context&, charge) -> work::task<void> { co_return; }, how);
    std::string const id = b.get(b.enqueuer->enqueue_json("charge", R"({"amount":"x"})")).id();
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
}

TEST(bad_arguments, of_a_job_that_the_handler_itself_enqueues_are_its_own_failure)
{
    bench b;
    b.pool->handle(
        "a",
        [&](work::context&) -> work::task<void> {
            co_await b.enqueuer->enqueue_json("b", "{broken");
        },
        at_once(1)
    );
    std::string const id = b.enqueue("a");
    b.drain();
    EXPECT_THAT(b.job(id).failures.at(0), HasSubstr("\"type\":\"work::error\""));
}

TEST(bad_arguments, at_most_five_attempts_over_at_least_ten_minutes)
{
    for (int most = 2; most != 12; ++most) {
        for (auto const pause : {1ms, std::chrono::milliseconds(1'000'000)}) {
            work::job_options how;
            how.max_attempts = most;
            how.backoff = work::backoff::fixed(pause);
            work::detail::failed_attempt attempt;
            attempt.bad_arguments = true;
            std::int64_t in_all = 0;
            int attempts = 1;
            for (;; ++attempts) {
                attempt.attempts_before = attempts - 1;
                auto const next = work::detail::decide_retry(how, nullptr, attempt);
                if (next.kind != work::outcome_kind::retry)
                    break;
                EXPECT_GE(next.delay_ms, pause.count());
                in_all += next.delay_ms;
            }
            EXPECT_EQ(attempts, std::min(most, 5));
            EXPECT_GE(in_all, 600'000);
            if (pause == 1ms) {
                EXPECT_LE(in_all, 600'100);
            }
        }
    }
}

TEST(bad_arguments, members_that_are_ignored_are_logged_once_with_the_nearest_name)
{
    bench b;
    int runs = 0;
    b.pool->handle<charge>([&](work::context&, charge) -> work::task<void> {
        ++runs;
        co_return;
    });
    b.pool->handle("list", [&](work::context&, std::vector<charge>) -> work::task<void> {
        ++runs;
        co_return;
    });
    for (int i = 0; i != 20; ++i) {
        b.get(b.enqueuer->enqueue_json("charge", R"({"amount":5,"nota":"\u001b[31m"})"));
        b.get(b.enqueuer->enqueue_json(
            "list",
            R"([[{"amount":5},{"note":"","x":1},{"note":"","x":2}]])"
        ));
    }
    b.drain();
    EXPECT_EQ(runs, 40);
    std::vector<std::string> said;
    for (std::string const& line : b.lines) {
        if (line.find("is ignored") != std::string::npos)
            said.push_back(line.substr(line.find(": ") + 2));
    }
    std::sort(said.begin(), said.end());
    ASSERT_EQ(said.size(), 2u);
    EXPECT_EQ(
        said[0],
        "charge: argument nota is not known to the handler and is ignored; did the "
        "writer mean note?"
    );
    EXPECT_EQ(said[1], "list: argument 1[1].x is not known to the handler and is ignored");
}

}  // namespace
}  // namespace pool_tests
