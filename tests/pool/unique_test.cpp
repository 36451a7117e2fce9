// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Unique jobs through the public face: by what, until when, and what a call is told.

#include <boost/asio/steady_timer.hpp>

#include <map>
#include <set>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;

struct unique_invoice
{
    std::int64_t account = 0;
    std::string month;
    std::string note;

    static constexpr auto unique =
        work::unique_by<&unique_invoice::account, &unique_invoice::month>.or_else(
            work::conflict::replace
        );
};
BOOST_DESCRIBE_STRUCT(unique_invoice, (), (account, month, note))

struct unique_look
{
    std::int64_t document = 0;

    static constexpr auto unique =
        work::unique_by<&unique_look::document>.released(work::until::started);
};
BOOST_DESCRIBE_STRUCT(unique_look, (), (document))

class unique : public either_broker
{
protected:
    work::job_handle enqueue(work::new_job job) { return get(enqueuer->enqueue(std::move(job))); }
    std::string args(std::string const& id) { return get(inspector->job(id)).args; }
};

TEST_P(unique, by_members_another_gets_the_id_of_the_one_that_is_there)
{
    auto const first = enqueue(work::make<unique_invoice>(9, "11", "a"));
    EXPECT_FALSE(first.duplicate());
    EXPECT_EQ(first.code(), "stored");
    auto const again = enqueue(work::make<unique_invoice>(9, "11", "b"));
    EXPECT_TRUE(again.duplicate());
    EXPECT_TRUE(again.replaced());
    EXPECT_FALSE(again.extended());
    EXPECT_EQ(again.id(), first.id());
    EXPECT_EQ(args(first.id()), R"({"account":9,"month":"11","note":"b"})");
    EXPECT_NE(enqueue(work::make<unique_invoice>(9, "12", "a")).id(), first.id());
    // The options of a call go before what the type says.
    unique_invoice const third{9, "11", "c"};
    EXPECT_EQ(
        enqueue(work::make(third, {.on_conflict = work::conflict::keep})).code(),
        "duplicate"
    );
    EXPECT_EQ(enqueue(work::make(third).with({.queue = "other"})).id(), first.id());
    EXPECT_EQ(enqueue(work::make(third, {.unique_key = "x"})).code(), "stored");
    auto const shown = get(inspector->job(first.id()));
    ASSERT_TRUE(shown.unique);
    EXPECT_EQ(shown.unique->until, "ended");
    EXPECT_EQ(shown.unique->digest.size(), 32u);
}

TEST_P(unique, by_arguments_spaces_and_the_order_of_members_mean_nothing)
{
    auto const with = [](char const* args) {
        return work::make_json("sync", args, {.unique = true});
    };
    auto const first = enqueue(with(R"({"a":1,"b":[1.5,{"y":null,"x":"z"}]})"));
    EXPECT_EQ(
        enqueue(with(R"( { "b" : [15e-1, {"x":"\u007a","y":null}], "a": 1 } )")).id(),
        first.id()
    );
    EXPECT_EQ(enqueue(with(R"({"a":1,"b":[1.5,{"y":0,"x":"z"}]})")).code(), "stored");
    EXPECT_EQ(enqueue(with(R"({"a":1,"b":[1.5,{"y":null,"x":"z"}],"c":0})")).code(), "stored");
    EXPECT_EQ(enqueue(with("[[1,2],3]")).code(), "stored");
    EXPECT_EQ(enqueue(with("[[1],2,3]")).code(), "stored");
    EXPECT_EQ(enqueue(with("[]")).code(), "stored");
    EXPECT_EQ(enqueue(with("[[]]")).code(), "stored");
    EXPECT_EQ(enqueue(with("[ [ ] ]")).code(), "duplicate");
    EXPECT_EQ(enqueue(work::make_json("other", "[]", {.unique = true})).code(), "stored");
}

TEST_P(unique, a_batch_with_some_of_one_key_stores_the_first)
{
    std::vector<unique_look> const looks{{1}, {2}, {1}, {3}, {2}};
    auto const handles = get(enqueuer->enqueue(looks));
    std::vector<std::string_view> codes;
    for (auto const& one : handles)
        codes.push_back(one.code());
    EXPECT_EQ(
        codes,
        (std::vector<std::string_view>{"stored", "stored", "duplicate", "stored", "duplicate"})
    );
    EXPECT_EQ(handles[2].id(), handles[0].id());
    EXPECT_EQ(handles[4].id(), handles[1].id());
}

// What changes while a handler runs is looked at by another one.
TEST_P(unique, until_started_another_may_be_stored_by_the_handler_itself)
{
    work::worker_pool pool(*client, {.concurrency = 4});
    std::vector<std::string> codes;
    pool.handle<unique_look>([&](work::context&, unique_look look) -> work::task<void> {
        if (codes.size() < 3) {
            auto const more = co_await enqueuer->enqueue(look);
            codes.emplace_back(more.code());
        }
    });
    enqueue(work::make<unique_look>(1));
    get(pool.run_until_empty());
    EXPECT_EQ(codes, (std::vector<std::string>{"stored", "stored", "stored"}));
}

TEST_P(unique, until_ended_it_keeps_others_out_through_retries_and_not_longer)
{
    work::worker_pool pool(*client, {.concurrency = 4});
    std::vector<std::string> codes;
    int runs = 0;
    pool.handle(
        "once",
        [&](work::context&) -> work::task<void> {
            auto again = work::make("once").with({.unique = true});
            auto const more = co_await enqueuer->enqueue(again);
            codes.emplace_back(more.code());
            if (++runs < 3)
                throw std::runtime_error("not yet");
        },
        {.backoff = work::backoff::fixed(1ms)}
    );
    auto const first = enqueue(work::make("once").with({.unique = true}));
    work::broker_counts left;
    do {
        get(pool.run_until_empty());
        left = get(inspector->counts());
    } while (left.retry + left.pending > 0);
    EXPECT_EQ(codes, (std::vector<std::string>{"duplicate", "duplicate", "duplicate"}));
    EXPECT_EQ(enqueue(work::make("once").with({.unique = true})).code(), "stored");
}

TEST_P(unique, many_calls_become_one_job_some_time_after_the_last_of_them)
{
    auto const draft = [&](std::string const& text, std::chrono::milliseconds in) {
        return enqueue(
            work::make("save", text)
                .with({.in = in, .unique_key = "draft", .on_conflict = work::conflict::renew})
        );
    };
    auto const first = draft("a", 10s);
    EXPECT_EQ(draft("b", 1h).code(), "renewed");
    auto const shown = get(inspector->job(first.id()));
    EXPECT_EQ(shown.args, R"(["b"])");
    EXPECT_GT(shown.when_ms, shown.now_ms + 3'500'000);
    draft("c", 0ms);
    std::vector<std::string> ran;
    work::worker_pool pool(*client, {.concurrency = 4});
    pool.handle("save", [&](work::context&, std::string text) -> work::task<void> {
        ran.push_back(text);
        co_return;
    });
    get(pool.run_until_empty());
    EXPECT_EQ(ran, std::vector<std::string>{"c"});
}

TEST_P(unique, what_contradicts_itself_is_refused)
{
    auto const refused = [&](work::enqueue_options const& options) {
        try {
            enqueue(work::make("x").with(options));
        } catch (work::error const& fault) {
            return fault.code() == work::errc::invalid_option;
        }
        return false;
    };
    EXPECT_TRUE(refused({.unique = true, .unique_until = work::until::ended, .unique_for = 1s}));
    EXPECT_TRUE(refused({.unique_until = work::until::ended}));
    EXPECT_TRUE(refused({.on_conflict = work::conflict::replace}));
    EXPECT_TRUE(refused({.unique_for = 1s}));
    EXPECT_TRUE(refused({.unique = true, .unique_for = 0ms}));
    EXPECT_TRUE(refused({.unique = true, .unique_for = std::chrono::hours(24 * 400)}));
    EXPECT_EQ(get(inspector->counts()).pending, 0);
}

INSTANTIATE_TEST_SUITE_P(on, unique, testing::Values("memory", "redis"), [](auto const& which) {
    return std::string(which.param);
});

}  // namespace
}  // namespace pool_tests
