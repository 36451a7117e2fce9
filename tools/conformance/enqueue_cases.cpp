// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/json/array.hpp>

#include "conformance/suite.hpp"

namespace work::tool {
namespace {

void stored_and_seen(scene& in)
{
    std::string const name = in.fresh("seen");
    std::string const id = in.enqueue(name, R"([1,"a"])");
    auto const job = in.job(id);
    scene::equal(text(job, "name"), name, "its name");
    scene::equal(text(job, "state"), "pending", "its state");
    scene::equal(text(job, "args"), R"([1,"a"])", "its arguments");
}

void id_kept(scene& in)
{
    std::string const id = in.fresh("id");
    scene::equal(in.enqueue(in.fresh("kept"), "[]", R"(,"id":")" + id + '"'), id, "the id");
    scene::equal(in.state(id), "pending", "its state");
}

void same_id_twice_is_duplicate(scene& in)
{
    std::string const body =
        R"({"name":")" + in.fresh("twice") + R"(","args":[],"id":")" + in.fresh("id") + R"("})";
    scene::status(in.server().call("POST", "/api/v1/jobs", body), 201);
    auto const again = in.server().call("POST", "/api/v1/jobs", body);
    scene::status(again, 200);
    scene::equal(text(again.json(), "code"), "duplicate", "the code");
}

void same_key(scene& in, http_caller const& other)
{
    std::string const body = R"({"name":")" + in.fresh("keyed") + R"(","args":[]})";
    std::string const key = "Idempotency-Key: " + in.fresh("key") + "\r\n";
    auto const first = in.server().call("POST", "/api/v1/jobs", body, key);
    scene::status(first, 201);
    auto const again = other.call("POST", "/api/v1/jobs", body, key);
    scene::status(again, 200);
    scene::equal(text(again.json(), "id"), text(first.json(), "id"), "the id");
    scene::equal(text(again.json(), "code"), "duplicate", "the code");
}

void key_twice_same_ids(scene& in)
{
    same_key(in, in.server());
}

void key_on_second_server(scene& in)
{
    same_key(in, in.second());
}

/// The arguments arrive at a worker as they were sent.
void arrive(scene& in, std::string const& args)
{
    std::string const name = in.fresh("bytes");
    in.enqueue(name, args);
    worker pool = worker::of(in, name);
    auto const job = pool.one();
    scene::equal(text(job, "args"), args, "the arguments");
    scene::equal(pool.outcome(job, R"("complete")"), "ok", "the code");
}

void args_bytes_unchanged(scene& in)
{
    arrive(in, R"([1.10,  {"b":1,"a":[ ]}, 1e2, 12345678901234567890123])");
}

void args_of_2_53_plus_1(scene& in)
{
    arrive(in, "[9007199254740993]");
}

void args_empty_object_stays_object(scene& in)
{
    arrive(in, R"([{},[]])");
}

void args_unicode_and_nul_escape(scene& in)
{
    arrive(in, "[\"\\u0000\\u00e9\", \"\xC3\xA9\xF0\x9F\x98\x80\"]");
}

void in_ms_not_before(scene& in)
{
    std::string const name = in.fresh("later");
    in.enqueue(name, "[]", R"(,"in_ms":700)");
    auto const from = std::chrono::steady_clock::now();
    worker pool = worker::of(in, name);
    scene::equal(
        static_cast<std::int64_t>(list(pool.claim(), "jobs").size()),
        0,
        "the number of jobs that came at once"
    );
    pool.one(R"(,"wait_ms":10000)");
    scene::require(ms_since(from) >= 600, "the job came before its time");
}

void at_ms(scene& in)
{
    std::string const name = in.fresh("at");
    auto const now = number(in.server().call("GET", "/api/v1/").json(), "now_ms");
    std::string const id = in.enqueue(name, "[]", R"(,"at_ms":)" + std::to_string(now + 3'600'000));
    auto const job = in.job(id);
    scene::equal(text(job, "state"), "scheduled", "its state");
    scene::equal(number(job, "when_ms"), now + 3'600'000, "when it is due");
}

void priority_first(scene& in)
{
    std::string const name = in.fresh("urgent");
    in.enqueue(name, "[1]");
    in.enqueue(name, "[2]", R"(,"priority":50)");
    worker pool = worker::of(in, name);
    scene::equal(text(pool.one(), "args"), "[2]", "the job that came first");
}

void expired_never_runs(scene& in)
{
    std::string const name = in.fresh("expired");
    std::string const id = in.enqueue(name, "[]", R"(,"expires_in_ms":1)");
    pause_ms(20);
    worker pool = worker::of(in, name);
    scene::require(list(pool.claim(), "jobs").empty(), "it came, though it had expired");
    scene::require(in.state(id) != "pending" && in.state(id) != "active", "it may still run");
}

void bulk_answers_per_item(scene& in)
{
    std::string const name = in.fresh("bulk");
    auto const reply = in.server().call(
        "POST",
        "/api/v1/jobs/bulk",
        R"({"jobs":[{"name":")" + name + R"(","args":[]},{"args":[]},{"name":")" + name +
            R"(","args":[2]}]})"
    );
    scene::status(reply, 200);
    auto const results = list(reply.json(), "results");
    scene::equal(static_cast<std::int64_t>(results.size()), 3, "the number of results");
    scene::equal(text(results[0].as_object(), "code"), "stored", "the first result");
    scene::require(results[1].as_object().contains("detail"), "the second is no problem");
    scene::equal(text(results[2].as_object(), "code"), "stored", "the third result");
}

/// What is stored together is seen together: a claim has all of it, or none.
void bulk_chunk_atomic(scene& in)
{
    std::string const name = in.fresh("chunk");
    worker pool = worker::of(in, name);
    std::string jobs;
    for (int i = 0; i != 200; ++i)
        jobs += (i == 0 ? R"({"name":")" : R"(,{"name":")") + name + R"(","args":[]})";
    for (int round = 0; round != 5; ++round) {
        auto waiting = in.server().send(
            "POST",
            pool.path("/claim"),
            pool.claim_body(R"(,"want":256,"wait_ms":20000)")
        );
        pause_ms(100);
        auto const stored =
            in.server().call("POST", "/api/v1/jobs/bulk", R"({"jobs":[)" + jobs + "]}");
        scene::status(stored, 200);
        auto const answer = waiting.read();
        scene::status(answer, 200);
        auto const came = list(answer.json(), "jobs");
        scene::equal(static_cast<std::int64_t>(came.size()), 200, "how many of them came at once");
        std::string outcomes;
        for (auto const& job : came)
            outcomes += (outcomes.empty() ? "" : ",") + named(job.as_object()) +
                        R"(,"outcome":"complete"})";
        pool.report(R"("outcomes":[)" + outcomes + "]");
    }
}

void too_large_refused(scene& in)
{
    std::string const body = R"({"name":")" + in.fresh("large") + R"(","args":[")" +
                             std::string(2 << 20, 'x') + R"("]})";
    scene::refused(in.server().call("POST", "/api/v1/jobs", body), 413, "too-large");
}

void bad_name_names_field(scene& in)
{
    auto const reply = in.server().call("POST", "/api/v1/jobs", R"({"name":"a\u0000b","args":[]})");
    scene::status(reply, 422);
    scene::require(reply.body.find("name") != std::string::npos, "the problem names no field");
}

void unknown_member_ignored(scene& in)
{
    in.enqueue(in.fresh("member"), "[]", R"(,"colour":"red")");
}

void unknown_parameter_refused(scene& in)
{
    scene::refused(in.server().call("GET", "/api/v1/jobs?colour=red"), 400, "unknown-parameter");
}

void every_error_is_a_problem(scene& in)
{
    auto const is_problem = [&](http_reply const& reply, int status) {
        scene::status(reply, status);
        auto const all = reply.json();
        scene::equal(number(all, "status"), status, "the member status");
        for (std::string_view const member : {"type", "title", "detail"})
            scene::require(!text(all, member).empty(), "a member of the problem is empty");
    };
    is_problem(in.server().call("GET", "/api/v1/nothing"), 404);
    is_problem(in.server().call("DELETE", "/api/v1/jobs"), 405);
    is_problem(in.server().call("POST", "/api/v1/jobs", "{"), 400);
    is_problem(in.server().call("GET", "/api/v1/jobs/" + in.fresh("none")), 404);
}

}  // namespace

void add_enqueue_cases(case_list& to)
{
    to.insert(
        to.end(),
        {{"enqueue: stored_and_seen", stored_and_seen},
         {"enqueue: id_kept", id_kept},
         {"enqueue: same_id_twice_is_duplicate", same_id_twice_is_duplicate},
         {"enqueue: key_twice_same_ids", key_twice_same_ids},
         {"enqueue: key_on_second_server", key_on_second_server, "", true},
         {"enqueue: args_bytes_unchanged", args_bytes_unchanged},
         {"enqueue: args_of_2_53_plus_1", args_of_2_53_plus_1},
         {"enqueue: args_empty_object_stays_object", args_empty_object_stays_object},
         {"enqueue: args_unicode_and_nul_escape", args_unicode_and_nul_escape},
         {"enqueue: in_ms_not_before", in_ms_not_before},
         {"enqueue: at_ms", at_ms},
         {"enqueue: priority_first", priority_first},
         {"enqueue: expired_never_runs", expired_never_runs},
         {"enqueue: bulk_answers_per_item", bulk_answers_per_item},
         {"enqueue: bulk_chunk_atomic", bulk_chunk_atomic, "workers"},
         {"enqueue: too_large_refused", too_large_refused},
         {"enqueue: bad_name_names_field", bad_name_names_field},
         {"http: unknown_member_ignored", unknown_member_ignored},
         {"http: unknown_parameter_refused", unknown_parameter_refused},
         {"http: every_error_is_a_problem", every_error_is_a_problem}}
    );
}

}  // namespace work::tool
