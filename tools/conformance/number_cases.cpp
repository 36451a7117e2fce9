// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/json/serialize.hpp>

#include "conformance/suite.hpp"

namespace work::tool {
namespace {

/// The jobs of an answer, without what differs by when it was given.
std::string jobs_text(http_reply const& reply)
{
    scene::status(reply, 200);
    std::string out;
    for (auto const& one : list(reply.json(), "jobs"))
        out += text(one.as_object(), "id") + "@" +
               std::to_string(number(one.as_object(), "fence")) + " ";
    return out;
}

void claim_repeated(scene& in, http_caller const& other)
{
    std::string const name = in.fresh("repeat");
    for (int i = 0; i != 4; ++i)
        in.enqueue(name);
    worker pool = worker::of(in, name);
    std::string const body = pool.claim_body(R"(,"want":2)");
    auto const first = pool.claim_reply(body);
    auto const again = other.call("POST", pool.path("/claim"), body);
    scene::require(!jobs_text(first).empty(), "no job came");
    scene::equal(jobs_text(again), jobs_text(first), "what came again");
    scene::require(again.json().at("repeated").as_bool(), "it is not told to be repeated");
    scene::require(!first.json().at("repeated").as_bool(), "the first is told to be repeated");
}

void claim_repeated_same_jobs(scene& in)
{
    claim_repeated(in, in.server());
}

void claim_repeated_on_second_server(scene& in)
{
    claim_repeated(in, in.second());
}

void while_first_still_parks(scene& in, http_caller const& other)
{
    std::string const name = in.fresh("parks");
    worker pool = worker::of(in, name);
    std::string const body = pool.claim_body(R"(,"wait_ms":3000)");
    auto first = in.server().send("POST", pool.path("/claim"), body);
    pause_ms(200);
    auto second = other.send("POST", pool.path("/claim"), body);
    pause_ms(200);
    std::string const id = in.enqueue(name);
    std::string const of_first = jobs_text(first.read());
    std::string const of_second = jobs_text(second.read());
    scene::require(of_first.find(id) != std::string::npos, "the first did not get the job");
    scene::equal(of_second, of_first, "what the second got");
}

void claim_repeated_while_first_still_parks(scene& in)
{
    while_first_still_parks(in, in.server());
}

void claim_parked_on_two_servers_is_one(scene& in)
{
    while_first_still_parks(in, in.second());
}

void report_repeated_same_codes(scene& in)
{
    std::string const name = in.fresh("codes");
    in.enqueue(name);
    worker pool = worker::of(in, name);
    auto const job = pool.one();
    std::string const members = R"("outcomes":[)" + named(job) + R"(,"outcome":"complete"},)" +
                                R"({"id":"nobody","fence":1,"outcome":"complete"}])";
    auto const first = pool.report_reply(1, members);
    auto const again = pool.report_reply(1, members);
    scene::status(first, 200);
    scene::status(again, 200);
    scene::equal(
        boost::json::serialize(again.json().at("outcomes")),
        boost::json::serialize(first.json().at("outcomes")),
        "the codes"
    );
    scene::require(again.json().at("repeated").as_bool(), "it is not told to be repeated");
    auto const codes = list(first.json(), "outcomes");
    scene::equal(text(codes[0].as_object(), "code"), "ok", "the first code");
    scene::equal(text(codes[1].as_object(), "code"), "lease_lost", "the second code");
}

void report_repeated_with_another_body_refused(scene& in)
{
    std::string const name = in.fresh("body");
    worker pool = worker::of(in, name);
    std::string const row = R"({"id":"nobody","fence":1,"outcome":"release"})";
    scene::status(pool.report_reply(1, R"("outcomes":[)" + row + "]"), 200);
    scene::refused(pool.report_reply(1, R"("outcomes":[])"), 422, "invalid-option");
}

void three_reports_in_flight(scene& in)
{
    std::string const name = in.fresh("three");
    worker pool = worker::of(in, name);
    std::vector<boost::json::object> jobs;
    for (int i = 0; i != 3; ++i) {
        in.enqueue(name);
        jobs.push_back(pool.one());
    }
    auto const members = [&](int i) {
        return R"("outcomes":[)" + named(jobs[static_cast<std::size_t>(i)]) +
               R"(,"outcome":"complete"}])";
    };
    // In another order than their numbers, then all of them again.
    for (int round = 0; round != 2; ++round) {
        for (int const i : {2, 0, 1}) {
            auto const reply = pool.report_reply(i + 1, members(i));
            scene::status(reply, 200);
            auto const codes = list(reply.json(), "outcomes");
            scene::equal(text(codes[0].as_object(), "code"), "ok", "a code");
        }
    }
}

void stale_refused(scene& in)
{
    std::string const name = in.fresh("stale");
    worker pool = worker::of(in, name);
    for (int i = 0; i != 4; ++i)
        pool.claim();
    auto const claim = pool.claim_reply(worker::claim_body(1, ""));
    scene::refused(claim, 409, "stale-number");
    scene::equal(number(claim.json(), "next"), 5, "next");
    // More than a server keeps answers for.
    constexpr std::int64_t last = 40;
    for (std::int64_t n = 1; n <= last; ++n)
        scene::status(pool.report_reply(n, R"("outcomes":[])"), 200);
    auto const report = pool.report_reply(1, R"("outcomes":[])");
    scene::refused(report, 409, "stale-number");
    scene::equal(number(report.json(), "next"), last + 1, "next");
}

void other_claim_in_flight_refused(scene& in)
{
    worker pool = worker::of(in, in.fresh("other"));
    auto waiting =
        in.server().send("POST", pool.path("/claim"), pool.claim_body(R"(,"wait_ms":5000)"));
    pause_ms(200);
    scene::refused(pool.claim_reply(pool.claim_body()), 409, "in-flight");
    waiting.hang_up();
}

void gap_in_numbers_allowed(scene& in)
{
    std::string const name = in.fresh("gap");
    in.enqueue(name);
    worker pool = worker::of(in, name);
    auto const reply = pool.claim_reply(worker::claim_body(1'000, ""));
    scene::status(reply, 200);
    auto const jobs = list(reply.json(), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 1, "the number of jobs");
    scene::status(
        pool.report_reply(
            77'777,
            R"("outcomes":[)" + named(jobs[0].as_object()) + R"(,"outcome":"complete"}])"
        ),
        200
    );
    auto const known = pool.put(in.server(), R"([{"name":")" + name + R"("}])", "");
    scene::equal(number(known.json(), "next_claim"), 1'001, "next_claim");
    scene::equal(number(known.json(), "next_report"), 77'778, "next_report");
}

void numbers_out_of_range_refused(scene& in)
{
    worker pool = worker::of(in, in.fresh("range"));
    for (std::int64_t const number : {std::int64_t(0), std::int64_t(500'000'001)})
        scene::refused(pool.claim_reply(worker::claim_body(number, "")), 400, "bad-parameter");
    scene::status(pool.claim_reply(worker::claim_body(500'000'000, "")), 200);
    scene::refused(pool.report_reply(0, R"("outcomes":[])"), 400, "bad-parameter");
}

/// A client that loses the answer at each of its bytes, and asks again.
void answer_cut_at_every_byte(scene& in)
{
    std::string const name = in.fresh("cut");
    worker pool = worker::of(in, name);
    std::string const first = in.enqueue(name);
    std::string const probe = pool.claim_body();
    auto const whole = pool.claim_reply(probe);
    scene::status(whole, 200);
    std::size_t const size = whole.head.size() + 2 + whole.body.size();
    auto job = list(whole.json(), "jobs").at(0).as_object();
    pool.outcome(job, R"("complete")");
    for (std::size_t cut = 0; cut <= size; ++cut) {
        std::string const id = in.enqueue(name);
        std::string const body = pool.claim_body();
        in.server().send("POST", pool.path("/claim"), body).cut_after(cut);
        auto const again = pool.claim_reply(body);
        scene::status(again, 200);
        auto const jobs = list(again.json(), "jobs");
        scene::equal(static_cast<std::int64_t>(jobs.size()), 1, "the number of jobs");
        job = jobs[0].as_object();
        scene::equal(text(job, "id"), id, "the job, cut at byte " + std::to_string(cut));
        std::int64_t const number = ++pool.reports;
        std::string const members = R"({"number":)" + std::to_string(number) + R"(,"outcomes":[)" +
                                    named(job) + R"(,"outcome":"complete"}]})";
        in.server().send("POST", pool.path("/report"), members).cut_after(cut);
        auto const told = in.server().call("POST", pool.path("/report"), members);
        scene::status(told, 200);
        auto const codes = list(told.json(), "outcomes");
        scene::equal(text(codes[0].as_object(), "code"), "ok", "the code");
    }
}

}  // namespace

void add_number_cases(case_list& to)
{
    constexpr std::string_view workers = "workers";
    to.insert(
        to.end(),
        {{"numbers: claim_repeated_same_jobs", claim_repeated_same_jobs, workers},
         {"numbers: claim_repeated_on_second_server", claim_repeated_on_second_server, workers, true
         },
         {"numbers: claim_repeated_while_first_still_parks",
          claim_repeated_while_first_still_parks,
          workers},
         {"numbers: claim_parked_on_two_servers_is_one",
          claim_parked_on_two_servers_is_one,
          workers,
          true},
         {"numbers: report_repeated_same_codes", report_repeated_same_codes, workers},
         {"numbers: report_repeated_with_another_body_refused",
          report_repeated_with_another_body_refused,
          workers},
         {"numbers: three_reports_in_flight", three_reports_in_flight, workers},
         {"numbers: stale_refused", stale_refused, workers},
         {"numbers: other_claim_in_flight_refused", other_claim_in_flight_refused, workers},
         {"numbers: gap_in_numbers_allowed", gap_in_numbers_allowed, workers},
         {"numbers: out_of_range_refused", numbers_out_of_range_refused, workers},
         {"numbers: answer_cut_at_every_byte", answer_cut_at_every_byte, workers}}
    );
}

}  // namespace work::tool
