// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <boost/asio/experimental/awaitable_operators.hpp>

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
    b.pool->handle("other", nothing);
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
    b.pool->handle(
        "job",
        [&](work::context&) -> work::task<void> {
            if (++handled == 1)
                throw std::runtime_error("once more");
            co_return;
        },
        at_once()
    );
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
        b.pool->handle(
            "job",
            [&](work::context&) -> work::task<void> {
                ++handled;
                co_return;
            },
            at_once(1)
        );
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
        EXPECT_EQ(b.logged("middleware 2 of 2 around job returned without co_await go()"), 1);
    }
}

// Inside, outside, at once, or with what it got before: the handler never runs twice.
TEST(middleware, that_goes_on_again_though_the_handler_did_not_fail_makes_the_job_dead)
{
    for (int how = 0; how != 4; ++how) {
        bench b;
        int handled = 0;
        auto const twice = [how](work::context&, work::next go) -> work::task<void> {
            using namespace boost::asio::experimental::awaitable_operators;
            if (how == 2) {
                co_await (go() && go());
            } else if (how == 3) {
                work::task<void> first = go();
                work::task<void> second = go();
                co_await std::move(first);
                co_await std::move(second);
            } else {
                co_await go();
                co_await go();
            }
        };
        auto const once = [](work::context&, work::next go) { return go(); };
        if (how == 0) {
            b.pool->use(twice);
            b.pool->use(once);
        } else {
            b.pool->use(once);
            b.pool->use(twice);
        }
        b.pool->handle("job", [&](work::context&) -> work::task<void> {
            ++handled;
            co_await wait_for(1ms);
        });
        std::string const id = b.enqueue("job");
        b.drain();
        EXPECT_EQ(handled, 1) << how;
        work::job_record const record = b.job(id);
        EXPECT_EQ(record.state, work::job_state::dead) << how;
        ASSERT_EQ(record.failures.size(), 1u);
        std::string const why = "middleware " + std::to_string(how == 0 ? 1 : 2) +
                                " of 2 around job awaited go() again";
        EXPECT_THAT(record.failures[0], testing::HasSubstr(why));
        EXPECT_THAT(record.failures[0], testing::HasSubstr("\"type\":\"handler_run_again\""));
        EXPECT_EQ(b.logged(why), 1);
    }
}

TEST(middleware, and_handlers_that_return_an_empty_task_fail_the_attempt)
{
    for (bool const by_handler : {false, true}) {
        bench b;
        b.pool->use([&](work::context&, work::next go) -> work::task<void> {
            if (by_handler)
                return go();
            return work::task<void>();
        });
        b.pool->handle("job", [](work::context&) { return work::task<void>(); }, at_once(1));
        b.pool->handle("other", [](work::context&) { return work::task<int>(); }, at_once(1));
        for (char const* name : {"job", "other"}) {
            std::string const id = b.enqueue(name);
            b.drain();
            ASSERT_EQ(b.job(id).failures.size(), 1u);
            EXPECT_THAT(
                b.job(id).failures[0],
                testing::HasSubstr(
                    (by_handler ? "the handler of " : "middleware 1 of 1 around ") +
                    std::string(name) + " returned an empty task"
                )
            );
        }
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

TEST(middleware, and_providers_are_refused_while_the_pool_runs)
{
    bench b;
    b.pool->handle("job", nothing);
    auto const layer = [](work::context&, work::next go) { return go(); };
    b.start();
    b.until([&] { return b.pool->running() > 0; }, 20ms);
    EXPECT_THROW(b.pool->use(layer), work::error);
    EXPECT_THROW(b.pool->use("job", layer), work::error);
    EXPECT_THROW(
        b.pool->provide<int>([](work::context&) { return std::make_shared<int>(1); }),
        work::error
    );
    b.stop();
    EXPECT_NO_THROW(b.pool->use(layer));
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
        try {
            (void)job.get<int>();
            ADD_FAILURE();
        } catch (std::logic_error const& e) {
            EXPECT_STREQ(
                e.what(),
                "work: no object of type int was provided; call pool.provide<int>(...) "
                "before the pool runs; provided: pool_tests::(anonymous "
                "namespace)::session"
            );
        }
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
    EXPECT_THAT(b.job(id).failures[0], testing::HasSubstr("\"type\":\"provider_failed\""));
    for (int i = 0; i != 10; ++i)
        b.enqueue("job");
    b.drain();
    EXPECT_EQ(b.logged("job " + id + " (job) did not start: the provider of "), 1);
    EXPECT_EQ(b.logged("session threw; caused by std::runtime_error: no database"), 1);
}

TEST(provide, that_throws_no_exception_fails_the_job)
{
    bench b;
    b.pool->provide<session>([](work::context&) -> std::shared_ptr<session> { throw 7; });
    b.pool->handle("job", nothing, at_once(1));
    std::string const id = b.enqueue("job");
    b.drain();
    ASSERT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_THAT(b.job(id).failures[0], testing::HasSubstr("session threw; caused by int"));
}

TEST(provide, of_one_type_twice_is_refused)
{
    bench b;
    auto const make = [](work::context&) { return std::make_shared<int>(1); };
    b.pool->provide<int>(make);
    try {
        b.pool->provide<int>(make);
        ADD_FAILURE();
    } catch (work::error const& e) {
        EXPECT_STREQ(
            e.what(),
            "provide<int>: this pool provides one already, and no job would see "
            "the second"
        );
    }
}

TEST(provide, that_returns_null_fails_the_job_and_says_what_it_was_to_make)
{
    bench b;
    int handled = 0;
    b.pool->provide<session>([](work::context&) { return std::shared_ptr<session>(); });
    b.pool->handle(
        "job",
        [&](work::context&) -> work::task<void> {
            ++handled;
            co_return;
        },
        at_once(1)
    );
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
    ASSERT_EQ(b.job(id).failures.size(), 1u);
    EXPECT_THAT(
        b.job(id).failures[0],
        testing::HasSubstr("session threw; caused by work::fatal: the tenant is gone")
    );
}

TEST(handle, refuses_parameter_names_that_are_given_twice_or_empty)
{
    bench b;
    auto const add = [](work::context&, int, int) -> work::task<void> { co_return; };
    EXPECT_THROW(b.pool->handle("add", {"a", "a"}, add), work::error);
    EXPECT_THROW(b.pool->handle("add", {"a", ""}, add), work::error);
    EXPECT_NO_THROW(b.pool->handle("add", {"a", "b"}, add));
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
