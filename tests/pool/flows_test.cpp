// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Jobs that need others, through the public face.

#include <work/flow.hpp>

#include <functional>
#include <gmock/gmock.h>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct fetch
{
    std::string url;
};
BOOST_DESCRIBE_STRUCT(fetch, (), (url))

struct count_words
{};
BOOST_DESCRIBE_STRUCT(count_words, (), ())

class flows : public either_broker
{
protected:
    std::optional<work::worker_pool> pool;
    flows()
    {
        pool.emplace(*client, work::pool_options{.concurrency = 20});
        pool->handle<fetch>([this](work::context&, fetch what) -> work::task<std::string> {
            ran.push_back("fetch " + what.url);
            co_return "the text of " + what.url;
        });
        pool->handle<count_words>(
            [this](work::context& job, count_words) -> work::task<std::int64_t> {
                auto const page = co_await job.result_of<std::string>("page");
                ran.push_back("count " + page);
                co_return static_cast<std::int64_t>(page.size());
            }
        );
        pool->handle("note", [this](work::context& job, std::string what) -> work::task<void> {
            std::vector<work::job_gift> const gifts = co_await job.given();
            for (work::job_gift const& one : gifts)
                what += " " + one.from + "=" + one.state + one.result + one.reason;
            ran.push_back(what);
        });
        pool->handle(
            "fails",
            [](work::context&) -> work::task<void> {
                throw std::runtime_error("no such page");
                co_return;
            },
            {.max_attempts = 1}
        );
    }
    void drain()
    {
        auto const run = [&]() -> work::task<void> { co_await pool->run_until_empty(); };
        run_task(run());
    }
    template <typename T>
    T run_task(work::task<T> what)
    {
        return get(std::move(what));
    }
    std::vector<work::job_handle> start(work::flow& one) { return run_task(one.start()); }
    work::job_info job(std::string id) { return run_task(inspector->job(std::move(id))); }
    static std::string error_of(std::function<void()> const& what)
    {
        try {
            what();
        } catch (work::error const& e) {
            return std::string(to_text(e.code())) + ": " + e.what();
        }
        return "nothing";
    }
    static std::string to_text(boost::system::error_code code)
    {
        return std::to_string(code.value());
    }

    void need_very_many(bool is_beside)
    {
        constexpr int many = 700;
        std::optional<work::flow> all;
        auto const build = [&] {
            std::vector<work::flow_job> parts;
            for (int i = 0; i != many; ++i) {
                auto const name = std::to_string(i);
                parts.push_back(
                    i == 650 ? all->add(work::make("fails")) : all->add(fetch{name}, {})
                );
            }
            all->add(work::make("note", "success"), work::after(parts));
            all->add(work::make("note", "complete"), work::after(parts).even_if_failed());
            all->add(fetch{"last"}, work::after(parts.front()));
        };
        if (is_beside) {
            pool->handle("split", [&](work::context& job) -> work::task<void> {
                all.emplace(work::flow::beside(*client, job));
                build();
                co_await all->start();
            });
            work::flow outer(*client);
            auto const split = outer.add(work::make("split"));
            outer.add(work::make("note", "behind"), work::after(split).even_if_failed());
            start(outer);
        } else {
            all.emplace(*client, "many");
            build();
            EXPECT_EQ(start(*all).size(), many + 3u);
            EXPECT_EQ(run_task(inspector->flow(all->id())).jobs.size(), many + 3u);
        }
        drain();
        std::set<std::string> const met(ran.begin(), ran.end());
        EXPECT_EQ(met.size(), ran.size());
        EXPECT_TRUE(met.contains("fetch 0") && met.contains("fetch last"));
        std::string told, behind;
        for (std::string const& one : ran) {
            EXPECT_FALSE(one.starts_with("success")) << one;
            told = one.starts_with("complete") ? one : told;
            behind = one.starts_with("behind") ? one : behind;
        }
        EXPECT_THAT(told, HasSubstr("=deadno such page"));
        EXPECT_EQ(std::count(told.begin(), told.end(), '='), many) << told.substr(0, 300);
        EXPECT_EQ(behind.empty(), !is_beside);
        EXPECT_EQ(run_task(inspector->counts()).waiting, 0);
    }

    std::vector<std::string> ran;
};

TEST_P(flows, results_are_handed_on_under_their_names)
{
    work::flow one(*client, "words");
    auto const page = one.add(fetch{"a"});
    auto const count = one.add(count_words{}, work::after(page).as("page"));
    one.add(work::make("note", "told"), work::after(count).as("words"));
    auto const handles = start(one);
    ASSERT_EQ(handles.size(), 3u);
    EXPECT_EQ(handles[1].id(), count.id());
    EXPECT_EQ(job(count.id()).state, work::job_state::waiting);
    auto const waiting = job(count.id());
    ASSERT_TRUE(waiting.bound.has_value());
    EXPECT_EQ(waiting.bound->flow, one.id());
    EXPECT_EQ(waiting.bound->waits_for.at(0).id, page.id());
    EXPECT_EQ(job(page.id()).bound->needed_by, std::vector<std::string>{count.id()});
    EXPECT_THAT(
        run_task(inspector->explain(count.id())).text(),
        HasSubstr("it needs \"" + page.id() + "\" to end first")
    );
    drain();
    EXPECT_THAT(ran, ElementsAre("fetch a", "count the text of a", "told words=completed13"));
}

TEST_P(flows, of_jobs_that_need_very_many_run_when_those_have_ended)
{
    need_very_many(false);
}

TEST_P(flows, of_jobs_that_need_very_many_are_added_beside_one_that_runs)
{
    need_very_many(true);
}

// The last of what is added, and its last part, may be refused: the gate stays closed.
TEST_P(flows, of_jobs_beside_one_nothing_runs_when_the_last_is_refused)
{
    std::vector<std::string> errors;
    pool->handle("split", [&](work::context& job) -> work::task<void> {
        work::flow more = work::flow::beside(*client, job);
        std::vector<work::flow_job> parts;
        for (int i = 0; i != 300; ++i)
            parts.push_back(more.add(fetch{std::to_string(i)}));
        more.add(fetch{"last"}, work::after(parts.front()) && work::after("never"));
        for (int turn = 0; turn != 2; ++turn) {
            try {
                co_await more.start();
                errors.emplace_back("none");
            } catch (work::error const& e) {
                errors.emplace_back(e.what());
            }
        }
    });
    run_task(enqueuer->enqueue("split"));
    drain();
    EXPECT_THAT(ran, testing::IsEmpty());
    ASSERT_EQ(errors.size(), 2u);
    EXPECT_THAT(errors[0], HasSubstr("needs never, which is not there"));
    EXPECT_EQ(errors[1], errors[0]) << "started once more";
    EXPECT_EQ(run_task(inspector->counts()).waiting, 0);
}

TEST_P(flows, jobs_are_not_added_beside_one_that_very_many_need)
{
    work::flow outer(*client);
    std::string error;
    pool->handle("split", [&](work::context& job) -> work::task<void> {
        work::flow more = work::flow::beside(*client, job);
        more.add(fetch{"a"});
        try {
            co_await more.start();
        } catch (work::error const& e) {
            error = std::string(to_text(e.code())) + ": " + e.what();
        }
    });
    auto const split = outer.add(work::make("split"));
    for (int i = 0; i != 300; ++i)
        outer.add(fetch{std::to_string(i)}, work::after(split));
    start(outer);
    drain();
    EXPECT_THAT(
        error,
        HasSubstr("is added beside " + split.id() + ", which more than 256 jobs need")
    );
    EXPECT_EQ(ran.size(), 300u);
}

TEST_P(flows, a_batch_has_callbacks_for_success_and_for_the_end)
{
    for (bool const fails : {false, true}) {
        ran.clear();
        work::flow batch(*client);
        for (char const* const url : {"a", "b", "c"})
            batch.add(fetch{url});
        if (fails)
            batch.add(work::make("fails"));
        auto const good = batch.on_success(work::make("note", "good"));
        auto const over = batch.on_complete(work::make("note", "over"));
        start(batch);
        drain();
        std::multiset<std::string> words;
        for (std::string const& text : ran)
            words.insert(text.substr(0, text.find(' ')));
        EXPECT_EQ(words.count("fetch"), 3u);
        EXPECT_EQ(words.count("good"), fails ? 0u : 1u);
        EXPECT_EQ(words.count("over"), 1u);
        if (fails) {
            EXPECT_EQ(job(good.id()).state, work::job_state::cancelled);
            EXPECT_THAT(job(good.id()).ended->reason, HasSubstr("which is dead"));
            EXPECT_THAT(ran.back(), HasSubstr("=deadno such page"));
        }
    }
}

TEST_P(flows, of_one_that_is_refused_nothing_runs)
{
    work::flow lacks(*client);
    lacks.add(fetch{"a"});
    lacks.add(fetch{"b"}, work::after("no-such-job"));
    EXPECT_THAT(
        error_of([&] { start(lacks); }),
        HasSubstr("needs no-such-job, which is not there, has ended otherwise")
    );
    fetch const first{"first"};
    run_task(enqueuer->enqueue(first, {.id = "mine"}));
    work::flow known(*client);
    known.add(fetch{"c"});
    known.add(fetch{"d"}, {.id = "mine"});
    EXPECT_THAT(error_of([&] { start(known); }), HasSubstr("has an id that is in use"));
    drain();
    EXPECT_THAT(ran, ElementsAre("fetch first"));
}

TEST_P(flows, larger_than_a_batch_are_stored_in_parts_and_run_whole)
{
    work::flow large(*client);
    std::vector<work::flow_job> all;
    for (int i = 0; i != 700; ++i) {
        if (i % 7 == 0)
            all.push_back(large.add(fetch{std::to_string(i)}));
        else
            all.push_back(large.add(fetch{std::to_string(i)}, work::after(all.back())));
    }
    auto const last = large.on_success(work::make("note", "last"));
    EXPECT_EQ(start(large).size(), 701u);
    drain();
    EXPECT_EQ(ran.size(), 701u);
    EXPECT_EQ(ran.back().substr(0, 4), "last");
    EXPECT_EQ(job(last.id()).state, work::job_state::completed);
}

TEST_P(flows, of_a_large_one_that_is_refused_in_its_last_part_nothing_runs)
{
    work::flow large(*client);
    for (int i = 0; i != 600; ++i)
        large.add(fetch{std::to_string(i)});
    large.add(fetch{"last"}, work::after("no-such-job"));
    EXPECT_THAT(error_of([&] { start(large); }), HasSubstr("nothing of the flow runs"));
    drain();
    EXPECT_TRUE(ran.empty());
}

TEST_P(flows, jobs_are_added_beside_one_that_runs)
{
    pool->handle("split", [this](work::context& job) -> work::task<void> {
        work::flow more = work::flow::beside(*client, job);
        EXPECT_EQ(more.id(), job.flow());
        for (char const* const url : {"x", "y"})
            more.add(fetch{url});
        co_await more.start();
        ran.push_back("split");
    });
    work::flow batch(*client);
    batch.add(work::make("split"));
    batch.on_success(work::make("note", "all"));
    start(batch);
    drain();
    ASSERT_EQ(ran.size(), 4u);
    EXPECT_EQ(ran[0], "split");
    EXPECT_EQ(ran[3].substr(0, 3), "all");
}

TEST_P(flows, need_jobs_that_are_stored_already)
{
    fetch const earlier{"before"};
    auto const before = run_task(enqueuer->enqueue(earlier));
    work::flow one(*client);
    one.add(count_words{}, work::after(before).as("page"));
    start(one);
    drain();
    EXPECT_THAT(ran, ElementsAre("fetch before", "count the text of before"));
    // And those that have ended, and are kept.
    ran.clear();
    work::flow later(*client);
    later.add(count_words{}, work::after(before.id()).as("page"));
    start(later);
    drain();
    EXPECT_THAT(ran, ElementsAre("count the text of before"));
}

TEST_P(flows, say_what_is_wrong_with_them)
{
    work::flow one(*client);
    auto const a = one.add(fetch{"a"});
    EXPECT_THAT(
        error_of([&] { one.add(fetch{"b"}, work::after(a, a)); }),
        HasSubstr("needs " + a.id() + " twice")
    );
    EXPECT_THAT(
        error_of([&] { one.add(fetch{"b"}, work::after("an id with spaces")); }),
        HasSubstr("can't be used")
    );
    EXPECT_THAT(
        error_of([&] { std::ignore = work::after(a, a).as("x"); }),
        HasSubstr("is of 2 jobs: name each")
    );
    EXPECT_THAT(
        error_of([&] { std::ignore = work::after(a).as(std::string(129, 'x')); }),
        HasSubstr("1 to 128 characters")
    );
    EXPECT_THAT(
        error_of([&] { work::flow(*client, std::string(129, 'x')); }),
        HasSubstr("129 characters")
    );
    work::flow none(*client);
    EXPECT_THAT(error_of([&] { start(none); }), HasSubstr("a flow without jobs"));
    start(one);
    EXPECT_THAT(error_of([&] { one.add(fetch{"c"}); }), HasSubstr("was started takes no jobs"));
    drain();
    EXPECT_THAT(ran, ElementsAre("fetch a"));
}

TEST_P(flows, a_result_that_is_not_there_is_an_error_that_names_those_that_are)
{
    pool->handle("reads", [this](work::context& job) -> work::task<void> {
        try {
            std::ignore = co_await job.result_of<std::string>("page");
        } catch (work::error const& e) {
            ran.push_back(e.what());
        }
        try {
            std::ignore = co_await job.result_of<std::string>("bad");
        } catch (work::error const& e) {
            ran.push_back(e.what());
        }
    });
    work::flow one(*client);
    auto const other = one.add(fetch{"a"});
    auto const bad = one.add(work::make("fails"));
    one.add(
        work::make("reads"),
        work::after(other).as("other") && work::after(bad).even_if_failed().as("bad")
    );
    start(one);
    drain();
    ASSERT_EQ(ran.size(), 3u);
    EXPECT_EQ(ran[1], "no job left a result under \"page\"; there are: bad, other");
    EXPECT_EQ(ran[2], "job bad, which this one needed, is dead: no such page");
}

TEST_P(flows, are_shown_with_their_jobs_and_states)
{
    EXPECT_EQ(run_task(inspector->flows()).of, 0);
    EXPECT_EQ(run_task(inspector->flow("none")).flow.state, work::flow_state::unknown);
    work::flow one(*client, "words");
    auto const page = one.add(fetch{"a"}, {.queue = "web"});
    auto const bad = one.add(work::make("fails"));
    auto const count = one.add(count_words{}, work::after(page).as("page"));
    auto const off = one.add(work::make("note", "never"), work::after(bad));
    start(one);
    work::flow second(*client);
    second.add(fetch{"b"});
    start(second);

    auto const page_of_two = run_task(inspector->flows());
    ASSERT_EQ(page_of_two.of, 2);
    ASSERT_EQ(page_of_two.flows.size(), 2u);
    EXPECT_EQ(page_of_two.flows[0].id, second.id()) << "the newest first";
    EXPECT_EQ(page_of_two.flows[1].name, "words");
    EXPECT_EQ(page_of_two.flows[1].jobs, 4);
    auto const rest = run_task(inspector->flows(1, 1));
    ASSERT_EQ(rest.flows.size(), 1u);
    EXPECT_EQ(rest.flows[0], page_of_two.flows[1]);

    auto const before = run_task(inspector->flow(one.id()));
    EXPECT_EQ(before.flow.state, work::flow_state::running);
    EXPECT_EQ(before.flow.left, 4);
    EXPECT_GT(before.flow.committed_ms, 0);
    ASSERT_EQ(before.jobs.size(), 4u);
    EXPECT_EQ(before.jobs[0].id, page.id());
    EXPECT_EQ(before.jobs[0].queue, "web");
    EXPECT_EQ(before.jobs[2].id, count.id());
    EXPECT_EQ(before.jobs[2].needs, std::vector<std::string>{page.id()});
    EXPECT_EQ(before.jobs[2].state, work::job_state::waiting);
    EXPECT_EQ(before.counts, (work::flow_counts{.waiting = 2, .pending = 2}));
    drain();
    auto const after = run_task(inspector->flow(one.id()));
    EXPECT_EQ(after.flow.state, work::flow_state::ended);
    EXPECT_EQ(after.flow.left, 0);
    EXPECT_EQ(after.counts, (work::flow_counts{.dead = 1, .completed = 2, .cancelled = 1}));
    EXPECT_EQ(after.jobs[3].id, off.id());
    EXPECT_EQ(after.jobs[3].state, work::job_state::cancelled);
    EXPECT_TRUE(run_task(inspector->given(count.id())).empty()) << "it went with the job";
    // A dead one that is requeued is where it is, not how it ended.
    run_task(inspector->requeue({bad.id()}));
    EXPECT_EQ(run_task(inspector->flow(one.id())).jobs[1].state, work::job_state::pending);
}

TEST_P(flows, of_many_jobs_are_shown_each_behind_those_that_it_needs)
{
    work::flow large(*client, "large");
    std::vector<work::flow_job> all;
    for (int i = 0; i != 600; ++i)
        all.push_back(large.add(fetch{std::to_string(i)}, {.id = "job-" + std::to_string(900 - i)})
        );
    for (int i = 1; i != 300; ++i)
        all.push_back(large.add(
            fetch{"then"},
            work::after(all.at(static_cast<std::size_t>(i))),
            {.id = "a" + std::to_string(i)}
        ));
    start(large);
    auto const shown = run_task(inspector->flow(large.id()));
    ASSERT_EQ(shown.jobs.size(), 899u);
    // Not all of them can run at once: 64 are told in one call.
    EXPECT_EQ(shown.counts.waiting + shown.counts.pending, 899);
    EXPECT_GE(shown.counts.pending, 64);
    EXPECT_GE(shown.counts.waiting, 299);
    std::set<std::string> seen;
    for (work::flow_job_info const& one : shown.jobs) {
        for (std::string const& other : one.needs)
            EXPECT_TRUE(seen.contains(other)) << one.id << " stands before " << other;
        seen.insert(one.id);
    }
}

TEST_P(flows, are_cancelled_whole_and_no_callback_runs)
{
    work::flow batch(*client, "albums");
    for (int i = 0; i != 300; ++i)
        batch.add(fetch{std::to_string(i)});
    batch.on_success(work::make("note", "good"));
    batch.on_complete(work::make("note", "over"));
    start(batch);
    auto const result =
        run_task(inspector->cancel_flow(batch.id(), {.reason = "not today", .by = "ada"}));
    EXPECT_EQ(result.code, work::admin_code::done);
    EXPECT_EQ(result.asked, 302);
    EXPECT_EQ(result.done, 302);
    drain();
    EXPECT_TRUE(ran.empty()) << ran.front();
    auto const shown = run_task(inspector->flow(batch.id()));
    EXPECT_EQ(shown.flow.state, work::flow_state::ended);
    EXPECT_EQ(shown.counts, (work::flow_counts{.cancelled = 302}));
    EXPECT_EQ(
        run_task(inspector->cancel_flow(batch.id(), {.by = "ada"})).code,
        work::admin_code::already
    );
    EXPECT_EQ(run_task(inspector->cancel_flow("none")).code, work::admin_code::gone);
    auto const audit = run_task(inspector->audit());
    ASSERT_EQ(audit.entries.size(), 1u);
    EXPECT_EQ(audit.entries[0].by, "ada");
    EXPECT_EQ(audit.entries[0].action, "cancel");
    EXPECT_EQ(audit.entries[0].what, "flow " + batch.id());
    EXPECT_EQ(audit.entries[0].reason, "not today");
    EXPECT_EQ(audit.entries[0].done, 302);
}

TEST_P(flows, that_can_not_be_asked_for_say_why)
{
    EXPECT_THAT(error_of([&] { run_task(inspector->flows(-1)); }), HasSubstr("from is -1"));
    EXPECT_THAT(error_of([&] { run_task(inspector->flows(0, 0)); }), HasSubstr("count is 0"));
    EXPECT_THAT(error_of([&] { run_task(inspector->flows(0, 1001)); }), HasSubstr("count is 1001"));
    EXPECT_THAT(error_of([&] { run_task(inspector->flow("a b")); }), HasSubstr("can't be used"));
    EXPECT_THAT(
        error_of([&] { run_task(inspector->cancel_flow("")); }),
        HasSubstr("can't be used")
    );
}

INSTANTIATE_TEST_SUITE_P(on, flows, testing::Values("memory", "redis"), [](auto const& which) {
    return std::string(which.param);
});

}  // namespace
}  // namespace pool_tests
