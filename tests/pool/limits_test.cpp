// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Limits through the public face: set live, named by handlers, and told by explain.

#include <work/limits.hpp>

#include <boost/asio/steady_timer.hpp>

#include <gmock/gmock.h>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;

struct limited_mail
{
    std::int64_t to = 0;
};
BOOST_DESCRIBE_STRUCT(limited_mail, (), (to))

class limits : public either_broker
{
protected:
    work::limit_state state_of(std::string name)
    {
        work::limits all{*client};
        return get(all.get(std::move(name))).value_or(work::limit_state());
    }
    /// How many of so many jobs ran at a time, at most. They stay until so many do.
    int run_all(int jobs, int together, work::job_options options)
    {
        int running = 0, most = 0, done = 0;
        work::worker_pool pool{*client, {.concurrency = 20}};
        pool.handle<limited_mail>(
            [&](work::context&, limited_mail) -> work::task<void> {
                most = std::max(most, ++running);
                boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
                do {
                    pause.expires_after(5ms);
                    co_await pause.async_wait(boost::asio::use_awaitable);
                } while (most < together);
                --running;
                if (++done == jobs)
                    pool.stop();
            },
            std::move(options)
        );
        for (int i = 0; i != jobs; ++i)
            get(enqueuer->enqueue<limited_mail>(i));
        get(pool.run());
        return most;
    }
};

TEST_P(limits, of_a_handler_hold_in_its_pool_and_are_kept)
{
    EXPECT_EQ(run_all(30, 3, {.max_concurrency = 3}), 3);
    auto const kept = state_of("name:limited_mail");
    EXPECT_EQ(kept.slots, 3);
    EXPECT_EQ(kept.held, 0);
    EXPECT_EQ(kept.by, work::limit_origin::pool);
}

TEST_P(limits, that_a_hand_set_go_before_the_handlers)
{
    work::limits all{*client};
    work::limit_options two;
    two.slots = 2;
    two.scope = work::limit_scope{{}, {"limited_mail"}};
    two.by = "ada";
    EXPECT_EQ(get(all.set("name:limited_mail", two)), work::limit_code::done);
    EXPECT_EQ(run_all(20, 2, {.max_concurrency = 9}), 2);
    EXPECT_EQ(state_of("name:limited_mail").who, "ada");
    EXPECT_EQ(get(all.list()).size(), 1u);
    EXPECT_TRUE(get(all.remove("name:limited_mail", "ada")));
    EXPECT_FALSE(get(all.remove("name:limited_mail")));
    EXPECT_TRUE(get(all.list()).empty());
}

TEST_P(limits, are_what_explain_names_first)
{
    work::limits all{*client};
    work::limit_options none;
    none.slots = 0;
    none.scope = work::limit_scope{{"limited_mail"}, {}};
    get(all.set("post", none));
    auto const job = get(enqueuer->enqueue<limited_mail>(1));
    auto const why = get(inspector->explain(job.id()));
    ASSERT_FALSE(why.reasons.empty());
    EXPECT_EQ(why.reasons[0].gate, "limit");
    EXPECT_EQ(
        why.text(),
        "limit \"post\" lets 0 jobs run at a time, and 0 run; it goes on when somebody raises it"
    );
    EXPECT_EQ(why.reasons[0].values.at("slots"), 0);
}

TEST_P(limits, that_can_not_be_are_refused_by_name)
{
    work::limits all{*client};
    work::limit_options options;
    options.slots = -1;
    try {
        get(all.set("post", options));
        ADD_FAILURE() << "it was set";
    } catch (work::error const& e) {
        EXPECT_EQ(e.code(), work::errc::invalid_option);
        EXPECT_THAT(e.what(), testing::HasSubstr("limit_options::slots is -1"));
    }
    options.slots = 1;
    EXPECT_THROW(get(all.set("", options)), work::error);
    options.scope = work::limit_scope{{"a\nb"}, {}};
    EXPECT_THROW(get(all.set("post", options)), work::error);
    work::worker_pool pool{*client};
    EXPECT_THROW(
        pool.handle<limited_mail>(
            [](work::context&, limited_mail) -> work::task<void> { co_return; },
            {.max_concurrency = 0}
        ),
        work::error
    );
}

INSTANTIATE_TEST_SUITE_P(on, limits, testing::Values("memory", "redis"), [](auto const& side) {
    return std::string(side.param);
});

}  // namespace
}  // namespace pool_tests
