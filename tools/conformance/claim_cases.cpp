// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

#include "conformance/suite.hpp"

namespace work::tool {
namespace {

std::int64_t count(boost::json::object const& answer)
{
    return static_cast<std::int64_t>(list(answer, "jobs").size());
}

void one(scene& in)
{
    std::string const name = in.fresh("one");
    std::string const id = in.enqueue(name, "[7]");
    worker pool = worker::of(in, name);
    auto const job = pool.one();
    scene::equal(text(job, "id"), id, "the id");
    scene::equal(text(job, "name"), name, "the name");
    scene::equal(text(job, "args"), "[7]", "the arguments");
    scene::equal(number(job, "attempt"), 1, "the attempt");
    scene::require(
        number(job, "ends_ms") > number(job, "created_ms") && number(job, "lease_until_ms") > 0,
        "the times make no sense"
    );
    scene::equal(in.state(id), "active", "its state");
}

void batch_of_k(scene& in)
{
    std::string const name = in.fresh("batch");
    for (int i = 0; i != 5; ++i)
        in.enqueue(name);
    worker pool = worker::of(in, name);
    scene::equal(count(pool.claim(R"(,"want":3)")), 3, "the number of jobs");
}

void wants_more_than_there_is(scene& in)
{
    std::string const name = in.fresh("few");
    in.enqueue(name);
    in.enqueue(name);
    worker pool = worker::of(in, name);
    scene::equal(count(pool.claim(R"(,"want":256)")), 2, "the number of jobs");
    scene::equal(count(pool.claim(R"(,"want":256)")), 0, "the number of jobs then");
}

void only_served_names(scene& in)
{
    std::string const name = in.fresh("served");
    std::string const other = in.fresh("other");
    in.enqueue(other);
    worker pool(in, R"([{"name":")" + name + R"("},{"name":")" + in.fresh("third") + R"("}])");
    scene::equal(count(pool.claim()), 0, "the number of jobs");
    in.enqueue(name);
    scene::equal(text(pool.one(), "name"), name, "the name");
    auto const reply = pool.claim_reply(pool.claim_body(R"(,"names":[")" + other + R"("])"));
    scene::refused(reply, 422, "invalid-option");
}

void fence_grows(scene& in)
{
    std::string const name = in.fresh("fence");
    in.enqueue(name);
    in.enqueue(name);
    worker pool = worker::of(in, name);
    auto const first = pool.one();
    scene::require(number(pool.one(), "fence") > number(first, "fence"), "the fence did not grow");
}

void attempt_counts(scene& in)
{
    std::string const name = in.fresh("attempt");
    in.enqueue(name);
    worker pool = worker::of(in, name);
    for (int attempt = 1; attempt != 4; ++attempt) {
        auto const job = pool.one(R"(,"wait_ms":5000)");
        scene::equal(number(job, "attempt"), attempt, "the attempt");
        pool.outcome(job, R"("fail","retry_in_ms":0)");
    }
}

void headers_tags_priority_come_along(scene& in)
{
    std::string const name = in.fresh("along");
    in.enqueue(
        name,
        "[]",
        R"(,"headers":{"tenant":"acme"},"tags":["nightly"],"priority":3,"queue":"q")"
    );
    worker pool = worker::of(in, name);
    auto const job = pool.one();
    scene::equal(boost::json::serialize(job.at("headers")), R"({"tenant":"acme"})", "headers");
    scene::equal(boost::json::serialize(job.at("tags")), R"(["nightly"])", "tags");
    scene::equal(number(job, "priority"), 3, "the priority");
    scene::equal(text(job, "queue"), "q", "the queue");
}

void fifo_in_one_list(scene& in)
{
    std::string const name = in.fresh("fifo");
    for (int i = 0; i != 20; ++i)
        in.enqueue(name, "[" + std::to_string(i) + "]");
    worker pool = worker::of(in, name);
    auto const jobs = list(pool.claim(R"(,"want":20)"), "jobs");
    for (std::size_t i = 0; i != jobs.size(); ++i)
        scene::equal(text(jobs[i].as_object(), "args"), "[" + std::to_string(i) + "]", "a job");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 20, "the number of jobs");
}

void max_bytes_gives_at_least_one(scene& in)
{
    std::string const name = in.fresh("large");
    std::string const args = R"([")" + std::string(20'000, 'x') + R"("])";
    in.enqueue(name, args);
    in.enqueue(name, args);
    worker pool = worker::of(in, name);
    auto const jobs = list(pool.claim(R"(,"want":9,"max_bytes":100)"), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 1, "the number of jobs");
    scene::equal(text(jobs[0].as_object(), "args"), args, "the arguments");
}

void unknown_pool_is_404_then_put(scene& in)
{
    std::string const name = in.fresh("unknown");
    worker pool = worker::of(in, name);
    pool.leave();
    scene::refused(pool.claim_reply(pool.claim_body()), 404, "no-such-pool");
    scene::status(pool.put(in.server(), R"([{"name":")" + name + R"("}])", ""), 200);
    scene::equal(count(pool.claim()), 0, "the number of jobs");
}

// ---- claims that wait

void zero_wait_never_parks(scene& in)
{
    worker pool = worker::of(in, in.fresh("none"));
    auto const from = std::chrono::steady_clock::now();
    scene::equal(count(pool.claim()), 0, "the number of jobs");
    scene::require(ms_since(from) < 1'000, "it took more than 1 s");
}

void returns_at_wait_ms(scene& in)
{
    worker pool = worker::of(in, in.fresh("none"));
    auto const from = std::chrono::steady_clock::now();
    scene::equal(count(pool.claim(R"(,"wait_ms":500)")), 0, "the number of jobs");
    scene::require(ms_since(from) >= 490 && ms_since(from) < 3'000, "it did not take 500 ms");
}

void woken_by_enqueue(scene& in)
{
    std::string const name = in.fresh("woken");
    worker pool = worker::of(in, name);
    std::vector<std::int64_t> took;
    for (int i = 0; i != 9; ++i) {
        auto waiting =
            in.server().send("POST", pool.path("/claim"), pool.claim_body(R"(,"wait_ms":20000)"));
        pause_ms(100 + 7 * i);
        auto const from = std::chrono::steady_clock::now();
        in.enqueue(name);
        auto const answer = waiting.read();
        took.push_back(ms_since(from));
        scene::status(answer, 200);
        scene::equal(count(answer.json()), 1, "the number of jobs");
        scene::require(took.back() < 1'000, "the job came more than 1 s after it was stored");
    }
    // Most of them at once: a server that looks now and then would take half its pause.
    std::sort(took.begin(), took.end());
    scene::require(
        took[4] < 100,
        "the job came " + std::to_string(took[4]) + " ms after it was stored, 5 times of 9"
    );
}

void woken_by_due_job(scene& in)
{
    std::string const name = in.fresh("due");
    worker pool = worker::of(in, name);
    in.enqueue(name, "[]", R"(,"in_ms":600)");
    auto const from = std::chrono::steady_clock::now();
    scene::equal(count(pool.claim(R"(,"wait_ms":20000)")), 1, "the number of jobs");
    scene::require(ms_since(from) < 3'000, "the job came more than 2 s after it was due");
}

void two_parked_one_job_one_gets_it(scene& in)
{
    std::string const name = in.fresh("shared");
    worker a = worker::of(in, name);
    worker b = worker::of(in, name);
    std::string const wait = R"(,"wait_ms":1500)";
    auto at_a = in.server().send("POST", a.path("/claim"), a.claim_body(wait));
    auto at_b = in.server().send("POST", b.path("/claim"), b.claim_body(wait));
    pause_ms(200);
    in.enqueue(name);
    auto const of_a = at_a.read();
    auto const of_b = at_b.read();
    scene::status(of_a, 200);
    scene::status(of_b, 200);
    scene::equal(count(of_a.json()) + count(of_b.json()), 1, "the number of jobs of both");
}

void closed_socket_strands_nothing(scene& in)
{
    std::string const name = in.fresh("closed");
    worker a = worker::of(in, name);
    worker b = worker::of(in, name);
    {
        auto waiting =
            in.server().send("POST", a.path("/claim"), a.claim_body(R"(,"wait_ms":20000)"));
        pause_ms(200);
        waiting.hang_up();
    }
    pause_ms(200);
    in.enqueue(name);
    b.one(R"(,"wait_ms":5000)");
}

void older_claim_parked_elsewhere_strands_nothing(scene& in)
{
    std::string const name = in.fresh("moved");
    worker pool = worker::of(in, name);
    auto older =
        in.second().send("POST", pool.path("/claim"), pool.claim_body(R"(,"wait_ms":20000)"));
    pause_ms(200);
    auto newer =
        in.server().send("POST", pool.path("/claim"), pool.claim_body(R"(,"wait_ms":20000)"));
    pause_ms(200);
    in.enqueue(name);
    auto const answer = newer.read();
    scene::status(answer, 200);
    scene::equal(count(answer.json()), 1, "the number of jobs");
}

void heartbeat_seen_while_parked(scene& in)
{
    worker pool = worker::of(in, in.fresh("parked"));
    auto waiting =
        in.server().send("POST", pool.path("/claim"), pool.claim_body(R"(,"wait_ms":20000)"));
    pause_ms(1'200);
    auto const seen = in.server().call("GET", pool.path());
    scene::status(seen, 200);
    waiting.hang_up();
}

void pool_listed_with_language(scene& in)
{
    worker pool = worker::of(in, in.fresh("listed"), R"(,"host":"here","pid":42,"concurrency":7)");
    pool.claim();
    pause_ms(1'100);  // what GET /pools shows is up to 1 s old
    auto const seen = in.server().call("GET", pool.path());
    scene::status(seen, 200);
    scene::equal(text(seen.json(), "language"), "conformance", "the language");
    scene::equal(text(seen.json(), "host"), "here", "the host");
    scene::equal(number(seen.json(), "concurrency"), 7, "the concurrency");
}

void a_pool_may_add_names_and_drop_none(scene& in)
{
    std::string const name = in.fresh("first");
    std::string const more = in.fresh("added");
    worker pool = worker::of(in, name);
    pool.claim();
    std::string const both = R"([{"name":")" + name + R"("},{"name":")" + more + R"("}])";
    scene::status(pool.put(in.server(), both, ""), 200);
    in.enqueue(more);
    scene::equal(text(pool.one(), "name"), more, "the name");
    scene::refused(
        pool.put(in.server(), R"([{"name":")" + more + R"("}])", ""),
        422,
        "invalid-option"
    );
}

}  // namespace

void add_claim_cases(case_list& to)
{
    constexpr std::string_view workers = "workers";
    to.insert(
        to.end(),
        {{"claim: one", one, workers},
         {"claim: batch_of_k", batch_of_k, workers},
         {"claim: wants_more_than_there_is", wants_more_than_there_is, workers},
         {"claim: only_served_names", only_served_names, workers},
         {"claim: fence_grows", fence_grows, workers},
         {"claim: attempt_counts", attempt_counts, workers},
         {"claim: headers_tags_priority_come_along", headers_tags_priority_come_along, workers},
         {"claim: fifo_in_one_list", fifo_in_one_list, workers},
         {"claim: max_bytes_gives_at_least_one", max_bytes_gives_at_least_one, workers},
         {"claim: unknown_pool_is_404_then_put", unknown_pool_is_404_then_put, workers},
         {"claim: a_pool_may_add_names_and_drop_none", a_pool_may_add_names_and_drop_none, workers},
         {"wait: zero_wait_never_parks", zero_wait_never_parks, workers},
         {"wait: returns_at_wait_ms", returns_at_wait_ms, workers},
         {"wait: woken_by_enqueue", woken_by_enqueue, workers},
         {"wait: woken_by_due_job", woken_by_due_job, workers},
         {"wait: two_parked_one_job_one_gets_it", two_parked_one_job_one_gets_it, workers},
         {"wait: closed_socket_strands_nothing", closed_socket_strands_nothing, workers},
         {"wait: older_claim_parked_elsewhere_strands_nothing",
          older_claim_parked_elsewhere_strands_nothing,
          workers,
          true},
         {"lease: heartbeat_seen_while_parked", heartbeat_seen_while_parked, workers},
         {"steer: pool_listed_with_language", pool_listed_with_language, workers}}
    );
}

}  // namespace work::tool
