// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What becomes of a job, by what its handler did: no coroutine, no broker.

#include <work/broker/memory/memory_broker.hpp>
#include <work/pool/attempts.hpp>
#include <work/pool/deadlines.hpp>
#include <work/pool/lease_list.hpp>
#include <work/pool/worker_watch.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/system_executor.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "claims.hpp"

namespace {

using namespace std::chrono_literals;
using namespace work::detail;
using pool_tests::claimed;
using work::outcome_kind;
using work::stop_reason;

struct no_checkins : checkin_port
{
    void checked_in(worker&, std::string, double) override {}
    void logged(worker&, std::string) override {}
    std::string why(worker&) override { return {}; }
    work::task<std::vector<work::job_gift>> given(worker&) override
    {
        co_return std::vector<work::job_gift>();
    }
};

struct attempts_test : testing::Test
{
    attempts_test()
    {
        type = &types.add("mail", {});
        types.build_chains();
        queues.serve_all({});
        list = queues.find("mail");
        c = &ledger.add(claimed(1, 100));
        record.attempts = 2;
        record.created_ms = work::time_ms(broker);
    }
    held_job held() { return held_job{c, "j", record, list}; }
    /// A worker that runs a job.
    worker& begin(std::unique_ptr<work::stored_options> own = nullptr)
    {
        s.begin(held(), std::move(own), 25);
        return s;
    }
    /// What was reported last.
    job_report reported()
    {
        exchange_round round;
        ledger.take(round);
        if (round.outcomes.size() != 1)
            throw std::logic_error(std::to_string(round.outcomes.size()) + " reports");
        ledger.answered(round);
        return std::move(round.outcomes.front());
    }
    static std::unique_ptr<caught_failure> thrown(std::exception_ptr failure)
    {
        try {
            if (failure)
                std::rethrow_exception(std::move(failure));
            return nullptr;
        } catch (std::exception const& caught) {
            return catch_failure(&caught);
        } catch (...) {
            return catch_failure(nullptr);
        }
    }
    job_report after(std::exception_ptr failure)
    {
        decides.ended(begin(), thrown(std::move(failure)).get());
        job_report report = reported();
        s.end();
        return report;
    }

    std::vector<std::string> lines;
    work::pool_options options;
    work::memory_broker broker{boost::asio::system_executor(), work::shared_memory("")};
    job_types types;
    job_type* type = nullptr;
    claim_ledger ledger;
    queue_set queues{options, types, 1};
    pool_log log{[this](work::log_level, std::string_view line) { lines.emplace_back(line); }, "p"};
    std::string const id = "p";
    hooks events{boost::asio::system_executor(), broker, log, id, id};
    attempts decides{id, 24h, [](work::new_job&) {}, broker, ledger, queues, events, log, 1};
    handler_tools tools{log, false};
    no_checkins port;
    worker s{tools, port};
    met_list* list = nullptr;
    claim* c = nullptr;
    work::envelope_view record;
};

TEST_F(attempts_test, an_exception_is_another_attempt_with_its_type_and_message)
{
    job_report const r = after(std::make_exception_ptr(std::runtime_error("no route")));
    EXPECT_EQ(r.kind, outcome_kind::retry);
    EXPECT_GT(r.number, 0);
    ASSERT_TRUE(r.why);
    EXPECT_EQ(r.why->attempt, 3);
    EXPECT_EQ(r.why->type, "std::runtime_error");
    EXPECT_EQ(r.why->message, "no route");
    EXPECT_EQ(r.why->pool, "p");
    ASSERT_TRUE(r.why->run_ms);
    EXPECT_GE(*r.why->run_ms, 0);
    EXPECT_EQ(r.why->wait_ms, std::nullopt) << "when a retry was due is not in its record";
    EXPECT_EQ(queues.failed(), 1);
}

TEST_F(attempts_test, are_counted_by_how_they_ended)
{
    auto const no = [] { return std::make_exception_ptr(std::runtime_error("no")); };
    static_cast<void>(after(no()));
    static_cast<void>(after(no()));
    static_cast<void>(after(std::make_exception_ptr(work::fatal("no"))));
    for (stop_reason const why : {stop_reason::shutting_down, stop_reason::cancelled}) {
        begin();
        s.tell(why);
        s.interrupted = true;
        decides.ended(s, thrown(no()).get());
        static_cast<void>(reported());
        s.end();
    }
    begin();
    decides.ended_lost(s);
    s.end();
    late_job late;
    late.what.kind = outcome_kind::dead;
    late.failure = R"({"attempt":3,"type":"timed_out","message":"too long","at_ms":1})";
    static_cast<void>(decides.given_up(held(), late));
    work::attempt_ends const all = type->ends.read("mail");
    auto const count = [&](work::attempt_end how) {
        return all.counts[static_cast<std::size_t>(how)];
    };
    EXPECT_EQ(count(work::attempt_end::retry), 2u);
    EXPECT_EQ(count(work::attempt_end::dead), 2u);
    EXPECT_EQ(count(work::attempt_end::released), 1u);
    EXPECT_EQ(count(work::attempt_end::cancelled), 1u);
    EXPECT_EQ(count(work::attempt_end::lost), 1u);
    EXPECT_EQ(count(work::attempt_end::completed), 0u);
    EXPECT_EQ(all.name, "mail");
}

TEST_F(attempts_test, fatal_or_the_last_attempt_is_dead)
{
    EXPECT_EQ(after(std::make_exception_ptr(work::fatal("no"))).kind, outcome_kind::dead);
    record.attempts = 24;
    EXPECT_EQ(after(std::make_exception_ptr(std::runtime_error("no"))).kind, outcome_kind::dead);
}

TEST_F(attempts_test, a_handler_that_was_not_reached_failed)
{
    job_report const r = after(nullptr);
    EXPECT_EQ(r.kind, outcome_kind::retry);
    EXPECT_EQ(r.why->type, "handler_not_run");
    EXPECT_EQ(lines.size(), 1u);
    static_cast<void>(after(nullptr));
    EXPECT_EQ(lines.size(), 1u) << "once for a type";
}

TEST_F(attempts_test, what_a_stop_reached_is_given_back_or_timed_out_or_cancelled)
{
    struct expected
    {
        stop_reason why;
        outcome_kind kind;
    };
    for (auto const& [why, kind] : {
             expected{stop_reason::shutting_down, outcome_kind::release},
             expected{stop_reason::timed_out, outcome_kind::retry},
             expected{stop_reason::cancelled, outcome_kind::cancelled},
         }) {
        begin();
        int const open = c->open;
        s.tell(why);
        s.interrupted = true;
        decides.ended(s, thrown(std::make_exception_ptr(std::runtime_error("cancelled"))).get());
        EXPECT_EQ(c->open, open - 1);
        job_report const r = reported();
        EXPECT_EQ(r.kind, kind);
        EXPECT_EQ(r.why ? r.why->type : "", kind == outcome_kind::retry ? "timed_out" : "");
        s.end();
    }
}

TEST_F(attempts_test, a_stop_that_did_not_reach_the_handler_changes_nothing)
{
    begin();
    s.tell(stop_reason::shutting_down);
    decides.ended(s, thrown(std::make_exception_ptr(std::runtime_error("own fault"))).get());
    EXPECT_EQ(reported().kind, outcome_kind::retry);
    s.end();
}

TEST_F(attempts_test, a_backoff_that_throws_is_told_once_and_replaced)
{
    type->options.backoff = [](int) -> std::chrono::milliseconds { throw std::logic_error("bad"); };
    for (int i = 0; i != 3; ++i) {
        job_report const r = after(std::make_exception_ptr(std::runtime_error("no")));
        EXPECT_EQ(r.kind, outcome_kind::retry);
        EXPECT_GT(r.number, 0);
    }
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("backoff function of mail threw"), std::string::npos) << lines[0];
}

TEST_F(attempts_test, one_that_was_given_up_failed_unless_it_was_cancelled_meanwhile)
{
    late_job late;
    late.id = "j";
    late.failure = R"({"attempt":3,"type":"timed_out","message":"too long","at_ms":1})";
    EXPECT_EQ(decides.given_up(held(), late), nullptr) << "nobody wants to know";
    EXPECT_EQ(queues.failed(), 1);
    late.code = work::outcome_code::cancelled;
    EXPECT_EQ(decides.given_up(held(), late), nullptr);
    EXPECT_EQ(queues.failed(), 1);
}

TEST_F(attempts_test, expired_and_late_jobs_are_not_run)
{
    work::stored_options own;
    EXPECT_FALSE(decides.expired(held(), nullptr));
    own.expires_in = 1min;
    EXPECT_FALSE(decides.expired(held(), &own));
    auto timeout = std::chrono::milliseconds(1h);
    EXPECT_FALSE(decides.misses_deadline(held(), &own, timeout));
    EXPECT_EQ(timeout, 1h);
    own.deadline = 30min;
    EXPECT_FALSE(decides.misses_deadline(held(), &own, timeout));
    EXPECT_LE(timeout, 30min) << "it may not run longer than until then";
    EXPECT_GT(timeout, 29min);
    EXPECT_FALSE(ledger.has_reports());

    record.created_ms -= std::chrono::milliseconds(1h).count();
    EXPECT_TRUE(decides.expired(held(), &own));
    job_report const expired = reported();
    EXPECT_EQ(expired.kind, outcome_kind::complete);
    EXPECT_NE(expired.text.find("\"expired\""), std::string::npos);
    EXPECT_TRUE(decides.misses_deadline(held(), &own, timeout));
    job_report const late = reported();
    EXPECT_EQ(late.kind, outcome_kind::dead);
    EXPECT_EQ(late.why->type, "deadline");
}

TEST_F(attempts_test, jobs_past_their_time_are_found_once)
{
    worker_watch watch;
    watch.add(s);
    auto const now = worker::clock::now();
    EXPECT_TRUE(watch.give_up(now).empty()) << "it runs nothing";
    begin();
    EXPECT_TRUE(watch.give_up(now).empty()) << "it has no deadline";
    s.give_up_at = now - 1ms;
    EXPECT_TRUE(watch.give_up(now - 1ms).empty());
    auto const late = watch.give_up(now);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late[0].job.id, "j");
    EXPECT_EQ(late[0].job.name, "mail");
    EXPECT_EQ(late[0].job.claim, 1);
    EXPECT_EQ(late[0].attempt.attempts_before, 2);
    EXPECT_TRUE(s.given_up);
    EXPECT_TRUE(watch.give_up(now).empty());
    s.end();
}

TEST(lease_list, renews_provisional_claims_first_and_those_that_are_held)
{
    lease_list leases;
    auto first = claimed(1, 1), second = claimed(2, 1), third = claimed(3, 1);
    EXPECT_FALSE(leases.add(first, false));
    EXPECT_TRUE(leases.add(second, true));
    EXPECT_FALSE(leases.add(third, true)) << "the heartbeat was told already";
    leases.remove({2});
    EXPECT_TRUE(leases.has_provisional());
    EXPECT_EQ(leases.take_provisional(), std::vector<work::claim_number>{3});
    EXPECT_FALSE(leases.has_provisional());
    EXPECT_EQ(leases.take_all(), (std::vector<work::claim_number>{1, 3}));
    EXPECT_EQ(leases.copy().at(3).jobs.size(), 1u);

    leases.begin_claim_on_wake(7);
    EXPECT_TRUE(leases.has_claim_on_wake());
    EXPECT_EQ(leases.end_claim_on_wake(), std::optional<std::int64_t>(7));
    EXPECT_EQ(leases.end_claim_on_wake(), std::nullopt);
}

// A job whose start is to be heard first has no deadline yet: cancelled then, it never starts, and
// its worker takes the next one.
TEST_F(attempts_test, deadlines_hurry_one_that_runs_and_none_that_is_to_start)
{
    struct heard : deadline_listener
    {
        void timed_out(worker&) override { ++late; }
        void overstayed(worker&) override { ++stayed; }
        void deadlines_passed() override {}
        int late = 0;
        int stayed = 0;
    } listener;
    boost::asio::io_context io;
    auto const whole = std::make_shared<int>();
    deadlines all(io.get_executor(), listener, 20ms);
    all.belongs_to(whole);
    begin();
    s.deadline = worker::clock::now() + 1h;
    all.hurry(s);
    EXPECT_FALSE(s.deadline_hook::is_linked());
    EXPECT_FALSE(s.overdue);
    s.end();

    begin();
    s.deadline = worker::clock::now() + 1h;
    all.arm(s);
    all.hurry(s);
    all.hurry(s);
    EXPECT_LT(s.deadline, worker::clock::now() + 1min);
    auto const until = worker::clock::now() + 10s;
    while (listener.stayed == 0 && worker::clock::now() < until)
        io.run_one_for(50ms);
    EXPECT_EQ(listener.stayed, 1);
    EXPECT_EQ(listener.late, 0) << "it was told by who cancelled it";
    EXPECT_FALSE(s.deadline_hook::is_linked());
    all.disarm(s, true);
    s.end();
}

}  // namespace
