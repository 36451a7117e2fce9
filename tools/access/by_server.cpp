// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "access/by_server.hpp"

#include <work/broker/policy.hpp>
#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>
#include <work/web/queue_rows.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "access/received.hpp"
#include "access/server_access.hpp"

namespace work::tool {

/// What `GET /api/v1/` says, as far as it matters here.
struct server_root
{
    int api = 0;
    std::string ns;
    std::int64_t now_ms = 0;
    std::string user;
};
BOOST_DESCRIBE_STRUCT(server_root, (), (api, ns, now_ms, user))

struct received_pools
{
    std::vector<pool_info> pools;
};
BOOST_DESCRIBE_STRUCT(received_pools, (), (pools))

struct received_operations
{
    std::vector<operation_info> operations;
};
BOOST_DESCRIBE_STRUCT(received_operations, (), (operations))

/// Of a page the cursor is null where a `job_page` has none.
struct received_page
{
    std::int64_t now_ms = 0;
    std::vector<job_row> jobs;
    std::optional<std::string> next;
    std::int64_t scanned = 0;
    std::int64_t of = 0;
    bool skipped = false;
};
BOOST_DESCRIBE_STRUCT(received_page, (), (now_ms, jobs, next, scanned, of, skipped))

namespace {

task<server_root> ask_root(http_client& at)
{
    http_request request("GET", "/api/v1/");
    http_reply const reply = co_await at.call(request);
    if (reply.status != 200)
        throw_refusal(reply, at.where(), "GET", "/api/v1/");
    auto const root = received<server_root>(reply, at.where());
    if (root.api != 1 || root.ns.empty())
        throw error(errc::refused, "the server at " + at.where().text() + " is no work server");
    co_return root;
}

std::string words_of(job_states states)
{
    std::string words;
    for (job_state const one : detail::states_in_order)
        if (states.contains(one))
            words.append(words.empty() ? "" : ",").append(to_string(one));
    return words;
}

// The same sentences for what can't be asked as without a server between.
void check(job_filter const& filter, page const& how)
{
    detail::validate(filter, how);
    if (!how.cursor.empty())
        detail::open_cursor(filter, how.cursor);
}

}  // namespace

task<server_greeting> greet(http_client& at)
{
    server_root const root = co_await ask_root(at);
    server_greeting greeting;
    greeting.ns = root.ns;
    greeting.user = root.user;
    co_return greeting;
}

std::unique_ptr<access> access_by_server(http_client& at, server_greeting as)
{
    return std::make_unique<server_access>(at, std::move(as));
}

task<http_reply> server_access::ask(http_request request, bool may_be_missing)
{
    http_reply reply = co_await at_.call(request);
    bool const good = reply.status >= 200 && reply.status < 300;
    bool const missing =
        may_be_missing && reply.status == 404 && reply.slug().starts_with("no-such-");
    if (!good && !missing)
        throw_refusal(reply, at_.where(), request.method, request.target);
    co_return reply;
}

task<http_reply> server_access::get(std::string target)
{
    return ask(http_request("GET", std::move(target)), true);
}

task<http_reply> server_access::post(std::string target, std::string body)
{
    http_request request("POST", std::move(target));
    request.body = std::move(body);
    return ask(std::move(request), true);
}

task<std::int64_t> server_access::now_ms()
{
    server_root const root = co_await ask_root(at_);
    co_return root.now_ms;
}

task<void> server_access::check()
{
    http_request const request("GET", "/healthz/ready");
    http_reply const reply = co_await at_.call(request);
    if (reply.status != 200)
        throw error(
            errc::unavailable,
            "the server at " + at_.where().text() + " is not ready: it answers " +
                std::to_string(reply.status) + " to GET /healthz/ready"
        );
}

task<job_info> server_access::job(std::string id)
{
    std::string target = query("/api/v1/job").add("id", id).text();
    http_reply const reply = co_await get(std::move(target));
    if (reply.status == 404) {
        job_info none;
        none.id = std::move(id);
        co_return none;
    }
    co_return received_job(reply, at_.where());
}

task<job_log> server_access::logs(std::string id)
{
    std::string target = query("/api/v1/job/logs").add("id", id).text();
    http_reply const reply = co_await get(std::move(target));
    if (reply.status == 404) {
        job_log none;
        none.id = std::move(id);
        co_return none;
    }
    co_return received<job_log>(reply, at_.where());
}

task<explanation> server_access::explain(std::string id)
{
    std::string target = query("/api/v1/job/explain").add("id", id).text();
    http_reply const reply = co_await get(std::move(target));
    if (reply.status == 404) {
        job_info none;
        none.id = std::move(id);
        co_return explain_job(none, {}, {}, -1);
    }
    co_return received<explanation>(reply, at_.where());
}

task<job_page> server_access::find(job_filter filter, page how)
{
    tool::check(filter, how);
    query asked("/api/v1/jobs");
    asked.add_said("state", words_of(filter.states))
        .add_said("queue", filter.queue)
        .add_said("name", filter.name)
        .add_said("pool", filter.pool)
        .add_said("tag", filter.tag)
        .add_said("failure", filter.failure)
        .add_said("message", filter.message)
        .add_said("args", filter.args)
        .add_said("since_ms", filter.since_ms)
        .add_said("until_ms", filter.until_ms)
        .add_said("min_attempt", filter.min_attempt)
        .add_said("limit", how.limit)
        .add_said("scan", how.scan)
        .add_said("cursor", how.cursor);
    std::string target = asked.text();
    http_reply const reply = co_await get(std::move(target));
    auto seen = received<received_page>(reply, at_.where());
    job_page found;
    found.now_ms = seen.now_ms;
    found.jobs = std::move(seen.jobs);
    found.next = std::move(seen.next).value_or("");
    found.scanned = seen.scanned;
    found.of = seen.of;
    found.skipped = seen.skipped;
    co_return found;
}

task<failure_groups> server_access::failures(failure_query how)
{
    detail::check_integer("limit", how.limit, 1, 1000);
    job_states const failed{job_state::retry, job_state::dead};
    for (job_state const state : detail::states_in_order)
        if (how.states.contains(state) && !failed.contains(state))
            throw error(
                errc::invalid_option,
                "states names " + std::string(to_string(state)) +
                    ": failures are of jobs that are retry or dead"
            );
    query asked("/api/v1/failures");
    asked.add("by", how.by == failure_key::name ? "name" : "type")
        .add_said("state", how.states == failed ? "" : words_of(how.states))
        .add_said("queue", how.queue)
        .add_said("name", how.name)
        .add("scan", std::to_string(how.scan))
        .add("limit", std::to_string(how.limit));
    std::string target = asked.text();
    http_reply const reply = co_await get(std::move(target));
    co_return received<failure_groups>(reply, at_.where());
}

task<void> server_access::add_queues(broker_counts& to)
{
    auto all = co_await whole("/api/v1/queues", &web::queues_answer::queues);
    for (web::queue_row const& row : all.queues) {
        for (web::list_row const& one : row.lists) {
            queue_info list;
            list.queue = row.queue;
            list.name = one.name;
            list.list = list_id(row.queue, one.name);
            list.pending = one.pending;
            list.active = one.active;
            list.processed = one.processed;
            list.failed = one.failed;
            list.oldest_ms = one.oldest_ms;
            list.paused = one.paused;
            list.limited = one.limited;
            list.waits_at = one.waits_at;
            to.lists.push_back(std::move(list));
        }
    }
    to.paused = std::move(all.paused);
    // As a broker has them.
    std::sort(to.lists.begin(), to.lists.end(), [](queue_info const& a, queue_info const& b) {
        return a.list < b.list;
    });
}

task<job_stats> server_access::stats(stats_query what)
{
    query asked("/api/v1/stats");
    asked.add("range", std::to_string(what.range.count()) + "ms");
    if (what.step.count() > 0)
        asked.add("step", std::to_string(what.step.count()) + "ms");
    asked.add_said("name", what.name).add_said("queue", what.queue);
    http_reply const reply = co_await get(asked.text());
    co_return received<job_stats>(reply, at_.where());
}

task<all_named_stats> server_access::name_stats(std::chrono::milliseconds range)
{
    query asked("/api/v1/stats/names");
    asked.add("range", std::to_string(range.count()) + "ms").add("limit", "500");
    http_reply const reply = co_await get(asked.text());
    co_return received<all_named_stats>(reply, at_.where());
}

task<broker_counts> server_access::counts()
{
    // The server looks once for both, if they come soon after each other.
    http_reply const reply = co_await get("/api/v1/stats");
    auto counts = received<broker_counts>(reply, at_.where());
    co_await add_queues(counts);
    co_return counts;
}

task<std::vector<pool_info>> server_access::pools()
{
    http_reply const reply = co_await get("/api/v1/pools");
    auto found = received<received_pools>(reply, at_.where());
    co_return std::move(found.pools);
}

task<broker_info> server_access::broker()
{
    http_reply const reply = co_await get("/api/v1/broker");
    co_return received<broker_info>(reply, at_.where());
}

task<diagnosis> server_access::doctor(doctor_options how)
{
    operation_info repaired;
    if (how.repair) {
        http_request repair("POST", "/api/v1/doctor/repair");
        repair.body = "{}";
        http_reply const begun = co_await at_.call(repair);
        if (begun.status != 202)
            throw_refusal(begun, at_.where(), repair.method, repair.target);
        repaired = co_await follow(received<operation_info>(begun, at_.where()), nullptr);
        if (repaired.state != operation_state::done)
            throw error(
                errc::unavailable,
                "the repair is " + std::string(to_string(repaired.state)) + ": " +
                    (repaired.trouble.empty() ? "somebody stopped it, or its server ended"
                                              : repaired.trouble) +
                    "; what it put back stays so"
            );
    }
    http_request request("GET", "/api/v1/doctor");
    if (how.strays && !how.repair) {
        request.target += "?strays=true";
        request.longest = std::chrono::minutes(10);
    }
    http_reply const reply = co_await ask(std::move(request));
    auto found = received<diagnosis>(reply, at_.where());
    if (!how.repair)
        co_return found;
    found.taken_back = repaired.done;
    for (finding& one : found.findings)
        if (one.check == "strays") {
            one.level = "ok";
            one.sentence = repaired_sentence(repaired.matched, repaired.done);
        }
    co_return found;
}

task<std::vector<operation_info>> server_access::operations()
{
    http_reply const reply = co_await get("/api/v1/operations");
    auto found = received<received_operations>(reply, at_.where());
    co_return std::move(found.operations);
}

task<audit_page> server_access::audit(std::int64_t from, int count)
{
    detail::check_integer("from", from, 0, policy::audit_lines);
    detail::check_integer("count", count, 1, 1000);
    audit_page all;
    all.next = from;
    // A server gives 500 at once.
    for (int left = count; left > 0 && all.next >= 0;) {
        int const part = std::min(left, 500);
        query asked("/api/v1/audit");
        asked.add("from", std::to_string(all.next)).add("limit", std::to_string(part));
        std::string target = asked.text();
        http_reply const reply = co_await get(std::move(target));
        auto const page = received<audit_page>(reply, at_.where());
        all.entries.insert(all.entries.end(), page.entries.begin(), page.entries.end());
        all.next = page.next;
        left -= part;
    }
    co_return all;
}

}  // namespace work::tool
