// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/broker/policy.hpp>

#include <gmock/gmock.h>

#include "support/needs_fixture.hpp"

namespace {

using namespace work_test;
using testing::HasSubstr;
using work::enqueue_code;
using work::job_state;
using work::otherwise;
using work::outcome_kind;
using work::detail::job_links;
using work::detail::job_need;

constexpr otherwise ways[] = {otherwise::cancel, otherwise::run, otherwise::wait};

class needs : public needs_fixture
{};

TEST_P(needs, wait_until_those_have_completed)
{
    enqueue({job("x"), job("y")});
    auto const a = claim("A");
    EXPECT_EQ(store({after("child", {{"x"}, {"y"}})}), "s");
    EXPECT_EQ(state("child"), job_state::waiting);
    EXPECT_EQ(b().counts().waiting, 1);
    EXPECT_EQ(b().counts().active, 2);
    work::finished_jobs first{a.claim, {"x"}};
    exchange("A", {.finished = {first}, .want = 0});
    EXPECT_EQ(state("child"), job_state::waiting);
    EXPECT_EQ(b().job("child").bonds.needs_left, 1);
    b().take_wakeup("*b");
    b().pass(5);
    exchange(
        "A",
        {.outcomes = {{a.claim, "y", outcome_kind::complete, 0, R"({"outcome":"done"})"}},
         .close = {work::closed_claim(a.claim, 2)},
         .want = 0}
    );
    EXPECT_EQ(state("child"), job_state::pending);
    EXPECT_TRUE(b().take_wakeup("*b"));
    EXPECT_EQ(key("stats"), "-") << "no word was forgotten";
    // How long it waits for its turn is counted from when it was let go.
    EXPECT_EQ(work::detail::word_of(b().job("child").envelope, "d"), std::to_string(b().now_ms()));
    for (char const* const name : {"waiting", "needs:child", "then:x", "then:y"})
        EXPECT_EQ(key(name), "-") << name;
}

TEST_P(needs, are_claimed_by_the_exchange_that_ended_the_last)
{
    enqueue({job("x")});
    auto const a = claim("A");
    store({after("child", {{"x"}})});
    auto const b = exchange(
        "A",
        {.finished = {{a.claim, {"x"}}}, .close = {a.claim}, .fetch_order = {{"*b", 9, false}}}
    );
    EXPECT_EQ(ids(b), "child");
}

// Every end of one that is needed, each way, wherever it was when it began to be needed.
TEST_P(needs, every_end_tells_those_that_wait)
{
    enum class how {
        finished,
        result,
        discarded,
        expired,
        dead,
        cancelled,
        killed,
        aside,
        deleted
    };
    for (how const ends :
         {how::finished,
          how::result,
          how::discarded,
          how::expired,
          how::dead,
          how::cancelled,
          how::killed,
          how::aside,
          how::deleted}) {
        for (std::string const when : {"pending", "active", "active_large", "scheduled", "retry"}) {
            start_over();
            SCOPED_TRACE(std::to_string(static_cast<int>(ends)) + " " + when);
            auto const store_children = [&] {
                for (otherwise const way : ways)
                    EXPECT_EQ(store({after(std::string(to_string(way)), {{"x", way, "p"}})}), "s");
            };
            if (when == "active_large")
                enqueue_many(40);
            work::new_job x = job("x");
            if (when == "scheduled")
                x.delay_ms = 1'000;
            enqueue({x});
            if (when == "pending" || when == "scheduled")
                store_children();
            b().pass(when == "scheduled" ? 2'000 : 1);
            auto a = claim("A");
            if (when == "retry") {
                exchange(
                    "A",
                    {.outcomes = {{a.claim, "x", outcome_kind::retry, 500, "{\"attempt\":1}"}},
                     .close = {a.claim},
                     .want = 0}
                );
                store_children();
                b().pass(1'000);
                a = claim("A");
            }
            if (when.starts_with("active"))
                store_children();
            std::string const text = ends == how::result    ? R"({"outcome":"done","result":7})"
                                     : ends == how::expired ? R"({"outcome":"expired","at_ms":1})"
                                                            : "{\"attempt\":1}";
            bool const by_name = !when.starts_with("active");  // its pool knows of them
            said words{.want = 0};
            switch (ends) {
            case how::finished:
                if (by_name)
                    words.outcomes = {{a.claim, "x", outcome_kind::complete, 0, {}}};
                else
                    words.finished = {{a.claim, {"x"}}};
                break;
            case how::result:
            case how::expired:
                words.outcomes = {{a.claim, "x", outcome_kind::complete, 0, text}};
                break;
            case how::discarded:
                words.outcomes = {{a.claim, "x", outcome_kind::discard, 0, {}}};
                break;
            case how::dead:
            case how::deleted:
                words.outcomes = {{a.claim, "x", outcome_kind::dead, 0, text}};
                break;
            case how::aside:
                words.outcomes = {{a.claim, "x", outcome_kind::set_aside, 0, {}}};
                break;
            case how::cancelled: b().cancel({"x"}); break;
            case how::killed: b().kill({"x"}); break;
            }
            if (ends == how::cancelled || ends == how::killed)
                words.outcomes = {{a.claim, "x", outcome_kind::cancelled, 0, {}}};
            exchange("A", std::move(words));
            bool const done =
                ends == how::finished || ends == how::result || ends == how::discarded;
            bool const dead = ends == how::dead || ends == how::killed || ends == how::deleted;
            auto const expected = [&](otherwise way) {
                return done || way == otherwise::run    ? job_state::pending
                       : way == otherwise::wait && dead ? job_state::waiting
                                                        : job_state::cancelled;
            };
            for (otherwise const way : ways)
                EXPECT_EQ(state(std::string(to_string(way))), expected(way)) << to_string(way);
            if (ends == how::result) {
                EXPECT_EQ(given("run", "p"), "completed\n" + text);
                EXPECT_EQ(given("cancel", "p"), "completed\n" + text);
            }
            if (dead) {
                EXPECT_THAT(given("run", "p"), HasSubstr("dead\n"));
            }
            if (ends == how::deleted) {
                EXPECT_EQ(text_of(b().remove({"x"})), "m");
                EXPECT_EQ(state("wait"), job_state::cancelled);
            } else if (dead) {
                EXPECT_EQ(text_of(b().requeue({"x"})), "m");
                auto const again = claim("A", 1);
                ASSERT_EQ(ids(again), "x");
                end(again, outcome_kind::complete);
                EXPECT_EQ(state("wait"), job_state::pending);
            }
            for (std::string const& broken : broker_invariants::broken(b().dump()))
                ADD_FAILURE() << broken;
        }
    }
}

TEST_P(needs, what_has_ended_before_is_met_at_once)
{
    enqueue({job("kept"), job("dead"), chosen("traced"), job("gone")});
    auto const a = claim("A");
    exchange(
        "A",
        {.outcomes =
             {{a.claim, "kept", outcome_kind::complete, 0, R"({"outcome":"done","result":1})"},
              {a.claim, "dead", outcome_kind::dead, 0, "{\"why\":1}"},
              {a.claim, "traced", outcome_kind::complete, 60'000, {}},
              {a.claim, "gone", outcome_kind::complete, 0, {}}},
         .want = 0}
    );
    EXPECT_EQ(store({after("1", {{"kept", otherwise::cancel, "k"}, {"traced"}})}), "s");
    EXPECT_EQ(state("1"), job_state::pending);
    EXPECT_EQ(given("1", "k"), "completed\n{\"outcome\":\"done\",\"result\":1}");
    EXPECT_EQ(store({after("2", {{"dead", otherwise::run}})}), "s");
    EXPECT_EQ(state("2"), job_state::pending);
    EXPECT_EQ(given("2", "dead"), "dead\n{\"why\":1}");
    EXPECT_EQ(store({after("3", {{"dead", otherwise::wait}})}), "s");
    EXPECT_EQ(state("3"), job_state::waiting);
    // Nothing of these is stored, nor of what comes after them for their sake.
    for (auto const& [id, how] : std::vector<std::pair<std::string, otherwise>>{
             {"dead", otherwise::cancel},
             {"gone", otherwise::cancel},
             {"gone", otherwise::run},
             {"never", otherwise::wait}
         })
        EXPECT_EQ(store({after("no", {{id, how}}), after("nor", {{"no"}})}), "n" + id + " nno");
    EXPECT_EQ(state("no"), job_state::unknown);
    EXPECT_EQ(key("needs:no"), "-");
}

TEST_P(needs, are_stored_with_those_that_they_need_in_one_batch)
{
    EXPECT_EQ(
        store({job("x"), after("y", {{"x"}}, "a"), after("z", {{"x"}, {"y"}}, "a"), job("other")}),
        "s s s s"
    );
    std::string order;
    for (int i = 0; i != 4; ++i) {
        auto const a = claim("A", 1);
        order += ids(a) + " ";
        end(a, outcome_kind::complete);
    }
    EXPECT_EQ(order, "x other y z ");
    EXPECT_EQ(b().counts().waiting, 0);
}

TEST_P(needs, of_a_chain_all_are_cancelled_when_the_first_is)
{
    constexpr int length = 300;  // more than one call tells
    std::vector<work::new_job> chain{job("j0")};
    for (int i = 1; i != length; ++i) {
        std::string const id = "j" + std::to_string(i);
        chain.push_back(after(id, {{"j" + std::to_string(i - 1)}}));
        if (chain.size() == 200) {
            enqueue(std::move(chain));
            chain.clear();
        }
    }
    enqueue(std::move(chain));
    EXPECT_EQ(b().counts().waiting, length - 1);
    b().cancel({"j0"});
    EXPECT_GT(b().counts().waiting, 0) << "one call told them all";
    EXPECT_EQ(b().counts().scheduled, 0) << "a timer was counted";
    settle();
    EXPECT_EQ(b().counts().waiting, 0);
    EXPECT_EQ(state("j299"), job_state::cancelled);
    EXPECT_THAT(b().job("j299").kept, HasSubstr("it needs j298, which is cancelled"));
    EXPECT_EQ(key("tellings"), "-");
}

TEST_P(needs, of_many_that_need_one_some_are_told_in_a_call)
{
    constexpr int many = 150;
    enqueue({job("x")});
    std::vector<work::new_job> children;
    for (int i = 0; i != many; ++i)
        children.push_back(after("c" + std::to_string(i), {{"x", ways[i % 3], "r"}}));
    enqueue(std::move(children));
    auto const a = claim("A");
    said words{.want = 0};
    words.outcomes = {{a.claim, "x", outcome_kind::complete, 0, R"({"result":"big"})"}};
    words.close = {a.claim};
    words.want = 0;
    auto const told = exchange("A", std::move(words));
    EXPECT_TRUE(told.more);
    EXPECT_GT(b().counts().waiting, 0);
    // The id is used again meanwhile, and others need the new one.
    enqueue({chosen("x")});
    EXPECT_EQ(store({after("other", {{"x"}})}), "s");
    settle();
    EXPECT_EQ(b().counts().waiting, 1) << "but the one that needs the new job";
    EXPECT_EQ(b().counts().pending, many + 1);
    EXPECT_EQ(given("c149", "r"), "completed\n{\"result\":\"big\"}");
    EXPECT_EQ(state("other"), job_state::waiting);
}

TEST_P(needs, one_that_is_dead_keeps_many_waiting_that_are_to)
{
    enqueue({job("x")});
    std::vector<work::new_job> children;
    for (int i = 0; i != 150; ++i)
        children.push_back(after("c" + std::to_string(i), {{"x", otherwise::wait}}));
    enqueue(std::move(children));
    end(claim("A"), outcome_kind::dead, "{}");
    settle();
    EXPECT_EQ(b().counts().waiting, 150);
    b().requeue({"x"});
    end(claim("A"), outcome_kind::complete);
    settle();
    EXPECT_EQ(b().counts().waiting, 0);
    EXPECT_EQ(b().counts().pending, 150);
}

TEST_P(needs, people_act_on_jobs_that_wait)
{
    enqueue({job("x")});
    store(
        {after("run", {{"x"}}),
         after("drop", {{"x"}}),
         after("kill", {{"x"}}),
         after("move", {{"x"}}),
         after("behind", {{"drop"}})}
    );
    EXPECT_EQ(text_of(b().requeue({"run"})), "m");
    EXPECT_EQ(state("run"), job_state::pending) << "it runs without what it needs";
    EXPECT_EQ(text_of(b().cancel({"drop"})), "m");
    EXPECT_EQ(state("drop"), job_state::cancelled);
    EXPECT_EQ(state("behind"), job_state::cancelled);
    EXPECT_EQ(text_of(b().kill({"kill"})), "m");
    EXPECT_EQ(state("kill"), job_state::dead);
    EXPECT_EQ(text_of(b().move({"move"}, "q")), "m");
    EXPECT_EQ(state("move"), job_state::waiting);
    end(claim("A"), outcome_kind::complete);
    EXPECT_EQ(b().counts().pending, 2);
    EXPECT_EQ(state("move"), job_state::pending);
    EXPECT_THAT(b().job("move").envelope, HasSubstr(" q:b "));
}

TEST_P(needs, go_on_to_their_time_when_that_is_later)
{
    enqueue({job("x")});
    auto late = after("late", {{"x"}});
    late.delay_ms = 60'000;
    store({late});
    EXPECT_EQ(state("late"), job_state::waiting);
    end(claim("A"), outcome_kind::complete);
    EXPECT_EQ(state("late"), job_state::scheduled);
    live_through(61'000);
    EXPECT_EQ(state("late"), job_state::pending);
}

TEST_P(needs, a_job_that_runs_adds_others_to_what_waits_for_it)
{
    enqueue({job("x")});
    store({after("last", {{"x", otherwise::run}})});
    auto const a = claim("A");
    job_links beside;
    beside.beside = {"x"};
    job_links before;
    before.before = {{"last", otherwise::cancel, {}}};
    EXPECT_EQ(store({bound(job("y"), beside), bound(job("z"), before)}), "s s");
    EXPECT_EQ(b().job("last").bonds.needs_left, 3);
    end(a, outcome_kind::complete);
    EXPECT_EQ(state("last"), job_state::waiting);
    auto const c = claim("A");
    exchange(
        "A",
        {.outcomes =
             {{c.claim, "y", outcome_kind::dead, 0, "{}"},
              {c.claim, "z", outcome_kind::complete, 0, {}}},
         .close = {c.claim},
         .want = 0}
    );
    EXPECT_EQ(state("last"), job_state::pending) << "y counts as x did: whatever becomes of it";
    job_links late;
    late.before = {{"last", otherwise::cancel, {}}};
    EXPECT_EQ(store({bound(job("late"), late)}), "nlast");
}

TEST_P(needs, nobody_waits_for_one_that_waits_for_him)
{
    enqueue({job("x")});
    store({after("y", {{"x"}}), after("z", {{"y"}})});
    job_links circle;
    circle.needs = {{"z"}};
    circle.before = {{"y", otherwise::cancel, {}}};
    EXPECT_EQ(store({bound(job("no"), circle)}), "ny");
    job_links between;
    between.needs = {{"y"}};
    between.before = {{"z", otherwise::cancel, {}}};
    EXPECT_EQ(store({bound(job("between", "a"), between)}), "s");
    std::string order;
    for (int i = 0; i != 4; ++i)
        for (char const* const list : {"*a", "*b"}) {
            auto const a = claim("A", 9, list);
            if (!a.jobs.empty()) {
                order += ids(a) + " ";
                end(a, outcome_kind::complete);
            }
        }
    EXPECT_EQ(order, "x y between z ");
    EXPECT_EQ(b().counts().waiting, 0);
}

TEST_P(needs, a_job_that_goes_on_to_a_stage_keeps_what_it_was_given_and_who_needs_it)
{
    enqueue({job("x")});
    store({after("s", {{"x", otherwise::cancel, "r"}}), after("end", {{"s"}})});
    end(claim("A"), outcome_kind::complete, R"({"result":1})");
    auto const a = claim("A", 9, "*b");
    ASSERT_EQ(ids(a), "s");
    exchange(
        "A",
        {.outcomes = {{a.claim, "s", outcome_kind::stage, 0, job("s", "c").envelope}},
         .close = {a.claim},
         .want = 0}
    );
    EXPECT_EQ(given("s", "r"), "completed\n{\"result\":1}");
    EXPECT_EQ(state("end"), job_state::waiting);
    auto const c = claim("A", 9, "*c");
    ASSERT_EQ(ids(c), "s");
    end(c, outcome_kind::complete);
    EXPECT_EQ(state("end"), job_state::pending);
    EXPECT_EQ(key("given:s"), "-");
}

TEST_P(needs, more_than_is_handed_on_is_not)
{
    std::string const large(70'000, 'x');
    std::string const some(60'000, 'y');
    std::vector<job_need> all;
    for (int i = 0; i != 20; ++i) {
        enqueue({job("p" + std::to_string(i))});
        all.push_back({"p" + std::to_string(i)});
    }
    store({after("child", all)});
    auto const a = claim("A");
    said words{.want = 0};
    for (auto const& j : a.jobs)
        words.outcomes.push_back(
            {a.claim, j.id, outcome_kind::complete, 0, j.id == "p0" ? large : some}
        );
    words.close = {a.claim};
    exchange("A", std::move(words));
    ASSERT_EQ(state("child"), job_state::pending);
    EXPECT_EQ(given("child", "p0"), "completed\n");
    EXPECT_EQ(given("child", "p1"), "completed\n" + some);
    EXPECT_EQ(given("child", "p19"), "completed\n") << "over 1 MiB in all";
}

// Whatever is done to records, every flow ends.
TEST_P(needs, chores_find_that_one_is_gone)
{
    enqueue({job("x")});
    store({after("cancel", {{"x"}}), after("run", {{"x", otherwise::run}})});
    b().overwrite("x", "garbage");
    auto const a = claim("A");
    exchange(
        "A",
        {.outcomes = {{a.claim, "x", outcome_kind::set_aside, 0, {}}},
         .close = {a.claim},
         .want = 0,
         .chores = true}
    );
    EXPECT_EQ(state("cancel"), job_state::cancelled);
    EXPECT_EQ(state("run"), job_state::pending);
    // One whose record says nothing of who needs it.
    enqueue({job("y")});
    store({after("z", {{"y"}})});
    b().overwrite("y", std::string(job("y").envelope));
    exchange("A", {.want = 0, .chores = true});
    end(claim("A"), outcome_kind::complete);
    EXPECT_EQ(state("z"), job_state::pending);
}

// A claim that meets garbage sets it aside: who waited for its end is in a list then that was empty
// before, and is found there.
TEST_P(needs, one_that_a_claim_sets_aside_lets_others_be_claimed)
{
    enqueue({job("x")});
    store({after("child", {{"x", otherwise::run}})});
    make_suspect();
    ASSERT_EQ(state("x"), job_state::suspect);
    b().overwrite("x", "garbage");
    EXPECT_EQ(ids(exchange("C", {.suspects = true})), "");
    EXPECT_EQ(state("x"), job_state::set_aside);
    EXPECT_EQ(state("child"), job_state::pending);
    auto const of_some = exchange("D", {.fetch_order = {{"*c", 9, false}, {"*b", 9, false}}});
    EXPECT_EQ(ids(of_some), "child");
}

// One that is put aside lets others go while the chores look at them, too.
TEST_P(needs, chores_let_each_go_once)
{
    enqueue({job("x")});
    store(
        {after("a", {{"x"}}),
         after("child", {{"a", otherwise::run}}),
         after("both", {{"a", otherwise::run}, {"child"}}),
         after("other", {{"a"}})}
    );
    b().overwrite("a", "garbage");
    exchange("A", {.want = 0, .chores = true});
    EXPECT_EQ(state("a"), job_state::set_aside);
    EXPECT_EQ(state("child"), job_state::pending);
    EXPECT_EQ(state("both"), job_state::waiting);
    EXPECT_EQ(state("other"), job_state::cancelled);
    for (int i = 0; i != 3; ++i)
        exchange("A", {.want = 0, .chores = true});
    EXPECT_EQ(b().counts().pending, 2) << "x and child, once each";
    end(claim("A", 256, "*b"), outcome_kind::complete);
    EXPECT_EQ(state("both"), job_state::pending);
}

TEST_P(needs, of_flows_nothing_runs_before_all_is_stored)
{
    EXPECT_EQ(store({of_flow("f", "x", {}, "a"), of_flow("f", "y", {{"x"}})}), "s s");
    EXPECT_EQ(ids(claim("A")), "");
    EXPECT_EQ(b().counts().waiting, 2);
    EXPECT_EQ(b().counts().scheduled, 0);
    EXPECT_EQ(store({of_flow("f", "z", {{"x"}, {"y"}}), commit("f", 3, "nightly")}), "s s");
    EXPECT_EQ(b().counts().waiting, 2);
    EXPECT_EQ(field("f", "{jobs"), "3");
    EXPECT_EQ(field("f", "{name"), "nightly");
    EXPECT_EQ(field("f", "z"), "b x,y");
    auto const a = claim("A");
    ASSERT_EQ(ids(a), "x");
    end(a, outcome_kind::complete);
    EXPECT_EQ(field("f", "{x"), "c");
    EXPECT_EQ(field("f", "{left"), "2");
    auto const y = claim("A", 9, "*b");
    ASSERT_EQ(ids(y), "y");
    end(y, outcome_kind::dead, "{}");
    EXPECT_EQ(field("f", "{y"), "d");
    EXPECT_EQ(field("f", "{z"), "x");
    EXPECT_EQ(field("f", "{left"), "0");
    EXPECT_NE(key("flows_ended"), "-");
    b().requeue({"y"});
    EXPECT_EQ(field("f", "{left"), "1");
    EXPECT_EQ(key("flows_ended"), "-");
    end(claim("A", 9, "*b"), outcome_kind::complete);
    EXPECT_EQ(field("f", "{y"), "c");
    EXPECT_NE(key("flows_ended"), "-");
    // A second time, as after an answer that was lost.
    EXPECT_EQ(store({commit("f", 3)}), "s");
}

TEST_P(needs, of_a_flow_that_is_not_stored_whole_nothing_runs)
{
    for (std::string const how : {"wrong count", "never", "refused"}) {
        start_over();
        SCOPED_TRACE(how);
        std::vector<work::new_job> jobs{
            of_flow("f", "x"),
            of_flow("f", "y", {{"x", otherwise::run}}),
            of_flow("f", "z", {{"y", otherwise::wait}})
        };
        if (how == "wrong count") {
            jobs.push_back(commit("f", 4));
            EXPECT_EQ(store(jobs), "s s s n{f");
        } else if (how == "refused") {
            jobs.push_back(of_flow("f", "w", {{"never"}}));
            jobs.push_back(commit("f", 4));
            EXPECT_EQ(store(jobs), "s s s nnever n{f");
        } else {
            store(jobs);
            live_through(595'000);
            EXPECT_EQ(b().counts().waiting, 3);
            live_through(10'000);
        }
        for (char const* const id : {"x", "y", "z"}) {
            EXPECT_EQ(state(id), job_state::cancelled) << id;
            EXPECT_THAT(b().job(id).kept, HasSubstr("its flow was not stored whole"));
        }
        EXPECT_EQ(field("f", "{left"), "0");
        EXPECT_EQ(key("uncommitted"), "-");
        EXPECT_EQ(b().counts().scheduled, 0);
        // What comes late is refused.
        EXPECT_EQ(store({of_flow("f", "late"), commit("f", 4)}), "n{f n{f");
    }
}

TEST_P(needs, flows_that_ended_are_kept_for_a_week)
{
    store({of_flow("f", "x", {}, "a"), commit("f", 1)});
    store({of_flow("g", "y"), commit("g", 1)});
    end(claim("A"), outcome_kind::complete);
    auto const look = [&] { exchange("A", {.want = 0, .chores = true}); };
    look();
    EXPECT_NE(key("flow:f"), "-");
    b().pass(work::policy::flow_kept_ms + 1);
    look();
    EXPECT_EQ(key("flow:f"), "-");
    EXPECT_NE(key("flow:g"), "-") << "it goes on";
    EXPECT_EQ(key("flows_ended"), "-");
}

TEST_P(needs, a_batch_that_comes_twice_gets_the_same_answer)
{
    auto const send = [&] {
        std::string text;
        for (auto const& one :
             enqueue_as(77, {job("x"), after("y", {{"never"}}), after("z", {{"x"}})}).jobs)
            text += static_cast<char>(one.code) + one.other;
        return text;
    };
    EXPECT_EQ(send(), "snnevers");
    EXPECT_EQ(send(), "snnevers");
}

INSTANTIATE_TEST_SUITE_P(on, needs, both_sides, side_name);

}  // namespace
