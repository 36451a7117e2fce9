// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Cron entries as programs see them: put, shown, paused, fired, missed and changed meanwhile.

#include <work/worker_pool.hpp>

#include <gmock/gmock.h>

#include "cron/clocked.hpp"

namespace {

using namespace cron_tests;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using work::errc;

struct report
{
    std::string month = "may";
};
BOOST_DESCRIBE_STRUCT(report, (), (month))

class cron_entries : public clocked
{};

TEST_P(cron_entries, are_put_once_however_often_programs_begin)
{
    report const monthly{"june"};
    work::cron_options how;
    how.zone = "Europe/Berlin";
    EXPECT_EQ(get(cron->put("nightly", " 0 3 * * * ", monthly, how)), work::cron_put::created);
    auto const first = entry("nightly");
    EXPECT_EQ(first.spec, "0 3 * * *");
    EXPECT_EQ(first.words, "at 03:00");
    EXPECT_EQ(first.zone, "Europe/Berlin");
    EXPECT_EQ(first.next_ms, ms("2026-03-01T02:00:00Z"));
    EXPECT_EQ(first.upcoming.size(), 5u);
    EXPECT_EQ(first.upcoming.front(), first.next_ms);
    EXPECT_EQ(first.job, "report");
    EXPECT_EQ(first.queue, "report");
    EXPECT_EQ(first.args, "{\"month\":\"june\"}");
    EXPECT_EQ(first.fault, "");
    set_time("2026-03-01T01:00:00Z");
    EXPECT_EQ(get(cron->put("nightly", "0 3 * * *", monthly, how)), work::cron_put::unchanged);
    EXPECT_EQ(entry("nightly").revision, first.revision);
    // Another job at the same times: it stays due when it was, though that has passed.
    set_time("2026-03-01T02:00:10Z");
    auto other = work::make(monthly, {.queue = "slow", .max_attempts = 3});
    EXPECT_EQ(get(cron->put("nightly", "0 3 * * *", other, how)), work::cron_put::changed);
    EXPECT_EQ(entry("nightly").next_ms, first.next_ms);
    EXPECT_EQ(entry("nightly").queue, "slow");
    EXPECT_EQ(entry("nightly").options.text, "{\"max_attempts\":3}");
    EXPECT_NE(entry("nightly").revision, first.revision);
    // At other times: from now on.
    EXPECT_EQ(get(cron->put("nightly", "0 4 * * *", other, how)), work::cron_put::changed);
    EXPECT_EQ(entry("nightly").next_ms, ms("2026-03-01T03:00:00Z"));
    ASSERT_EQ(get(cron->list()).size(), 1u);
    EXPECT_EQ(get(cron->list()).front(), entry("nightly"));
}

TEST_P(cron_entries, fire_once_when_they_are_due)
{
    put("every_minute", "* * * * *");
    EXPECT_EQ(fire(), 0u);
    set_time("2026-03-01T00:01:00Z");
    EXPECT_EQ(fire(), 1u);
    EXPECT_EQ(fire(), 0u);
    std::string const id = "cron:every_minute:" + std::to_string(ms("2026-03-01T00:01:00Z"));
    EXPECT_TRUE(is_pending(id));
    auto const job = get(see->job(id));
    EXPECT_EQ(job.name, "tick");
    EXPECT_EQ(job.args, "[1]");
    EXPECT_EQ(job.created_ms, now());
    auto const shown = entry("every_minute");
    EXPECT_EQ(shown.last_job, id);
    EXPECT_EQ(shown.fired_ms, now());
    EXPECT_EQ(shown.next_ms, ms("2026-03-01T00:02:00Z"));
    auto const history = get(cron->history("every_minute"));
    ASSERT_EQ(history.size(), 1u);
    work::cron_fired expected;
    expected.at_ms = expected.due_ms = now();
    expected.job = id;
    expected.jobs = 1;
    EXPECT_EQ(history.front(), expected);
}

TEST_P(cron_entries, pass_over_what_was_missed_as_they_were_told)
{
    work::cron_options skip, one, all, few;
    skip.missed = work::missed::skip;
    all.missed = few.missed = work::missed::all;
    few.most_missed = 2;
    put("skip", "*/10 * * * *", skip);
    put("one", "*/10 * * * *", one);
    put("all", "*/10 * * * *", all);
    put("few", "*/10 * * * *", few);
    // At 00:10, 00:20, 00:30 and 00:40 nobody was there.
    set_time("2026-03-01T00:42:00Z");
    EXPECT_EQ(fire(), 4u);
    auto const fired = [&](std::string name) {
        return get(cron->history(std::move(name))).front();
    };
    EXPECT_EQ(fired("skip").jobs, 0);
    EXPECT_EQ(fired("skip").missed, 4);
    EXPECT_EQ(fired("skip").job, "");
    EXPECT_EQ(fired("one").jobs, 1);
    EXPECT_EQ(fired("one").missed, 3);
    EXPECT_EQ(fired("one").due_ms, ms("2026-03-01T00:40:00Z"));
    EXPECT_EQ(fired("all").jobs, 4);
    EXPECT_EQ(fired("all").missed, 0);
    EXPECT_EQ(fired("few").jobs, 2);
    EXPECT_EQ(fired("few").missed, 2);
    EXPECT_EQ(pending(), 7);
    EXPECT_TRUE(is_pending("cron:few:" + std::to_string(ms("2026-03-01T00:30:00Z"))));
    for (char const* const name : {"skip", "one", "all", "few"})
        EXPECT_EQ(entry(name).next_ms, ms("2026-03-01T00:50:00Z")) << name;
    // What is at most a minute late was not missed.
    set_time("2026-03-01T00:51:00Z");
    fire();
    EXPECT_EQ(fired("skip").jobs, 1);
    EXPECT_EQ(fired("skip").missed, 0);
}

TEST_P(cron_entries, of_each_second_are_quick_to_pass_over_years)
{
    work::cron_options all;
    all.missed = work::missed::all;
    all.most_missed = 3;
    put("often", "* * * * * *", all);
    set_time("2031-03-01T00:00:00Z");
    auto const begun = std::chrono::steady_clock::now();
    EXPECT_EQ(fire(), 1u);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    auto const fired = get(cron->history("often")).front();
    EXPECT_EQ(fired.jobs, 3);
    EXPECT_EQ(fired.missed, -1);
    EXPECT_EQ(fired.due_ms, now());
    EXPECT_EQ(entry("often").next_ms, now() + 1'000);
}

TEST_P(cron_entries, may_be_told_not_to_overlap)
{
    work::cron_options how;
    how.overlap = work::overlap::skip;
    how.missed = work::missed::all;
    put("one_by_one", "* * * * *", how);
    set_time("2026-03-01T00:01:00Z");
    fire();
    set_time("2026-03-01T00:03:00Z");
    fire();
    EXPECT_EQ(pending(), 1);
    auto const history = get(cron->history("one_by_one"));
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history[0].end, work::cron_end::overlapped);
    EXPECT_EQ(history[0].jobs, 0);
    std::vector<std::string> first(1, history[1].job);
    get(see->cancel(std::move(first)));
    set_time("2026-03-01T00:04:00Z");
    fire();
    EXPECT_EQ(get(cron->history("one_by_one")).front().end, work::cron_end::fired);
}

TEST_P(cron_entries, are_paused_and_go_on_without_what_they_missed)
{
    work::cron_options all;
    all.missed = work::missed::all;
    put("a", "* * * * *", all);
    EXPECT_EQ(get(cron->pause("a")), work::admin_code::done);
    EXPECT_EQ(get(cron->pause("a")), work::admin_code::already);
    EXPECT_TRUE(entry("a").paused);
    EXPECT_EQ(entry("a").paused_ms, now());
    EXPECT_EQ(entry("a").next_ms, 0);
    EXPECT_EQ(entry("a").upcoming.size(), 5u);
    // Who puts it again leaves it paused.
    put("a", "*/2 * * * *", all);
    EXPECT_TRUE(entry("a").paused);
    set_time("2026-03-01T00:09:30Z");
    EXPECT_EQ(fire(), 0u);
    EXPECT_EQ(get(cron->resume("a")), work::admin_code::done);
    EXPECT_EQ(get(cron->resume("a")), work::admin_code::already);
    EXPECT_EQ(entry("a").next_ms, ms("2026-03-01T00:10:00Z"));
    EXPECT_EQ(entry("a").paused_ms, 0);
    EXPECT_EQ(fire(), 0u);
    work::cron_options asleep;
    asleep.paused = true;
    put("b", "* * * * *", asleep);
    EXPECT_TRUE(entry("b").paused);
}

TEST_P(cron_entries, run_when_somebody_wants_it)
{
    put("a", "0 0 * * *");
    std::string const id = get(cron->trigger("a", "ada"));
    EXPECT_TRUE(id.starts_with("cron:a:now:")) << id;
    EXPECT_TRUE(is_pending(id));
    EXPECT_EQ(entry("a").next_ms, ms("2026-03-02T00:00:00Z"));
    auto const history = get(cron->history("a"));
    ASSERT_EQ(history.size(), 1u);
    EXPECT_EQ(history[0].due_ms, 0);
    EXPECT_EQ(history[0].by, "ada");
    get(cron->pause("a"));
    EXPECT_TRUE(is_pending(get(cron->trigger("a"))));
    EXPECT_TRUE(entry("a").paused);
    work::audit_page const audit = get(see->audit());
    ASSERT_EQ(audit.entries.size(), 1u);
    EXPECT_EQ(audit.entries[0].what, "cron a");
    EXPECT_EQ(audit.entries[0].action, "run");
}

TEST_P(cron_entries, are_removed_with_their_history_and_without_their_jobs)
{
    put("a", "* * * * *");
    set_time("2026-03-01T00:01:00Z");
    fire();
    EXPECT_TRUE(get(cron->remove("a")));
    EXPECT_FALSE(get(cron->remove("a")));
    EXPECT_FALSE(get(cron->get("a")));
    EXPECT_EQ(pending(), 1);
    put("a", "* * * * *");
    EXPECT_EQ(get(cron->history("a")).size(), 0u);
    EXPECT_EQ(entry("a").fired_ms, 0);
}

TEST_P(cron_entries, are_refused_with_what_is_wrong_with_them)
{
    auto const putting = [&](std::string name, std::string spec, work::cron_options how = {}) {
        return
            [this, name, spec, how] { return cron->put(name, spec, work::make("tick", 1), how); };
    };
    EXPECT_THAT(
        fault<work::cron_put>(putting("a b", "* * * * *"), errc::invalid_name),
        HasSubstr("a cron entry can't be called \"a b\": give it 1 to 100 of [A-Za-z0-9._-]")
    );
    EXPECT_THAT(
        fault<work::cron_put>(putting("a", "0 25 * * *"), errc::invalid_option),
        HasSubstr("the cron spec \"0 25 * * *\" can't be read")
    );
    work::cron_options berlim;
    berlim.zone = "Europe/Berlim";
    EXPECT_THAT(
        fault<work::cron_put>(putting("a", "0 2 * * *", berlim), errc::invalid_option),
        HasSubstr("there is no time zone \"Europe/Berlim\" (did you mean Europe/Berlin?)")
    );
    work::cron_options never;
    never.zone = "America/New_York";
    EXPECT_THAT(
        fault<work::cron_put>(putting("a", "* 2 ? 3 SUN#2", never), errc::invalid_option),
        HasSubstr("is never due in America/New_York")
    );
    work::cron_options none;
    none.most_missed = 0;
    EXPECT_THAT(
        fault<work::cron_put>(putting("a", "0 2 * * *", none), errc::invalid_option),
        HasSubstr("cron_options::most_missed is 0, it must be 1 to 256")
    );
    auto const with = [&](work::new_job job) {
        return [this, job] { return cron->put("a", "0 2 * * *", job); };
    };
    EXPECT_THAT(
        fault<work::cron_put>(with(work::make("tick").with({.id = "x"})), errc::invalid_option),
        HasSubstr("tick can't be a cron entry's with an id of its own")
    );
    EXPECT_THAT(
        fault<work::cron_put>(with(work::make("tick").with({.in = 5s})), errc::invalid_option),
        HasSubstr("tick can't be a cron entry's with a time of its own")
    );
    EXPECT_THAT(
        fault<work::cron_put>(
            with(work::make("tick", std::string(70'000, 'x'))),
            errc::payload_too_large
        ),
        HasSubstr("a cron entry may have 65536")
    );
    put("nightly", "0 2 * * *");
    EXPECT_THAT(
        fault<work::admin_code>([&] { return cron->pause("nightli"); }, errc::invalid_name),
        HasSubstr("there is no cron entry \"nightli\" (did you mean nightly?)")
    );
    EXPECT_THAT(
        fault<std::string>([&] { return cron->trigger("nightli"); }, errc::invalid_name),
        HasSubstr("there is no cron entry \"nightli\"")
    );
    EXPECT_EQ(get(cron->list()).size(), 1u);
}

// What another machine or a later version wrote: others go on, and it is said once.
TEST_P(cron_entries, that_cannot_be_used_here_hold_nothing_up)
{
    work::cron_change strange;
    strange.name = "strange";
    strange.next_ms = now();
    strange.text = "{\"spec\":\"0 2 * * *\",\"zone\":\"Mars/Olympus\"}\n"
                   "2 0001 0000 0000000000000 tick\n\n[1]";
    get(client->broker()->change_cron(strange));
    put("good", "* * * * *");
    set_time("2026-03-01T00:01:00Z");
    EXPECT_EQ(fire(), 1u);
    EXPECT_EQ(fire(), 0u);
    ASSERT_EQ(logged.size(), 1u);
    EXPECT_THAT(logged[0], HasSubstr("the cron entry strange is due, and can't be used: there is"));
    EXPECT_THAT(entry("strange").fault, HasSubstr("there is no time zone \"Mars/Olympus\""));
    EXPECT_EQ(entry("strange").job, "tick");
    EXPECT_TRUE(get(cron->remove("strange")));
}

TEST_P(cron_entries, fire_by_a_clock_that_jumps)
{
    put("hourly", "0 * * * *");
    work::cron_options all;
    all.missed = work::missed::all;
    put("all", "0 * * * *", all);
    set_time("2026-03-01T01:00:00Z");
    fire();
    // A day ahead: what was missed, as each entry says.
    set_time("2026-03-02T01:00:00Z");
    fire();
    EXPECT_EQ(pending(), 1 + 1 + 1 + 24);
    // And back: nothing fires twice, nor before the clock is there again.
    set_time("2026-03-01T01:30:00Z");
    EXPECT_EQ(fire(), 0u);
    set_time("2026-03-02T01:30:00Z");
    EXPECT_EQ(fire(), 0u);
    set_time("2026-03-02T02:00:00Z");
    EXPECT_EQ(fire(), 2u);
    EXPECT_EQ(pending(), 1 + 1 + 1 + 24 + 2);
}

TEST_P(cron_entries, keep_the_options_of_their_jobs)
{
    auto job = work::make("tick", 1).with({.priority = 7, .expires_in = 5min, .tags = {"x"}});
    get(cron->put("a", "* * * * *", job));
    set_time("2026-03-01T00:01:00Z");
    fire();
    auto const shown = get(see->job(entry("a").last_job));
    EXPECT_EQ(shown.priority, 7);
    EXPECT_THAT(shown.options.text, HasSubstr("\"expires_in_ms\":300000"));
    EXPECT_THAT(shown.options.text, HasSubstr("\"tags\":[\"x\"]"));
}

TEST_P(cron_entries, of_unique_jobs_keep_to_it)
{
    auto job = work::make("tick", 1).with({.unique = true});
    get(cron->put("a", "* * * * *", job));
    EXPECT_EQ(get(cron->put("a", "* * * * *", job)), work::cron_put::unchanged);
    set_time("2026-03-01T00:01:00Z");
    fire();
    set_time("2026-03-01T00:02:00Z");
    fire();
    EXPECT_EQ(pending(), 1);
    EXPECT_EQ(get(cron->history("a")).front().end, work::cron_end::known);
}

INSTANTIATE_TEST_SUITE_P(on, cron_entries, testing::Values("memory", "redis"), broker_name);

// By the machine's clock: a pool that has the duty enqueues what it then runs.
TEST(cron_duty, is_done_beside_the_jobs_of_a_pool)
{
    boost::asio::io_context io{1};
    work::client client{io, "memory:"};
    work::cron cron{client};
    work::worker_pool pool{client};
    int ran = 0;
    pool.handle("tick", [&](int) -> work::task<void> {
        if (++ran == 2)
            pool.stop();
        co_return;
    });
    pool.beside(cron.duty());
    EXPECT_THROW(pool.beside({}), work::error);
    work::testing::run_task(io, cron.put("often", "* * * * * *", work::make("tick", 1)));
    work::testing::run_task(io, pool.run(), 20s);
    EXPECT_EQ(ran, 2);
    // The duty ended with the pool, and begins again with it.
    EXPECT_TRUE(work::testing::run_dry(io, 2s));
    ran = 0;
    work::testing::run_task(io, pool.run(), 20s);
    EXPECT_EQ(ran, 2);
}

TEST(cron_duty, that_fails_ends_the_pool)
{
    boost::asio::io_context io{1};
    work::client client{io, "memory:"};
    work::worker_pool pool{client};
    pool.handle("tick", [](int) -> work::task<void> { co_return; });
    pool.beside([]() -> work::task<void> {
        throw std::runtime_error("the duty is too much");
        co_return;
    });
    try {
        work::testing::run_task(io, pool.run(), 20s);
        ADD_FAILURE() << "it went on";
    } catch (std::runtime_error const& e) {
        EXPECT_STREQ(e.what(), "the duty is too much");
    }
}

TEST(cron_duty, of_a_program_of_its_own_ends_when_it_is_told_to)
{
    boost::asio::io_context io{1};
    work::client client{io, "memory:"};
    work::cron cron{client};
    work::testing::run_task(io, cron.put("often", "* * * * * *", work::make("tick", 1)));
    bool ended = false;
    boost::asio::co_spawn(io, cron.run(), [&](std::exception_ptr failure) { ended = !failure; });
    auto const until = std::chrono::steady_clock::now() + 20s;
    work::inspector see{client};
    while (work::testing::run_task(io, see.counts()).pending == 0 &&
           std::chrono::steady_clock::now() < until)
        io.run_for(50ms);
    EXPECT_GT(work::testing::run_task(io, see.counts()).pending, 0);
    cron.stop();
    EXPECT_TRUE(work::testing::run_dry(io, 20s));
    EXPECT_TRUE(ended);
}

}  // namespace
