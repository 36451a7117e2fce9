// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Acting on all jobs of a filter, failures put together, and the audit of both, on either broker.

#include <work/audit.hpp>
#include <work/broker/policy.hpp>
#include <work/inspector.hpp>
#include <work/operation.hpp>
#include <work/work.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pool/bench.hpp"
#include "pool/either_broker.hpp"

namespace pool_tests {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using work::admin_action;
using work::admin_code;
using work::job_state;
using work::operation_state;

struct operating : either_broker
{
    std::vector<std::string> enqueue(std::string name, int count, work::enqueue_options how = {})
    {
        std::vector<std::string> ids;
        for (int i = 0; i != count; ++i)
            ids.emplace_back(
                get(enqueuer->enqueue_json(name, "[" + std::to_string(i) + "]", how)).id()
            );
        return ids;
    }
    /// Dead jobs, by the thing that people do to make some.
    std::vector<std::string> bury(std::string name, int count)
    {
        std::vector<std::string> ids = enqueue(std::move(name), count);
        get(inspector->kill(ids));
        return ids;
    }
    std::int64_t there_are(job_state state, std::string_view name = {})
    {
        work::job_filter filter;
        filter.states = work::job_states{state};
        filter.name = name;
        return get(inspector->count(filter)).matched;
    }
    work::operation_info act(
        admin_action action,
        work::job_filter filter,
        work::operation_options how = {}
    )
    {
        return get(inspector->act_on_all(action, filter, how));
    }
};

work::job_filter all_that_are(job_state state, std::string_view name = {})
{
    work::job_filter filter;
    filter.states = work::job_states{state};
    filter.name = name;
    return filter;
}

/// Does something after some parts of an operation.
struct part_watch final : work::operation_watch
{
    explicit part_watch(std::function<bool(work::operation_info const&)> to) : tell(std::move(to))
    {}
    bool goes_on(work::operation_info const& now) override
    {
        seen.push_back(now);
        return tell(now);
    }
    std::function<bool(work::operation_info const&)> tell;
    std::vector<work::operation_info> seen;
};

TEST_P(operating, acts_on_what_the_filter_finds_and_nothing_else)
{
    bury("mail", 230);
    bury("bill", 3);
    work::operation_options how;
    how.expected = 230;
    how.by = "ada";
    auto const went = act(admin_action::requeue, all_that_are(job_state::dead, "mail"), how);
    EXPECT_EQ(went.state, operation_state::done);
    EXPECT_EQ(went.matched, 230);
    EXPECT_EQ(went.done, 230);
    EXPECT_EQ(went.moved_on + went.gone + went.already + went.active, 0);
    EXPECT_EQ(there_are(job_state::pending, "mail"), 230);
    EXPECT_EQ(there_are(job_state::dead), 3);
    EXPECT_GE(went.ended_ms, went.started_ms);
    // It is kept as it ended.
    auto const kept = get(inspector->operations());
    ASSERT_THAT(kept, SizeIs(1));
    EXPECT_EQ(kept[0].id, went.id);
    EXPECT_EQ(kept[0].state, operation_state::done);
    EXPECT_EQ(kept[0].done, 230);
    EXPECT_EQ(kept[0].filter.text(), "name mail, dead");
    EXPECT_EQ(get(inspector->stop_operation(went.id)), admin_code::already);
    EXPECT_EQ(get(inspector->stop_operation("nobody")), admin_code::gone);
}

TEST_P(operating, does_each_action_in_each_state_it_is_for)
{
    struct expectation
    {
        admin_action action;
        job_state from;
        job_state to;
    };
    for (expectation const& e :
         {expectation{admin_action::cancel, job_state::pending, job_state::cancelled},
          expectation{admin_action::cancel, job_state::scheduled, job_state::cancelled},
          expectation{admin_action::kill, job_state::pending, job_state::dead},
          expectation{admin_action::kill, job_state::scheduled, job_state::dead},
          expectation{admin_action::requeue, job_state::dead, job_state::pending},
          expectation{admin_action::requeue, job_state::scheduled, job_state::pending},
          expectation{admin_action::remove, job_state::dead, job_state::unknown},
          expectation{admin_action::remove, job_state::cancelled, job_state::unknown}}) {
        std::string const name =
            std::string(to_string(e.action)) + "_" + std::string(to_string(e.from));
        work::enqueue_options later;
        if (e.from == job_state::scheduled)
            later.in = 1h;
        std::vector<std::string> const ids = enqueue(name, 101, later);
        if (e.from == job_state::dead)
            get(inspector->kill(ids));
        if (e.from == job_state::cancelled)
            get(inspector->cancel(ids));
        auto const went = act(e.action, all_that_are(e.from, name));
        EXPECT_EQ(went.done, 101) << name;
        EXPECT_EQ(went.matched, -1) << "nobody expected anything: it is not counted";
        EXPECT_EQ(there_are(e.from, name), 0) << name;
        if (e.to != job_state::unknown) {
            EXPECT_EQ(there_are(e.to, name), 101) << name;
        }
    }
    enqueue("moving", 150);
    work::operation_options to;
    to.queue = "elsewhere";
    EXPECT_EQ(act(admin_action::move, all_that_are(job_state::pending, "moving"), to).done, 150);
    work::job_filter there;
    there.queue = "elsewhere";
    EXPECT_EQ(get(inspector->count(there)).matched, 150);
}

TEST_P(operating, touches_nothing_when_there_are_far_more_than_expected)
{
    bury("mail", 40);
    work::operation_options how;
    how.expected = 29;
    auto const refused = act(admin_action::remove, all_that_are(job_state::dead), how);
    EXPECT_EQ(refused.state, operation_state::refused);
    EXPECT_EQ(refused.matched, 40);
    EXPECT_EQ(refused.done, 0);
    EXPECT_EQ(there_are(job_state::dead), 40);
    how.counted = 41;
    EXPECT_EQ(
        act(admin_action::remove, all_that_are(job_state::dead), how).state,
        operation_state::refused
    );
    how.counted = -1;
    how.expected = 30;
    EXPECT_EQ(act(admin_action::remove, all_that_are(job_state::dead), how).done, 40);
}

TEST_P(operating, leaves_alone_what_came_later)
{
    bury("mail", 120);
    std::vector<std::string> late;
    // While it acts, others die: of those, the ones it meets have moved on.
    part_watch watch([&](work::operation_info const&) { return true; });
    work::operation_options how;
    how.watch = &watch;
    how.seen_ms = get(client->broker()->ask_now_ms());
    boost::asio::steady_timer wait(io, 5ms);
    wait.wait();
    late = bury("mail", 7);
    auto const went = act(admin_action::requeue, all_that_are(job_state::dead, "mail"), how);
    EXPECT_EQ(went.done, 120);
    EXPECT_EQ(went.moved_on, 7);
    EXPECT_EQ(there_are(job_state::dead), 7);
    EXPECT_GE(watch.seen.size(), 3u);
}

TEST_P(operating, ends_at_most_there)
{
    bury("mail", 300);
    work::operation_options how;
    how.at_most = 205;
    EXPECT_EQ(act(admin_action::requeue, all_that_are(job_state::dead), how).done, 205);
    EXPECT_EQ(there_are(job_state::dead), 95);
}

TEST_P(operating, stops_behind_the_part_under_way)
{
    bury("mail", 500);
    part_watch mine([](work::operation_info const& now) { return now.done < 200; });
    work::operation_options how;
    how.watch = &mine;
    auto const stopped = act(admin_action::requeue, all_that_are(job_state::dead), how);
    EXPECT_EQ(stopped.state, operation_state::stopped);
    EXPECT_EQ(stopped.done, 200);
    EXPECT_EQ(there_are(job_state::dead), 300);
    // Another program says so.
    std::string id;
    bool told = false;
    part_watch theirs([&](work::operation_info const& now) {
        id = now.id;
        if (!std::exchange(told, now.done >= 100) && told)
            boost::asio::co_spawn(io, inspector->stop_operation(id), boost::asio::detached);
        return true;
    });
    how.watch = &theirs;
    auto const halted = act(admin_action::requeue, all_that_are(job_state::dead), how);
    EXPECT_EQ(halted.state, operation_state::stopped);
    EXPECT_GE(halted.done, 100);
    EXPECT_LT(halted.done, 300);
}

TEST_P(operating, shows_one_whose_program_is_gone_as_interrupted)
{
    work::operation_info left;
    left.id = "left";
    left.action = "requeue";
    left.state = operation_state::running;
    left.started_ms = left.updated_ms = get(client->broker()->ask_now_ms()) - 16'000;
    work::operation_change change;
    change.id = left.id;
    change.text = work::to_json(left);
    get(client->broker()->keep_operation(change));
    change.id = "garbled";
    change.text = "{\"id\":";
    get(client->broker()->keep_operation(change));
    auto const all = get(inspector->operations());
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(all[0].state, operation_state::interrupted);
    EXPECT_THAT(all[1].trouble, HasSubstr("can't be read"));
    // What lies there does not keep another from being started.
    bury("mail", 1);
    EXPECT_EQ(act(admin_action::requeue, all_that_are(job_state::dead)).done, 1);
}

TEST_P(operating, refuses_what_would_mean_something_else)
{
    auto const fault = [&](admin_action action, work::job_filter filter, auto... how) {
        try {
            act(action, filter, how...);
        } catch (work::error const& e) {
            return std::string(e.what());
        }
        return std::string("no error");
    };
    EXPECT_THAT(fault(admin_action::remove, {}), HasSubstr("asks for nothing"));
    EXPECT_THAT(
        fault(admin_action::remove, all_that_are(job_state::pending)),
        AllOf(HasSubstr("pending"), HasSubstr("delete is for jobs that are dead"))
    );
    EXPECT_THAT(
        fault(admin_action::requeue, all_that_are(job_state::active)),
        HasSubstr("retry, dead, scheduled")
    );
    work::operation_options how;
    how.at_most = -1;
    EXPECT_THAT(
        fault(admin_action::requeue, all_that_are(job_state::dead), how),
        HasSubstr("at_most")
    );
    how = {};
    how.id = "no id";
    EXPECT_THAT(
        fault(admin_action::requeue, all_that_are(job_state::dead), how),
        HasSubstr("no id")
    );
    how = {};
    how.all = true;
    bury("mail", 2);
    enqueue("mail", 2);
    EXPECT_EQ(act(admin_action::requeue, {}, how).done, 2);
    EXPECT_THAT(get(inspector->operations()), SizeIs(1)) << "what was refused leaves no trace";
}

// A job that was taken out of the middle of a list leaves a ghost there; one that comes back stands
// behind it, pages later.
TEST_P(operating, finds_what_came_back_behind_its_ghosts)
{
    std::vector<std::string> const ids = enqueue("mail", 350);
    enqueue("mail", 20);
    for (int round = 1; round != 4; ++round) {
        get(inspector->kill(ids));
        EXPECT_EQ(there_are(job_state::pending, "mail"), 20);
        get(inspector->requeue(ids));
        std::multiset<std::string> met;
        std::string cursor;
        int pages = 0;
        do {
            work::page how;
            how.cursor = cursor;
            how.limit = 40 + 30 * round;
            how.scan = 45;
            auto const found = get(inspector->find(all_that_are(job_state::pending), how));
            for (work::job_row const& row : found.jobs)
                met.insert(row.id);
            cursor = found.next;
        } while (!cursor.empty() && ++pages < 200);
        EXPECT_EQ(met.size(), 370u) << round;
        EXPECT_EQ(std::set<std::string>(met.begin(), met.end()).size(), 370u) << round;
    }
}

TEST_P(operating, counts_as_far_as_it_is_told)
{
    bury("mail", 60);
    bury("bill", 3);
    auto const all = get(inspector->count(all_that_are(job_state::dead)));
    EXPECT_EQ(all.matched, 63);
    EXPECT_EQ(all.of, 63);
    EXPECT_TRUE(all.whole);
    EXPECT_THAT(all.samples, SizeIs(5));
    auto const some = get(inspector->count(all_that_are(job_state::dead), 20));
    EXPECT_EQ(some.scanned, 20);
    EXPECT_FALSE(some.whole);
    auto const few = get(inspector->count(all_that_are(job_state::dead, "bill")));
    EXPECT_EQ(few.matched, 3);
    EXPECT_THAT(few.samples, SizeIs(3));
    EXPECT_THROW(get(inspector->count({}, 0)), work::error);
}

TEST_P(operating, puts_failures_together)
{
    int const mails = 12;
    work::worker_pool pool(*client);
    pool.handle("mail", [](int n) -> work::task<void> {
        if (n == 3)
            throw std::out_of_range("three");
        throw std::runtime_error("no answer in " + std::to_string(n));
        co_return;
    });
    pool.handle("bill", [](int) -> work::task<void> {
        throw work::fatal("no money");
        co_return;
    });
    enqueue("mail", mails);
    enqueue("bill", 4);
    get(pool.run_until_empty());
    auto const by_type = get(inspector->failures());
    EXPECT_EQ(by_type.scanned, 16);
    EXPECT_EQ(by_type.of, 16);
    EXPECT_TRUE(by_type.whole);
    ASSERT_THAT(by_type.groups, SizeIs(3));
    EXPECT_EQ(by_type.groups[0].count, mails - 1);
    EXPECT_EQ(by_type.groups[0].retry, mails - 1);
    EXPECT_THAT(by_type.groups[0].type, HasSubstr("runtime_error"));
    EXPECT_EQ(by_type.groups[0].name, "mail");
    EXPECT_THAT(by_type.groups[0].sample_message, HasSubstr("no answer in"));
    EXPECT_EQ(by_type.groups[1].dead, 4);
    EXPECT_LE(by_type.groups[0].first_ms, by_type.groups[0].last_ms);
    work::failure_query how;
    how.by = work::failure_key::name;
    auto const by_name = get(inspector->failures(how));
    ASSERT_THAT(by_name.groups, SizeIs(2));
    EXPECT_EQ(by_name.groups[0].name, "mail");
    EXPECT_EQ(by_name.groups[0].count, mails);
    EXPECT_EQ(by_name.groups[0].type, "") << "they are of several";
    how = {};
    how.states = work::job_states{job_state::dead};
    EXPECT_THAT(get(inspector->failures(how)).groups, SizeIs(1));
    how = {};
    how.limit = 1;
    EXPECT_FALSE(get(inspector->failures(how)).whole);
    how.states = work::job_states{job_state::pending};
    EXPECT_THROW(get(inspector->failures(how)), work::error);
}

TEST_P(operating, writes_down_who_did_what)
{
    auto const ids = enqueue("mail", 7);
    get(inspector->kill(ids, {.reason = "the bank is away", .by = "ada"}));
    get(inspector->requeue({ids[0]}));  // nobody: a program's own business
    get(inspector->pause(work::pause_kind::queue, "mail", {1h, "closed", "bob"}));
    get(inspector->resume(work::pause_kind::queue, "mail", "eve"));
    get(inspector->order("no-pool", work::pool_order::quiet, "eve"));
    work::operation_options how;
    how.by = "ada";
    act(admin_action::requeue, all_that_are(job_state::dead), how);
    work::audit_page const all = get(inspector->audit());
    std::vector<std::string> lines;
    for (work::audit_entry const& one : all.entries)
        lines.push_back(
            one.by + " " + one.action + " " + std::to_string(one.done) + "/" +
            std::to_string(one.asked)
        );
    EXPECT_THAT(
        lines,
        ElementsAre(
            "ada requeue 6/0",
            "ada requeue 0/0",
            "eve quiet 0/1",
            "eve resume 1/1",
            "bob pause 1/1",
            "ada kill 7/7"
        )
    );
    EXPECT_EQ(all.entries.back().reason, "the bank is away");
    EXPECT_THAT(
        all.entries.back().what,
        AllOf(HasSubstr(ids[0]), HasSubstr(ids[4]), HasSubstr(" and 2 more"))
    );
    EXPECT_THAT(all.entries[0].what, AllOf(HasSubstr("ended"), HasSubstr("dead")));
    EXPECT_EQ(all.next, -1);
    auto const some = get(inspector->audit(2, 2));
    EXPECT_THAT(some.entries, Each(Field(&work::audit_entry::by, "eve")));
    EXPECT_EQ(some.next, 4);
    EXPECT_THAT(get(inspector->audit(100, 2)).entries, IsEmpty());
    EXPECT_THROW(get(inspector->audit(-1, 2)), work::error);
    EXPECT_THROW(get(inspector->audit(0, 0)), work::error);
    // It holds so many, the newest.
    for (int i = 0; i != work::policy::audit_lines + 5; ++i)
        get(client->broker()->write_audit("{}"));
    EXPECT_THAT(get(client->broker()->read_audit({9'990, 100})), SizeIs(10));
}

INSTANTIATE_TEST_SUITE_P(on, operating, testing::Values("memory", "redis"), [](auto const& param) {
    return std::string(param.param);
});

}  // namespace
}  // namespace pool_tests
