// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "conformance/suite.hpp"

namespace work::tool {
namespace {

/// One job of a new name, claimed by a new pool.
struct running
{
    explicit running(scene& in, std::string const& options = {}, std::string const& type = {})
        : name(in.fresh("run")),
          id(in.enqueue(name, "[1]", options)),
          pool(in, R"([{"name":")" + name + '"' + type + "}]"),
          job(pool.one())
    {}

    std::string name;
    std::string id;
    worker pool;
    boost::json::object job;
};

void complete(scene& in)
{
    running r(in);
    scene::equal(r.pool.outcome(r.job, R"("complete")"), "ok", "the code");
    in.await_state(r.id, "completed");
}

void complete_with_result_read_back(scene& in)
{
    running r(in);
    scene::equal(r.pool.outcome(r.job, R"("complete","result":"{\"n\": 1.10}")"), "ok", "the code");
    scene::equal(text(in.job(r.id), "result"), R"({"n": 1.10})", "the result");
}

void result_that_is_no_json_refused(scene& in)
{
    running r(in);
    std::string const members =
        R"("outcomes":[)" + named(r.job) + R"(,"outcome":"complete","result":"done"}])";
    scene::refused(r.pool.report_reply(1, members), 422, "invalid-option");
    scene::equal(r.pool.outcome(r.job, R"("complete","result":"\"done\"")"), "ok", "the code");
}

void complete_twice_same_number_is_ok(scene& in)
{
    running r(in);
    std::string const members = R"("outcomes":[)" + named(r.job) + R"(,"outcome":"complete"}])";
    for (int i = 0; i != 2; ++i) {
        auto const reply = r.pool.report_reply(1, members);
        scene::status(reply, 200);
        auto const codes = list(reply.json(), "outcomes");
        scene::equal(text(codes[0].as_object(), "code"), "ok", "the code");
    }
}

void complete_twice_new_number_changes_nothing(scene& in)
{
    running r(in);
    r.pool.outcome(r.job, R"("complete")");
    std::string const again = r.pool.outcome(r.job, R"("fail","fatal":true)");
    scene::require(again == "gone" || again == "lease_lost", "the code is " + again);
    scene::equal(in.state(r.id), "completed", "its state");
}

void complete_after_cancel_wins(scene& in)
{
    for (std::string const verb : {"cancel", "kill"}) {
        running r(in);
        auto const told = in.server().call("POST", "/api/v1/jobs/" + r.id + "/" + verb);
        scene::status(told, 200);
        scene::equal(in.state(r.id), "active", "its state while it runs");
        scene::equal(r.pool.outcome(r.job, R"("complete")"), "ok", "the code");
        scene::equal(in.state(r.id), "completed", "its state");
    }
}

void anything_else_after_cancel_ends_it(scene& in)
{
    for (std::string const verb : {"cancel", "kill"})
        for (std::string const outcome :
             {R"("release")",
              R"("fail","message":"no disk")",
              R"("fail","fatal":true)",
              R"("snooze","in_ms":1)"}) {
            running r(in);
            std::string const path = "/api/v1/jobs/" + r.id + "/";
            scene::status(in.server().call("POST", path + verb), 200);
            scene::equal(r.pool.outcome(r.job, outcome), "cancelled", "the code of " + outcome);
            scene::equal(in.state(r.id), verb == "kill" ? "dead" : "cancelled", "its state");
        }
}

void fail_retries_after_backoff(scene& in)
{
    running r(in, R"(,"backoff":{"kind":"fixed","base_ms":60000,"jitter":0})");
    scene::equal(
        r.pool.outcome(r.job, R"("fail","type":"io","message":"no disk")"),
        "ok",
        "the code"
    );
    auto const job = in.job(r.id);
    scene::equal(text(job, "state"), "retry", "its state");
    auto const failures = list(job, "failures");
    scene::equal(static_cast<std::int64_t>(failures.size()), 1, "the number of failures");
    scene::equal(text(failures[0].as_object(), "type"), "io", "the failure's type");
    scene::equal(text(failures[0].as_object(), "message"), "no disk", "the failure's message");
    std::int64_t const left = number(job, "when_ms") - number(job, "now_ms");
    scene::require(left > 30'000 && left <= 61'000, "it is due in " + std::to_string(left));
}

void backoff_of_the_pool_is_used(scene& in)
{
    running r(
        in,
        "",
        R"(,"max_attempts":3,"backoff":{"kind":"fixed","base_ms":120000,"jitter":0})"
    );
    scene::equal(number(r.job, "max_attempts"), 3, "max_attempts");
    r.pool.outcome(r.job, R"("fail")");
    auto const job = in.job(r.id);
    std::int64_t const left = number(job, "when_ms") - number(job, "now_ms");
    scene::require(left > 60'000 && left <= 121'000, "it is due in " + std::to_string(left));
}

void fail_last_attempt_dead(scene& in)
{
    running r(in, R"(,"max_attempts":1)");
    r.pool.outcome(r.job, R"("fail","type":"io","message":"m")");
    scene::equal(in.state(r.id), "dead", "its state");
}

void fatal_dead_at_once(scene& in)
{
    running r(in);
    r.pool.outcome(r.job, R"("fail","fatal":true)");
    scene::equal(in.state(r.id), "dead", "its state");
}

void retry_in_ms_wins(scene& in)
{
    running r(in, R"(,"backoff":{"kind":"fixed","base_ms":1000})");
    r.pool.outcome(r.job, R"("fail","retry_in_ms":3600000)");
    auto const job = in.job(r.id);
    std::int64_t const left = number(job, "when_ms") - number(job, "now_ms");
    scene::require(left > 3'500'000, "it is due in " + std::to_string(left));
}

void snooze(scene& in)
{
    running r(in);
    scene::equal(r.pool.outcome(r.job, R"("snooze","in_ms":3600000)"), "ok", "the code");
    auto const job = in.job(r.id);
    scene::equal(text(job, "state"), "scheduled", "its state");
    scene::equal(number(job, "failed_attempts"), 0, "its failed attempts");
}

void discard_keeps_reason(scene& in)
{
    running r(in);
    scene::equal(r.pool.outcome(r.job, R"("discard","why":"no user")"), "ok", "the code");
    auto const job = in.job(r.id);
    scene::equal(text(job.at("ended").as_object(), "reason"), "no user", "the reason");
    scene::equal(text(job.at("ended").as_object(), "outcome"), "discarded", "the outcome");
}

void release_front(scene& in)
{
    running r(in);
    in.enqueue(r.name, "[2]");
    scene::equal(r.pool.outcome(r.job, R"("release")"), "ok", "the code");
    auto const again = r.pool.one();
    scene::equal(text(again, "id"), r.id, "the job that came first");
    scene::equal(number(again, "attempt"), 1, "its attempt");
}

void mixed_batch_codes_in_order(scene& in)
{
    std::string const name = in.fresh("mixed");
    for (int i = 0; i != 4; ++i)
        in.enqueue(name, "[" + std::to_string(i) + "]");
    worker pool = worker::of(in, name);
    auto const jobs = list(pool.claim(R"(,"want":4)"), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 4, "the number of jobs");
    auto const one = [&](std::size_t i, std::string const& what) {
        return named(jobs[i].as_object()) + R"(,"outcome":)" + what + "}";
    };
    auto const answer = pool.report(
        R"("outcomes":[)" + one(2, R"("complete")") + R"(,{"id":"none","fence":5,)" +
        R"("outcome":"complete"},)" + one(0, R"("fail","fatal":true)") + "," +
        one(3, R"("release")") + "," + one(1, R"("snooze","in_ms":60000)") + "]"
    );
    std::string codes;
    for (auto const& code : list(answer, "outcomes"))
        codes += text(code.as_object(), "code") + " ";
    scene::equal(codes, "ok lease_lost ok ok ok ", "the codes");
    auto const id = [&](std::size_t i) { return text(jobs[i].as_object(), "id"); };
    scene::equal(in.state(id(0)), "dead", "the first job");
    scene::equal(in.state(id(1)), "scheduled", "the second job");
    scene::equal(in.state(id(2)), "completed", "the third job");
    scene::equal(in.state(id(3)), "pending", "the fourth job");
}

void one_route_per_verb(scene& in)
{
    running r(in);
    auto const ask = [&](std::string const& verb, std::string const& more) {
        return in.server().call(
            "POST",
            "/api/v1/jobs/" + r.id + "/" + verb,
            R"({"pool":")" + r.pool.id + R"(","number":)" + std::to_string(++r.pool.reports) +
                R"(,"fence":)" + std::to_string(number(r.job, "fence")) + more + "}"
        );
    };
    scene::status(ask("checkin", R"(,"message":"half","percent":50)"), 200);
    scene::status(ask("extend", ""), 200);
    scene::status(ask("logs", R"(,"lines":["a line"])"), 200);
    scene::equal(
        static_cast<std::int64_t>(list(in.logs(r.id), "lines").size()),
        1,
        "the lines of its log"
    );
    auto const reply = ask("complete", R"(,"result":"1")");
    scene::status(reply, 200);
    auto const codes = list(reply.json(), "outcomes");
    scene::equal(text(codes[0].as_object(), "code"), "ok", "the code");
    scene::equal(text(in.job(r.id), "result"), "1", "the result");
}

void counts_false_costs_no_attempt(scene& in)
{
    running r(in, R"(,"max_attempts":1)");
    std::string const free =
        R"("fail","type":"away","message":"no mail server","counts":false,"retry_in_ms":1)";
    for (int i = 0; i != 3; ++i) {
        scene::equal(r.pool.outcome(r.job, free), "ok", "the code");
        scene::require(in.state(r.id) != "dead", "it is dead, of a failure that does not count");
        r.job = r.pool.one(R"(,"wait_ms":10000)");
        scene::equal(number(r.job, "attempt"), 1, "the attempt of the next run");
    }
    auto const failures = list(in.job(r.id), "failures");
    scene::equal(static_cast<std::int64_t>(failures.size()), 3, "the failures that are kept");
    scene::equal(text(failures[0].as_object(), "type"), "away", "the type of the first");
    scene::refused(
        r.pool.report_reply(
            r.pool.reports + 1,
            R"("outcomes":[)" + named(r.job) + R"(,"outcome":"fail","fatal":true,"counts":false}])"
        ),
        422,
        "invalid-option"
    );
    scene::equal(r.pool.outcome(r.job, R"("fail")"), "ok", "the code");
    scene::equal(in.state(r.id), "dead", "its state after a failure that counts");
}

void what_is_not_known_is_refused(scene& in)
{
    running r(in);
    for (std::string const member : {R"("next":{})", R"("counts":false)", R"("logs":[])"})
        scene::refused(
            r.pool.report_reply(
                1,
                R"("outcomes":[)" + named(r.job) + R"(,"outcome":"complete",)" + member + "}]"
            ),
            422,
            "invalid-option"
        );
}

void close_needs_an_outcome_for_each_job(scene& in)
{
    running r(in);
    std::string const close = R"("close":[)" + std::to_string(number(r.job, "fence")) + "]";
    scene::refused(r.pool.report_reply(1, close), 422, "invalid-option");
    scene::equal(in.state(r.id), "active", "its state");
    r.pool.report(close + R"(,"outcomes":[)" + named(r.job) + R"(,"outcome":"complete"}])");
    in.await_state(r.id, "completed");
}

/// The ids of the jobs that follow upon the first outcome of a report.
std::vector<std::string> followed(boost::json::object const& report)
{
    std::vector<std::string> ids;
    for (auto const& id : list(list(report, "outcomes")[0].as_object(), "then"))
        ids.emplace_back(id.as_string());
    return ids;
}

void then_jobs_only_with_completion(scene& in)
{
    running r(in);
    std::string const follow = in.fresh("follow");
    std::string const then = R"(,"then":[{"name":")" + follow + R"(","args":"[1.10]"},{"name":")" +
                             follow + R"(","args":[2],"in_ms":3600000}]})";
    std::string const outcome = R"("outcomes":[)" + named(r.job) + R"(,"outcome":)";
    // A failure completes nothing.
    scene::refused(
        r.pool.report_reply(1, outcome + R"("fail")" + then + "]"),
        422,
        "invalid-option"
    );
    std::string const done = outcome + R"("complete")" + then + "]";
    auto const first = r.pool.report_reply(2, done);
    scene::status(first, 200);
    auto const ids = followed(first.json());
    scene::equal(static_cast<std::int64_t>(ids.size()), 2, "how many jobs follow");
    scene::equal(in.state(ids[0]), "pending", "the first of them");
    scene::equal(in.state(ids[1]), "scheduled", "the second of them");
    scene::equal(text(in.job(ids[0]), "args"), "[1.10]", "its arguments");
    // The lost answer, asked for again.
    scene::require(followed(r.pool.report_reply(2, done).json()) == ids, "other ids were answered");
    // And what is refused takes none along.
    r.pool.reports = 2;
    auto const late = r.pool.report(done);
    auto const said = list(late, "outcomes")[0].as_object();
    scene::require(text(said, "code") != "ok", "it completed twice");
    scene::require(said.find("then") == said.end(), "jobs follow upon what was refused");
    worker pool = worker::of(in, follow);
    auto const jobs = list(pool.claim(R"(,"want":9)"), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 1, "how many of them can be claimed");
}

void next_stage_renews_attempts(scene& in)
{
    std::string const name = in.fresh("stages");
    std::string const second = in.fresh("second");
    std::string const queue = in.fresh("queue");
    std::string const id =
        in.enqueue(name, "[1]", R"(,"max_attempts":9,"tags":["t"],"headers":{"h":"v"})");
    worker pool(in, R"([{"name":")" + name + R"("},{"name":")" + second + R"("}])");
    auto job = pool.one();
    pool.outcome(job, R"("fail","retry_in_ms":0)");
    job = pool.one();
    scene::equal(number(job, "attempt"), 2, "its attempt");
    scene::equal(pool.outcome(job, R"("next","queue":")" + queue + '"'), "ok", "the code");
    job = pool.one();
    scene::equal(text(job, "id"), id, "its id in another queue");
    scene::equal(text(job, "queue"), queue, "its queue");
    scene::equal(number(job, "attempt"), 1, "its attempt there");
    scene::equal(number(job, "max_attempts"), 9, "how many it has");
    scene::equal(text(job, "args"), "[1]", "its arguments");
    scene::equal(
        pool.outcome(job, R"("next","name":")" + second + R"(","args":"[2.50]")"),
        "ok",
        "the code"
    );
    job = pool.one();
    scene::equal(text(job, "id"), id, "its id as another job type");
    scene::equal(text(job, "name"), second, "its name");
    scene::equal(text(job, "args"), "[2.50]", "its arguments");
    scene::equal(static_cast<std::int64_t>(list(job, "tags").size()), 1, "its tags");
    scene::equal(number(in.job(id), "stages"), 2, "its stages");
    scene::equal(static_cast<std::int64_t>(list(in.job(id), "failures").size()), 1, "its failures");
    scene::equal(
        pool.outcome(job, R"("next","queue":")" + queue + R"(","in_ms":3600000)"),
        "ok",
        ""
    );
    scene::equal(in.state(id), "scheduled", "a stage that comes later");
    scene::refused(
        pool.report_reply(9'000, R"("outcomes":[)" + named(job) + R"(,"outcome":"next"}])"),
        422,
        "invalid-option"
    );
}

void cancel_pending(scene& in)
{
    std::string const name = in.fresh("cancelled");
    std::string const id = in.enqueue(name);
    worker pool = worker::of(in, name);
    scene::status(in.server().call("POST", "/api/v1/jobs/" + id + "/cancel"), 200);
    scene::require(list(pool.claim(), "jobs").empty(), "it came, though it was cancelled");
}

bool tells_of(boost::json::object const& answer, boost::json::object const& job)
{
    for (auto const& one : list(answer, "cancels"))
        if (text(one.as_object(), "id") == text(job, "id") &&
            number(one.as_object(), "fence") == number(job, "fence"))
            return true;
    return false;
}

void cancel_active_comes_with_next_answer(scene& in)
{
    running r(in);
    scene::require(!tells_of(r.pool.report(R"("outcomes":[])"), r.job), "it was not cancelled yet");
    scene::status(
        in.server().call("POST", "/api/v1/jobs/" + r.id + "/cancel", R"({"reason":"too late"})"),
        200
    );
    auto const answer = r.pool.report(R"("outcomes":[])");
    scene::require(tells_of(answer, r.job), "no answer tells of it");
    auto const told = list(answer, "cancels")[0].as_object();
    scene::equal(text(told, "reason"), "too late", "its reason");
}

void cancel_repeats_until_seen(scene& in)
{
    running r(in);
    scene::status(in.server().call("POST", "/api/v1/jobs/" + r.id + "/cancel"), 200);
    for (int i = 0; i != 2; ++i)
        scene::require(tells_of(r.pool.report(R"("outcomes":[])"), r.job), "no answer tells of it");
    scene::require(tells_of(r.pool.claim(), r.job), "the answer of a claim does not tell of it");
    r.pool.report(R"("cancels_seen":[)" + named(r.job) + "}]");
    scene::require(!tells_of(r.pool.report(R"("outcomes":[])"), r.job), "it is told once more");
}

void checkin_shown(scene& in)
{
    running r(in);
    r.pool.report(R"("checkins":[)" + named(r.job) + R"(,"message":"page 3","percent":30}])");
    auto const progress = in.job(r.id).at("progress").as_object();
    scene::equal(text(progress, "message"), "page 3", "the message");
    scene::equal(
        static_cast<std::int64_t>(progress.at("percent").to_number<double>()),
        30,
        "percent"
    );
}

}  // namespace

void add_outcome_cases(case_list& to)
{
    constexpr std::string_view workers = "workers";
    to.insert(
        to.end(),
        {{"outcomes: complete", complete, workers},
         {"outcomes: complete_with_result_read_back", complete_with_result_read_back, workers},
         {"outcomes: result_that_is_no_json_refused", result_that_is_no_json_refused, workers},
         {"outcomes: complete_twice_same_number_is_ok", complete_twice_same_number_is_ok, workers},
         {"outcomes: complete_twice_new_number_changes_nothing",
          complete_twice_new_number_changes_nothing,
          workers},
         {"outcomes: complete_after_cancel_wins", complete_after_cancel_wins, workers},
         {"outcomes: anything_else_after_cancel_ends_it",
          anything_else_after_cancel_ends_it,
          workers},
         {"outcomes: fail_retries_after_backoff", fail_retries_after_backoff, workers},
         {"outcomes: backoff_of_the_pool_is_used", backoff_of_the_pool_is_used, workers},
         {"outcomes: fail_last_attempt_dead", fail_last_attempt_dead, workers},
         {"outcomes: fatal_dead_at_once", fatal_dead_at_once, workers},
         {"outcomes: retry_in_ms_wins", retry_in_ms_wins, workers},
         {"outcomes: counts_false_costs_no_attempt", counts_false_costs_no_attempt, "free_failures"
         },
         {"outcomes: snooze", snooze, workers},
         {"outcomes: discard_keeps_reason", discard_keeps_reason, workers},
         {"outcomes: release_front", release_front, workers},
         {"outcomes: then_jobs_only_with_completion", then_jobs_only_with_completion, "then"},
         {"outcomes: next_stage_renews_attempts", next_stage_renews_attempts, "stages"},
         {"outcomes: mixed_batch_codes_in_order", mixed_batch_codes_in_order, workers},
         {"outcomes: one_route_per_verb", one_route_per_verb, workers},
         {"outcomes: what_is_not_known_is_refused", what_is_not_known_is_refused, workers},
         {"outcomes: close_needs_an_outcome_for_each_job",
          close_needs_an_outcome_for_each_job,
          workers},
         {"steer: cancel_pending", cancel_pending, workers},
         {"steer: cancel_active_comes_with_next_answer",
          cancel_active_comes_with_next_answer,
          workers},
         {"steer: cancel_repeats_until_seen", cancel_repeats_until_seen, workers},
         {"steer: checkin_shown", checkin_shown, workers}}
    );
}

}  // namespace work::tool
