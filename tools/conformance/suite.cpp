// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "conformance/suite.hpp"

#include <boost/json/serialize.hpp>

#include <thread>
#include <unistd.h>
#include <utility>

namespace work::tool {
namespace {

std::string own_run()
{
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    auto const us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    return std::to_string(us % 10'000'000'000) + "-" + std::to_string(::getpid());
}

}  // namespace

scene::scene(http_caller server, std::optional<http_caller> second)
    : server_(std::move(server)),
      second_(std::move(second)),
      run_(own_run())
{}

std::string scene::fresh(std::string_view what)
{
    return std::string(what) + "-" + run_ + "-" + std::to_string(++next_);
}

void scene::require(bool met, std::string const& what)
{
    if (!met)
        throw nonconforming(what);
}

void scene::equal(std::string const& got, std::string const& wanted, std::string const& what)
{
    require(got == wanted, what + " is \"" + got + "\" instead of \"" + wanted + "\"");
}

void scene::equal(std::int64_t got, std::int64_t wanted, std::string const& what)
{
    equal(std::to_string(got), std::to_string(wanted), what);
}

void scene::status(http_reply const& reply, int wanted)
{
    require(
        reply.status == wanted,
        "the answer is " + std::to_string(reply.status) + " instead of " + std::to_string(wanted) +
            ": " + reply.body.substr(0, 300)
    );
}

void scene::refused(http_reply const& reply, int wanted, std::string_view slug)
{
    status(reply, wanted);
    equal(reply.slug(), std::string(slug), "the problem");
}

std::string scene::enqueue(
    std::string const& name,
    std::string const& args,
    std::string const& more
) const
{
    auto const reply = server_.call(
        "POST",
        "/api/v1/jobs",
        R"({"name":")" + name + R"(","args":)" + args + more + "}"
    );
    status(reply, 201);
    return text(reply.json(), "id");
}

boost::json::object scene::job(std::string const& id) const
{
    auto const reply = server_.call("GET", "/api/v1/jobs/" + id);
    status(reply, 200);
    return reply.json();
}

boost::json::object scene::logs(std::string const& id) const
{
    auto const reply = server_.call("GET", "/api/v1/jobs/" + id + "/logs");
    status(reply, 200);
    return reply.json();
}

std::string scene::state(std::string const& id) const
{
    auto const reply = server_.call("GET", "/api/v1/jobs/" + id);
    return reply.status == 404 ? "gone" : text(reply.json(), "state");
}

void scene::await_state(std::string const& id, std::string_view wanted) const
{
    auto const from = std::chrono::steady_clock::now();
    std::string now = state(id);
    for (; now != wanted && ms_since(from) < 10'000; now = state(id))
        pause_ms(20);
    equal(now, std::string(wanted), "the state of the job, after 10 s,");
}

worker::worker(scene& in, std::string const& types, std::string const& more)
    : id(in.fresh("pool")),
      in_(&in)
{
    auto const reply = put(in.server(), types, more);
    scene::status(reply, 200);
    claims = number(reply.json(), "next_claim") - 1;
    reports = number(reply.json(), "next_report") - 1;
}

worker worker::of(scene& in, std::string const& name, std::string const& more)
{
    return worker(in, R"([{"name":")" + name + R"("}])", more);
}

http_reply worker::put(http_caller const& to, std::string const& types, std::string const& more)
    const
{
    return to.call("PUT", path(), R"({"language":"conformance","job_types":)" + types + more + "}");
}

std::string worker::path(std::string_view behind) const
{
    return "/api/v1/pools/" + id + std::string(behind);
}

std::string worker::claim_body(std::string const& more)
{
    return claim_body(++claims, more);
}

std::string worker::claim_body(std::int64_t number, std::string const& more)
{
    return R"({"number":)" + std::to_string(number) + more + "}";
}

http_reply worker::claim_reply(std::string const& body) const
{
    return in_->server().call("POST", path("/claim"), body);
}

boost::json::object worker::claim(std::string const& more)
{
    auto const reply = claim_reply(claim_body(more));
    scene::status(reply, 200);
    return reply.json();
}

boost::json::object worker::one(std::string const& more)
{
    auto const jobs = list(claim(more), "jobs");
    scene::equal(static_cast<std::int64_t>(jobs.size()), 1, "the number of jobs that came");
    return jobs[0].as_object();
}

http_reply worker::report_reply(std::int64_t number, std::string const& members) const
{
    return in_->server().call(
        "POST",
        path("/report"),
        R"({"number":)" + std::to_string(number) + "," + members + "}"
    );
}

boost::json::object worker::report(std::string const& members)
{
    auto const reply = report_reply(++reports, members);
    scene::status(reply, 200);
    return reply.json();
}

std::string worker::outcome(boost::json::object const& job, std::string const& what)
{
    auto const answer = report(R"("outcomes":[)" + named(job) + R"(,"outcome":)" + what + "}]");
    auto const codes = list(answer, "outcomes");
    scene::equal(static_cast<std::int64_t>(codes.size()), 1, "the number of codes");
    return text(codes[0].as_object(), "code");
}

void worker::leave() const
{
    scene::status(in_->server().call("DELETE", path()), 200);
}

std::string named(boost::json::object const& job)
{
    return R"({"id":)" + boost::json::serialize(job.at("id")) + R"(,"fence":)" +
           std::to_string(number(job, "fence"));
}

std::string text(boost::json::object const& of, std::string_view member)
{
    auto const* const found = of.if_contains(member);
    scene::require(
        found != nullptr && found->is_string(),
        "the member " + std::string(member) + " is missing, or no string"
    );
    return std::string(found->as_string());
}

std::int64_t number(boost::json::object const& of, std::string_view member)
{
    auto const* const found = of.if_contains(member);
    scene::require(
        found != nullptr && found->is_int64(),
        "the member " + std::string(member) + " is missing, or no integer"
    );
    return found->as_int64();
}

boost::json::array list(boost::json::object const& of, std::string_view member)
{
    auto const* const found = of.if_contains(member);
    scene::require(
        found != nullptr && found->is_array(),
        "the member " + std::string(member) + " is missing, or no array"
    );
    return found->as_array();
}

std::int64_t ms_since(std::chrono::steady_clock::time_point from)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now() - from
    )
        .count();
}

void pause_ms(std::int64_t ms)
{
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace work::tool
