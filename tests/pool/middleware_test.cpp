// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include "bench.hpp"

namespace pool_tests {
namespace {

work::middleware noting(std::string& to, char name)
{
    return [&to, name](work::context&, work::next go) -> work::task<void> {
        to += name;
        co_await go();
        to += static_cast<char>(name - 'a' + 'A');
    };
}

TEST(middleware, the_first_used_is_outermost_and_own_ones_are_inside)
{
    bench b;
    std::string order;
    b.pool->use("job", noting(order, 'c'));
    b.pool->use(noting(order, 'a'));
    b.pool->use(noting(order, 'b'));
    b.pool->use("other", noting(order, 'x'));
    b.pool->handle("job", [&](work::context&) -> work::task<void> {
        order += '.';
        co_return;
    });
    b.enqueue("job");
    b.drain();
    EXPECT_EQ(order, "abc.CBA");
}

TEST(middleware, may_refuse_replace_and_try_again)
{
    bench b;
    int handled = 0;
    int refused = 0;
    b.pool->use([&](work::context& job, work::next go) -> work::task<void> {
        if (job.attempt() == 1) {
            ++refused;
            throw std::runtime_error("not the first time");
        }
        bool failed = false;
        try {
            co_await go();
        } catch (std::exception const&) {
            failed = true;
        }
        if (failed)
            co_await go();
    });
    b.pool->handle("job", [&](work::context&) -> work::task<void> {
        if (++handled == 1)
            throw std::runtime_error("once more");
        co_return;
    }, at_once());
    b.enqueue("job");
    b.start();
    ASSERT_TRUE(b.until([&] { return handled == 2; }));
    b.stop();
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(b.counts().retry + b.counts().dead, 0);
}

TEST(middleware, that_forgets_to_go_on_fails_the_attempt)
{
    for (int forgets = 0; forgets != 3; ++forgets) {
        bench b;
        int handled = 0;
        b.pool->use([](work::context&, work::next go) -> work::task<void> { co_await go(); });
        b.pool->use([&](work::context&, work::next go) -> work::task<void> {
            if (forgets == 0)
                co_return;
            if (forgets == 1)
                static_cast<void>(go());  // not awaited
            else
                go.skip();
        });
        b.pool->handle("job", [&](work::context&) -> work::task<void> {
            ++handled;
            co_return;
        }, at_once(1));
        std::string const id = b.enqueue("job");
        b.drain();
        EXPECT_EQ(handled, 0);
        work::job_record const record = b.job(id);
        if (forgets == 2) {
            EXPECT_EQ(record.state, work::job_state::completed);
            continue;
        }
        EXPECT_EQ(record.state, work::job_state::dead);
        ASSERT_EQ(record.failures.size(), 1u);
        EXPECT_THAT(record.failures[0], testing::HasSubstr("\"type\":\"handler_not_run\""));
        EXPECT_THAT(record.failures[0], testing::HasSubstr("middleware 2 of 2 around job"));
    }
}

TEST(middleware, that_is_empty_is_refused)
{
    bench b;
    EXPECT_THROW(b.pool->use(work::middleware()), work::error);
    EXPECT_THROW(b.pool->use("job", work::middleware()), work::error);
    EXPECT_THROW(b.pool->provide<int>({}), work::error);
    work::task<void> (*none)(work::context&) = nullptr;
    EXPECT_THROW(b.pool->handle("job", none), work::error);
}

struct session
{
    explicit session(int& living) : living_(living) { ++living_; }
    ~session() { --living_; }
    int& living_;
};

TEST(provide, makes_an_object_for_each_job_which_is_gone_after_it)
{
    bench b;
    int living = 0;
    int most = 0;
    b.pool->provide<session>([&](work::context&) { return std::make_shared<session>(living); });
    b.pool->use([&](work::context& job, work::next go) -> work::task<void> {
        EXPECT_EQ(&job.get<session>().living_, &living);
        co_await go();
    });
    b.pool->handle("job", [&](work::context& job) -> work::task<void> {
        most = std::max(most, job.get<session>().living_);
        EXPECT_THROW(job.get<int>(), std::logic_error);
        co_await wait_for(1ms);
    });
    for (int i = 0; i != 5; ++i)
        b.enqueue("job");
    b.drain();
    EXPECT_GE(most, 1);
    EXPECT_EQ(living, 0);
}

TEST(provide, that_throws_fails_the_job)
{
    bench b;
    b.pool->provide<session>([&](work::context&) -> std::shared_ptr<session> {
        throw std::runtime_error("no database");
    });
    b.pool->handle("job", nothing, at_once(1));
    std::string const id = b.enqueue("job");
    b.drain();
    ASSERT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_THAT(b.job(id).failures[0], testing::HasSubstr("no database"));
    EXPECT_THAT(b.job(id).failures[0], testing::HasSubstr("session threw"));
}

TEST(provide, that_returns_null_fails_the_job_and_says_what_it_was_to_make)
{
    bench b;
    int handled = 0;
    b.pool->provide<session>([](work::context&) { return std::shared_ptr<session>(); });
    b.pool->handle("job", [&](work::context&) -> work::task<void> {
        ++handled;
        co_return;
    }, at_once(1));
    std::string const id = b.enqueue("job");
    b.drain();
    EXPECT_EQ(handled, 0);
    ASSERT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_THAT(b.job(id).failures[0], testing::HasSubstr("session returned null"));
}

TEST(provide, may_say_that_no_retry_helps)
{
    bench b;
    b.pool->provide<session>([](work::context&) -> std::shared_ptr<session> {
        throw work::fatal("the tenant is gone");
    });
    b.pool->handle("job", nothing);
    std::string const id = b.enqueue("job");
    b.drain();
    EXPECT_EQ(b.job(id).state, work::job_state::dead);
}

TEST(handle, refuses_names_twice_and_while_it_runs)
{
    bench b;
    b.pool->handle("job", nothing);
    EXPECT_THROW(b.pool->handle("job", nothing), work::error);
    EXPECT_THROW(b.pool->handle("", nothing), work::error);
    b.start();
    b.until([&] { return b.pool->running() > 0; }, 20ms);
    EXPECT_THROW(b.pool->handle("more", nothing), work::error);
    b.stop();
    EXPECT_NO_THROW(b.pool->handle("more", nothing));
}

}  // namespace
}  // namespace pool_tests
