// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Cron entries: kept, due, fired by one of those who see the same, and changed meanwhile.

#include "support/broker_fixture.hpp"

namespace {

using namespace work_test;
using work::cron_code;

class crons : public transitions
{
protected:
    work::cron_answer change(
        std::string const& name,
        std::int64_t revision,
        std::int64_t seen_next,
        std::int64_t next,
        std::int64_t paused = 0,
        std::string text = "text\nof it"
    )
    {
        work::cron_change what;
        what.name = name;
        what.seen_revision = revision;
        what.seen_next_ms = seen_next;
        what.next_ms = next;
        what.paused_ms = paused;
        what.text = std::move(text);
        return b().change_cron(what);
    }
    work::cron_answer put(std::string const& name, std::int64_t next)
    {
        auto const seen = b().cron(name).record.value_or(work::cron_record());
        return change(name, seen.revision, seen.next_ms, next);
    }
    work::cron_answer remove(std::string const& name, std::int64_t revision, std::int64_t seen_next)
    {
        work::cron_change what;
        what.name = name;
        what.seen_revision = revision;
        what.seen_next_ms = seen_next;
        what.remove = true;
        return b().change_cron(what);
    }
    work::cron_fire fire_of(
        work::cron_record const& seen,
        std::int64_t next,
        std::vector<std::string> const& jobs
    )
    {
        work::cron_fire fire;
        fire.name = seen.name;
        fire.seen_revision = seen.revision;
        fire.seen_next_ms = seen.next_ms;
        fire.next_ms = next;
        for (std::string const& id : jobs)
            fire.jobs.push_back(chosen(id));
        if (!jobs.empty())
            fire.job = jobs.back();
        fire.text = ",\"n\":" + std::to_string(++fires_) + "}";
        return fire;
    }
    work::cron_record seen(std::string const& name)
    {
        return b().cron(name).record.value_or(work::cron_record());
    }
    std::string due(std::size_t most = 10)
    {
        auto const answer = b().ask_due_crons(most);
        std::string names;
        for (work::cron_record const& one : answer.due)
            names += one.name + " ";
        return names + std::to_string(answer.next_ms == 0 ? 0 : answer.next_ms - b().now_ms());
    }

    int fires_ = 0;
};

TEST_P(crons, are_kept_and_due_in_their_order)
{
    EXPECT_EQ(due(), "0");
    std::int64_t const now = b().now_ms();
    auto const made = change("later", 0, 0, now + 5'000);
    EXPECT_EQ(made.code, cron_code::done);
    ASSERT_TRUE(made.record);
    EXPECT_EQ(made.record->name, "later");
    EXPECT_EQ(made.record->next_ms, now + 5'000);
    EXPECT_EQ(made.record->text, "text\nof it");
    EXPECT_EQ(made.record->paused_ms, 0);
    EXPECT_EQ(seen("later"), *made.record);
    put("sooner", now + 2'000);
    put("overdue", now - 1'000);
    EXPECT_EQ(due(), "overdue 2000");
    b().pass(2'000);
    EXPECT_EQ(due(), "overdue sooner 3000");
    EXPECT_EQ(due(1), "overdue 0");
    b().pass(9'000);
    EXPECT_EQ(due(), "overdue sooner later 0");
    EXPECT_FALSE(b().cron("another").record);
}

TEST_P(crons, are_changed_by_who_saw_them_as_they_are)
{
    std::int64_t const now = b().now_ms();
    auto const first = *put("a", now + 1'000).record;
    EXPECT_EQ(change("a", 0, 0, now + 7).code, cron_code::moved_on);
    EXPECT_EQ(change("a", first.revision + 1, first.next_ms, now + 7).code, cron_code::moved_on);
    auto const refused = change("a", first.revision, first.next_ms + 1, now + 7);
    EXPECT_EQ(refused.code, cron_code::moved_on);
    EXPECT_EQ(refused.record, first);
    auto const second = *change("a", first.revision, first.next_ms, 0, -1).record;
    EXPECT_NE(second.revision, first.revision);
    EXPECT_EQ(second.paused_ms, now);
    EXPECT_EQ(due(), "0");
    EXPECT_EQ(remove("a", first.revision, first.next_ms).code, cron_code::moved_on);
    EXPECT_EQ(remove("none", 1, 1).code, cron_code::moved_on);
    EXPECT_EQ(remove("a", second.revision, 0).code, cron_code::done);
    EXPECT_FALSE(b().cron("a").record);
    // No revision comes again: who saw the first one does not meet it in another.
    auto const third = *put("a", first.next_ms).record;
    EXPECT_NE(third.revision, first.revision);
    EXPECT_EQ(change("a", first.revision, first.next_ms, 1).code, cron_code::moved_on);
}

TEST_P(crons, fire_once_for_all_who_see_them_due)
{
    put("a", b().now_ms());
    auto const record = seen("a");
    std::int64_t const next = b().now_ms() + 60'000;
    auto const won = b().fire_cron(fire_of(record, next, {"x", "y"}));
    EXPECT_EQ(won.code, cron_code::done);
    ASSERT_TRUE(won.record);
    EXPECT_EQ(won.record->next_ms, next);
    EXPECT_EQ(won.record->revision, record.revision);
    EXPECT_EQ(won.record->last_job, "y");
    EXPECT_EQ(won.record->fired_ms, b().now_ms());
    auto const lost = b().fire_cron(fire_of(record, next, {"z"}));
    EXPECT_EQ(lost.code, cron_code::moved_on);
    EXPECT_EQ(lost.record, won.record);
    EXPECT_EQ(due(), "60000");
    EXPECT_TRUE(b().take_wakeup("*a"));
    EXPECT_EQ(ids(claim("A")), "x y");
    EXPECT_EQ(
        b().cron("a").fires,
        std::vector<std::string>{
            "{\"at_ms\":" + std::to_string(b().now_ms()) + ",\"code\":\"m\",\"n\":1}"
        }
    );
}

TEST_P(crons, that_were_changed_paused_or_removed_meanwhile_do_not_fire)
{
    std::int64_t const now = b().now_ms();
    put("a", now);
    auto const record = seen("a");
    put("a", now + 9'000);
    EXPECT_EQ(b().fire_cron(fire_of(record, now + 1, {"x"})).code, cron_code::moved_on);
    auto const edited = seen("a");
    EXPECT_EQ(edited.next_ms, now + 9'000);
    auto of_another_revision = edited;
    --of_another_revision.revision;
    EXPECT_EQ(b().fire_cron(fire_of(of_another_revision, now + 1, {"x"})).code, cron_code::moved_on)
        << "due at the same time, but another entry";
    change("a", edited.revision, edited.next_ms, 0, -1);
    EXPECT_EQ(b().fire_cron(fire_of(edited, now + 1, {"x"})).code, cron_code::moved_on);
    auto const paused = seen("a");
    remove("a", paused.revision, paused.next_ms);
    EXPECT_EQ(b().fire_cron(fire_of(paused, 0, {"x"})).code, cron_code::moved_on);
    EXPECT_EQ(key("crons_due"), "-");
    put("due", now);
    auto const last = seen("due");
    remove("due", last.revision, last.next_ms);
    EXPECT_EQ(key("crons_due"), "-");
    EXPECT_EQ(b().fire_cron(fire_of(work::cron_record(), 0, {"x"})).code, cron_code::moved_on);
    EXPECT_EQ(ids(claim("A")), "");
    EXPECT_EQ(key("crons"), "-");
    EXPECT_EQ(key("crons_due"), "-");
    EXPECT_EQ(key("fires:a"), "-");
}

TEST_P(crons, whose_jobs_are_known_say_so)
{
    put("a", b().now_ms());
    enqueue({chosen("x")});
    std::int64_t const next = b().now_ms() + 1'000;
    EXPECT_EQ(b().fire_cron(fire_of(seen("a"), next, {"x"})).code, cron_code::known);
    EXPECT_EQ(seen("a").next_ms, next);
    EXPECT_EQ(b().fire_cron(fire_of(seen("a"), next + 1, {"x", "y"})).code, cron_code::done);
    EXPECT_EQ(ids(claim("A")), "x y");
}

TEST_P(crons, that_may_not_overlap_wait_for_the_job_before)
{
    put("a", b().now_ms());
    auto const fire = [&](std::string const& id) {
        auto one = fire_of(seen("a"), b().now_ms() + 1, {id});
        one.unless_live = true;
        return b().fire_cron(one).code;
    };
    EXPECT_EQ(fire("x"), cron_code::done);
    EXPECT_EQ(fire("y"), cron_code::overlapped);
    EXPECT_EQ(seen("a").last_job, "x");
    auto const claimed = claim("A");
    ASSERT_EQ(ids(claimed), "x");
    EXPECT_EQ(fire("y"), cron_code::overlapped);
    EXPECT_EQ(b().cron("a").fires.size(), 3u);
    exchange("A", {.finished = {{claimed.claim, {"x"}}}, .close = {claimed.claim}, .want = 0});
    EXPECT_EQ(fire("y"), cron_code::done);
    // A dead one does not run any more.
    auto const again = claim("A");
    ASSERT_EQ(ids(again), "y");
    exchange(
        "A",
        {.outcomes = {{again.claim, "y", work::outcome_kind::dead, 0, "{\"attempt\":1}"}},
         .close = {again.claim},
         .want = 0}
    );
    EXPECT_EQ(b().job("y").state, work::job_state::dead);
    EXPECT_EQ(fire("z"), cron_code::done);
}

TEST_P(crons, that_are_paused_run_when_somebody_wants_it)
{
    change("a", 0, 0, 0, -1);
    auto const paused = seen("a");
    EXPECT_EQ(paused.paused_ms, b().now_ms());
    EXPECT_EQ(b().fire_cron(fire_of(paused, 0, {"x"})).code, cron_code::done);
    EXPECT_EQ(seen("a").paused_ms, paused.paused_ms);
    EXPECT_EQ(due(), "0");
    EXPECT_EQ(ids(claim("A")), "x");
}

TEST_P(crons, remember_the_last_hundred_fires)
{
    put("a", b().now_ms());
    for (int i = 0; i != 103; ++i)
        b().fire_cron(fire_of(seen("a"), b().now_ms() + i + 1, {}));
    auto const fires = b().cron("a").fires;
    ASSERT_EQ(fires.size(), 100u);
    EXPECT_NE(fires.front().find("\"n\":103}"), std::string::npos);
    EXPECT_NE(fires.back().find("\"n\":4}"), std::string::npos);
    EXPECT_EQ(seen("a").fired_ms, 0);
}

TEST_P(crons, enqueue_large_jobs_and_such_with_priorities)
{
    put("a", b().now_ms());
    auto fire = fire_of(seen("a"), b().now_ms() + 1, {"large", "first"});
    fire.jobs[0].envelope += std::string(20'000, ' ');
    fire.jobs[1].envelope = "2 0003 0000 " + std::to_string(b().now_ms()) + " a p=5\n\n{}";
    fire.jobs[1].priority = 5;
    EXPECT_EQ(b().fire_cron(fire).code, cron_code::done);
    auto const claimed = claim("A");
    ASSERT_EQ(ids(claimed), "first large");
    EXPECT_GT(claimed.jobs[1].envelope.size(), 20'000u);
}

INSTANTIATE_TEST_SUITE_P(on, crons, both_sides, side_name);

// Somebody deleted the times, or wrote over an entry.
TEST(harmed_crons, are_due_again)
{
    redis_subject b(std::make_shared<private_redis>());
    work::cron_change change;
    change.name = "a";
    change.next_ms = b.now_ms() + 1'000;
    change.text = "t";
    b.change_cron(change);
    b.connection().call("DEL", b.prefix() + "crons_due");
    auto const due = b.ask_due_crons(5);
    EXPECT_EQ(due.next_ms, change.next_ms);
    b.connection().call("HSET", b.prefix() + "crons", "a", "nonsense");
    auto const record = b.cron("a").record;
    ASSERT_TRUE(record);
    EXPECT_EQ(record->revision, 0);
    change.seen_revision = 0;
    EXPECT_EQ(b.change_cron(change).code, cron_code::done);
    b.connection().call("DEL", b.prefix() + "crons");
    b.pass(2'000);
    EXPECT_EQ(b.ask_due_crons(5).due.size(), 0u);
    EXPECT_EQ(b.ask_due_crons(5).next_ms, 0);
}

}  // namespace
