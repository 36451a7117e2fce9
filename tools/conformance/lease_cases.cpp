// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "conformance/suite.hpp"

namespace work::tool {
namespace {

std::string const short_lease = R"(,"lease_ms":1000)";

void lapse_runs_elsewhere_within_lease_plus_1_s(scene& in)
{
    std::string const name = in.fresh("lapse");
    std::string const id = in.enqueue(name);
    worker dies = worker::of(in, name, short_lease);
    worker lives = worker::of(in, name, short_lease);
    auto const from = std::chrono::steady_clock::now();
    auto const lost = dies.one();
    auto const again = lives.one(R"(,"wait_ms":20000)");
    scene::equal(text(again, "id"), id, "the job");
    scene::require(number(again, "fence") > number(lost, "fence"), "the fence did not grow");
    scene::require(ms_since(from) >= 900, "it came before the lease was over");
    scene::require(
        ms_since(from) < 4'000,
        "it came " + std::to_string(ms_since(from)) + " ms later"
    );
}

void late_complete_is_lease_lost_and_changes_nothing(scene& in)
{
    std::string const name = in.fresh("late");
    std::string const id = in.enqueue(name);
    worker late = worker::of(in, name, short_lease);
    worker next = worker::of(in, name);
    auto const lost = late.one();
    auto const again = next.one(R"(,"wait_ms":20000)");
    scene::equal(late.outcome(lost, R"("complete")"), "lease_lost", "the code");
    scene::equal(in.state(id), "active", "its state");
    scene::equal(next.outcome(again, R"("complete")"), "ok", "the code of the other");
}

std::string extend(boost::json::object const& job)
{
    return R"("extend":[{"fence":)" + std::to_string(number(job, "fence")) + R"(,"ids":[")" +
           text(job, "id") + R"("]}])";
}

void extend_keeps_it(scene& in)
{
    std::string const name = in.fresh("extend");
    in.enqueue(name);
    worker pool = worker::of(in, name, short_lease);
    worker other = worker::of(in, name, short_lease);
    auto const job = pool.one();
    for (int i = 0; i != 10; ++i) {
        pause_ms(250);
        auto const extended = list(pool.report(extend(job)), "extended");
        scene::equal(text(extended[0].as_object(), "code"), "ok", "the code");
        scene::require(list(other.claim(), "jobs").empty(), "another pool got it");
    }
    scene::equal(pool.outcome(job, R"("complete")"), "ok", "the code");
}

void checkin_does_not_extend(scene& in)
{
    std::string const name = in.fresh("checkin");
    std::string const id = in.enqueue(name);
    worker pool = worker::of(in, name, short_lease);
    worker other = worker::of(in, name);
    auto const job = pool.one();
    for (int i = 0; i != 20; ++i) {
        pause_ms(150);
        pool.report(R"("checkins":[)" + named(job) + R"(,"message":"still here"}])");
        auto const jobs = list(other.claim(), "jobs");
        if (jobs.empty())
            continue;
        scene::equal(text(jobs[0].as_object(), "id"), id, "the job");
        return;
    }
    throw nonconforming("after 3 s the job is still held under a lease of 1 s");
}

void extend_of_lost_told(scene& in)
{
    std::string const name = in.fresh("lost");
    in.enqueue(name);
    worker pool = worker::of(in, name, short_lease);
    worker other = worker::of(in, name);
    auto const job = pool.one();
    other.one(R"(,"wait_ms":20000)");
    auto const answer = pool.report(extend(job));
    auto const extended = list(answer, "extended");
    scene::equal(text(extended[0].as_object(), "code"), "lease_lost", "the code");
    auto const again = list(pool.report_reply(pool.reports, extend(job)).json(), "extended");
    scene::equal(text(again[0].as_object(), "code"), "lease_lost", "the code of the repeat");
}

void timed_out_given_up_alone(scene& in)
{
    std::string const name = in.fresh("timeout");
    std::string const late = in.enqueue(name, "[]", R"(,"timeout_ms":300)");
    in.enqueue(name, "[]", R"(,"timeout_ms":60000)");
    worker pool = worker::of(in, name);
    auto const jobs = list(pool.claim(R"(,"want":2)"), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 2, "the number of jobs");
    auto const& other = jobs[1].as_object();
    pause_ms(400);
    std::string const members = R"("extend":[{"fence":)" + std::to_string(number(other, "fence")) +
                                R"(,"ids":[")" + late + R"(",")" + text(other, "id") + R"("]}])";
    auto const first = pool.report(members);
    auto const again = pool.report_reply(pool.reports, members);
    for (auto const& answer : {first, again.json()}) {
        auto const extended = list(answer, "extended")[0].as_object();
        scene::equal(text(extended, "code"), "ok", "the code");
        auto const late_ones = list(extended, "timed_out");
        scene::equal(static_cast<std::int64_t>(late_ones.size()), 1, "how many timed out");
        scene::require(late_ones[0].as_string() == late, "another one timed out");
    }
    auto const job = in.job(late);
    scene::equal(text(job, "state"), "retry", "its state");
    auto const failures = list(job, "failures");
    scene::equal(text(failures[0].as_object(), "type"), "timed_out", "the failure's type");
    scene::equal(pool.outcome(other, R"("complete")"), "ok", "the code of the other");
}

void delete_pool_releases_at_once(scene& in)
{
    std::string const name = in.fresh("leave");
    std::string const id = in.enqueue(name);
    worker leaves = worker::of(in, name);
    worker stays = worker::of(in, name);
    leaves.one();
    auto waiting =
        in.server().send("POST", stays.path("/claim"), stays.claim_body(R"(,"wait_ms":20000)"));
    pause_ms(100);
    auto const from = std::chrono::steady_clock::now();
    leaves.leave();
    auto const answer = waiting.read();
    scene::status(answer, 200);
    auto const jobs = list(answer.json(), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 1, "the number of jobs");
    scene::equal(text(jobs[0].as_object(), "id"), id, "the job");
    scene::equal(number(jobs[0].as_object(), "attempt"), 1, "its attempt");
    scene::require(ms_since(from) < 3'000, "it came more than 3 s later");
    scene::equal(in.server().call("GET", leaves.path()).status, 404, "the status of the pool");
}

/// Jobs whose workers died twice come on trial, and no others of them until those have ended.
void on_trial(scene& in, http_caller const& parks_at)
{
    std::string const name = in.fresh("suspect");
    for (int i = 0; i != 2; ++i)
        in.enqueue(name);
    for (int death = 0; death != 2; ++death) {
        worker dies = worker::of(in, name, short_lease);
        auto const jobs = list(dies.claim(R"(,"want":2,"wait_ms":20000)"), "jobs");
        scene::equal(static_cast<std::int64_t>(jobs.size()), 2, "the number of jobs");
        scene::require(!jobs[0].as_object().at("trial").as_bool(), "it came on trial too early");
    }
    worker lives = worker::of(in, name);
    auto const job = lives.one(R"(,"wait_ms":20000)");
    scene::require(job.at("trial").as_bool(), "after two deaths it does not come on trial");
    scene::require(list(lives.claim(), "jobs").empty(), "another suspect came beside it");
    auto waiting =
        parks_at.send("POST", lives.path("/claim"), lives.claim_body(R"(,"wait_ms":20000)"));
    pause_ms(100);
    auto const from = std::chrono::steady_clock::now();
    scene::equal(lives.outcome(job, R"("complete")"), "ok", "the code");
    auto const answer = waiting.read();
    scene::status(answer, 200);
    auto const next = list(answer.json(), "jobs");
    scene::equal(static_cast<std::int64_t>(next.size()), 1, "the number of jobs behind it");
    scene::require(next[0].as_object().at("trial").as_bool(), "the other is no suspect");
    scene::require(ms_since(from) < 2'000, "it came more than 2 s after the one before it ended");
    scene::equal(lives.outcome(next[0].as_object(), R"("complete")"), "ok", "the other code");
}

void suspects_come_on_trial(scene& in)
{
    on_trial(in, in.server());
}

void suspect_comes_at_once_behind_the_one_that_ended_elsewhere(scene& in)
{
    on_trial(in, in.second());
}

void fence_of_another_pool_changes_nothing(scene& in)
{
    std::string const name = in.fresh("theirs");
    std::string const id = in.enqueue(name);
    worker holds = worker::of(in, name);
    worker other = worker::of(in, name);
    auto const job = holds.one();
    scene::equal(other.outcome(job, R"("complete")"), "lease_lost", "the code");
    scene::equal(in.state(id), "active", "its state");
    auto const extended = list(other.report(extend(job)), "extended");
    scene::equal(text(extended[0].as_object(), "code"), "lease_lost", "the code of extend");
}

void gone_after_three_heartbeats(scene& in)
{
    worker pool = worker::of(in, in.fresh("silent"));
    pool.claim();
    pause_ms(1'100);
    scene::status(in.server().call("GET", pool.path()), 200);
    pause_ms(16'000);
    scene::refused(in.server().call("GET", pool.path()), 404, "no-such-pool");
    // Its numbers are known all the same, and it comes back with its next word.
    pool.claim();
}

}  // namespace

void add_lease_cases(case_list& to)
{
    constexpr std::string_view workers = "workers";
    to.insert(
        to.end(),
        {{"lease: lapse_runs_elsewhere_within_lease_plus_1_s",
          lapse_runs_elsewhere_within_lease_plus_1_s,
          workers},
         {"lease: late_complete_is_lease_lost_and_changes_nothing",
          late_complete_is_lease_lost_and_changes_nothing,
          workers},
         {"lease: extend_keeps_it", extend_keeps_it, workers},
         {"lease: checkin_does_not_extend", checkin_does_not_extend, workers},
         {"lease: extend_of_lost_told", extend_of_lost_told, workers},
         {"lease: timed_out_given_up_alone", timed_out_given_up_alone, workers},
         {"lease: delete_pool_releases_at_once", delete_pool_releases_at_once, workers},
         {"lease: suspects_come_on_trial", suspects_come_on_trial, workers},
         {"lease: suspect_comes_at_once_behind_the_one_that_ended_elsewhere",
          suspect_comes_at_once_behind_the_one_that_ended_elsewhere,
          workers,
          true},
         {"lease: fence_of_another_pool_changes_nothing",
          fence_of_another_pool_changes_nothing,
          workers},
         {"lease: gone_after_three_heartbeats", gone_after_three_heartbeats, workers}}
    );
}

namespace {

void paused_queue_gives_none(scene& in)
{
    std::string const name = in.fresh("paused");
    worker pool = worker::of(in, name);
    scene::status(in.server().call("POST", "/api/v1/queues/" + name + "/pause", "{}"), 200);
    in.enqueue(name);
    scene::require(list(pool.claim(), "jobs").empty(), "a job came out of a paused queue");
    scene::status(in.server().call("POST", "/api/v1/queues/" + name + "/resume", "{}"), 200);
    pool.one(R"(,"wait_ms":5000)");
}

void tell(scene& in, worker const& pool, std::string const& what)
{
    scene::status(in.server().call("POST", "/api/v1/pools/" + pool.id + "/" + what, "{}"), 200);
}

void quiet_claims_nothing(scene& in)
{
    std::string const name = in.fresh("quiet");
    worker pool = worker::of(in, name);
    scene::equal(text(pool.claim(), "state"), "running", "the state before");
    tell(in, pool, "quiet");
    in.enqueue(name);
    auto const none = pool.claim();
    scene::require(list(none, "jobs").empty(), "a quiet pool was given a job");
    scene::equal(text(none, "state"), "quiet", "the state");
    scene::require(number(none, "next_ms") > 0, "next_ms does not say when to ask again");
    scene::equal(text(pool.report(R"("outcomes":[])"), "state"), "quiet", "the state in a report");
    tell(in, pool, "resume");
    pool.one(R"(,"wait_ms":5000)");
}

/// The first server still waits for what the pool's claim waited for there.
void order_is_heard_at_once_where_the_claim_waits_now(scene& in)
{
    worker pool = worker::of(in, in.fresh("moved"));
    pool.claim(R"(,"wait_ms":200)");
    auto waiting =
        in.second().send("POST", pool.path("/claim"), pool.claim_body(R"(,"wait_ms":20000)"));
    pause_ms(100);
    auto const from = std::chrono::steady_clock::now();
    tell(in, pool, "quiet");
    auto const answer = waiting.read();
    scene::status(answer, 200);
    scene::equal(text(answer.json(), "state"), "quiet", "the state");
    scene::require(ms_since(from) < 2'000, "it was told more than 2 s later");
}

void stop_state(scene& in)
{
    std::string const name = in.fresh("stop");
    std::string const id = in.enqueue(name);
    worker pool = worker::of(in, name);
    auto const job = pool.one();
    tell(in, pool, "stop");
    in.enqueue(name);
    auto const none = pool.claim();
    scene::require(list(none, "jobs").empty(), "a pool that is to stop was given a job");
    scene::equal(text(none, "state"), "stopping", "the state");
    // What it has it may finish.
    scene::equal(pool.outcome(job, R"("complete")"), "ok", "the code");
    scene::refused(
        in.server().call("POST", "/api/v1/pools/" + in.fresh("nobody") + "/stop", "{}"),
        404,
        "no-such-pool"
    );
}

void logs_kept_last_n(scene& in)
{
    std::string const name = in.fresh("logs");
    std::string const id = in.enqueue(name);
    worker pool = worker::of(in, name);
    auto const job = pool.one();
    auto const lines = [](int from, int to) {
        std::string all;
        for (int i = from; i <= to; ++i)
            all += (i == from ? "\"line " : ",\"line ") + std::to_string(i) + '"';
        return all;
    };
    pool.report(R"("logs":[)" + named(job) + R"(,"lines":[)" + lines(1, 80) + "]}]");
    pool.report(R"("logs":[)" + named(job) + R"(,"lines":[)" + lines(81, 130) + "]}]");
    auto const log = list(in.logs(id), "lines");
    scene::equal(static_cast<std::int64_t>(log.size()), 100, "how many lines are kept");
    scene::equal(text(log.front().as_object(), "text"), "line 31", "the first of them");
    scene::equal(text(log.back().as_object(), "text"), "line 130", "the last of them");
    scene::equal(pool.outcome(job, R"("fail","fatal":true)"), "ok", "the outcome");
    scene::equal(
        static_cast<std::int64_t>(list(in.logs(id), "lines").size()),
        100,
        "how many lines a dead job keeps"
    );
}

void never(scene&)
{
    throw nonconforming("a server has the feature, and this suite has no case for it yet");
}

}  // namespace

void add_absent_cases(case_list& to)
{
    to.insert(
        to.end(),
        {{"claim: paused_queue_gives_none", paused_queue_gives_none, "pause"},
         {"claim: labels_respected", never, "labels"},
         {"steer: quiet_claims_nothing", quiet_claims_nothing, "orders"},
         {"steer: order_is_heard_at_once_where_the_claim_waits_now",
          order_is_heard_at_once_where_the_claim_waits_now,
          "orders",
          true},
         {"steer: stop_state", stop_state, "orders"},
         {"steer: logs_kept_last_n", logs_kept_last_n, "logs"}}
    );
}

}  // namespace work::tool
