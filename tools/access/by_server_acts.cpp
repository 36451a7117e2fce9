// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>
#include <work/web/json_slices.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "access/received.hpp"
#include "access/server_access.hpp"

namespace work::tool {

/// What became of one job.
struct received_result
{
    admin_code code = admin_code::gone;
    job_state state = job_state::unknown;
    std::optional<job_state> was;  ///< in which it was found
};
BOOST_DESCRIBE_STRUCT(received_result, (), (code, state, was))

struct received_results
{
    std::vector<received_result> results;
};
BOOST_DESCRIBE_STRUCT(received_results, (), (results))

/// What became of a pause, of a worker pool, of an operation.
struct received_change
{
    admin_code code = admin_code::done;
    std::string by;
    std::string reason;
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(received_change, (), (code, by, reason, since_ms, until_ms, now_ms))

/// What stands beside the sentence of a problem.
struct received_problem
{
    std::string detail;
    std::optional<job_state> state;
    std::int64_t matched = 0;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(received_problem, (), (detail, state, matched, now_ms))

/// Why a queue stays.
struct received_in_use
{
    std::int64_t jobs = 0;
    bool whole = true;
    std::vector<std::string> pools;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(received_in_use, (), (jobs, whole, pools, now_ms))

namespace {

using namespace std::chrono_literals;

/// A server takes so many ids at once.
constexpr std::size_t ids_at_once = 256;
/// So many bytes of jobs go into a request: a server takes 8 MiB.
constexpr std::size_t jobs_bytes = 4u << 20;
/// More than can be: nobody said how many were expected.
constexpr std::int64_t however_many = 9'007'199'254'740'991;

/// A JSON object, member by member.
class object_text
{
public:
    template <typename T>
    object_text& add(std::string_view name, T const& value)
    {
        return add_raw(name, to_json(value));
    }
    object_text& add_said(std::string_view name, std::string_view value)
    {
        return value.empty() ? *this : add(name, detail::mended_utf8(value, value.size()));
    }
    object_text& add_raw(std::string_view name, std::string_view json)
    {
        text_.append(text_.size() == 1 ? "\"" : ",\"").append(name).append("\":").append(json);
        return *this;
    }
    std::string done() const { return text_ + "}"; }

private:
    std::string text_ = "{";
};

std::vector<job_state> list_of(job_states states)
{
    std::vector<job_state> all;
    for (job_state const one : detail::states_in_order)
        if (states.contains(one))
            all.push_back(one);
    return all;
}

// Like the inspector: what is too long is cut.
std::string_view cut_to(std::string_view text, std::size_t most)
{
    if (text.size() <= most)
        return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80)
        --most;
    return text.substr(0, most);
}

query on(pause_kind kind, std::string_view name, char const* what)
{
    std::string const word(to_string(kind));
    return query("/api/v1/" + word + "/" + what).add(word, name);
}

/// The members of a change that a PATCH has beside the options.
void check_options(std::string_view options)
{
    if (options.empty())
        return;
    args_parser parser;
    if (!parser.parse(options, "options").is_object())
        throw error(errc::invalid_option, "options is no JSON object");
    for (web::json_member const& one : web::json_members(options))
        for (std::string_view const beside : {"args", "queue", "priority", "at_ms", "in_ms"})
            if (one.key == beside)
                throw error(
                    errc::invalid_option,
                    "options has " + detail::quote(one.key) + ", which can't be changed there"
                );
}

std::string body_of(job_change const& change)
{
    check_options(change.options);
    object_text body;
    if (change.args)
        body.add("args", std::string(*change.args));
    if (change.queue)
        body.add("queue", std::string(*change.queue));
    if (change.priority)
        body.add("priority", *change.priority);
    if (change.due_ms != 0)
        body.add("at_ms", change.due_ms);
    if (!change.options.empty())
        for (web::json_member const& one : web::json_members(change.options))
            body.add_raw(one.key, one.value);
    return body.done();
}

}  // namespace

task<pause_result> server_access::pause(pause_kind kind, std::string name, pause_options how)
{
    validate_name(to_string(kind), name);
    object_text body;
    if (how.lasting.count() != 0)
        body.add("for_ms", static_cast<std::int64_t>(how.lasting.count()));
    body.add_said("reason", cut_to(how.reason, 200));
    std::string target = on(kind, name, "pause").text();
    http_reply const reply = co_await post(std::move(target), body.done());
    auto const went = received<received_change>(reply, at_.where());
    pause_result result;
    result.now_ms = went.now_ms;
    result.code = went.code;
    result.info.emplace(pause_info{kind, name, went.by, went.reason, went.since_ms, went.until_ms});
    co_return result;
}

task<admin_code> server_access::resume(pause_kind kind, std::string name, std::string)
{
    validate_name(to_string(kind), name);
    std::string target = on(kind, name, "resume").text();
    http_reply const reply = co_await post(std::move(target), "{}");
    co_return received<received_change>(reply, at_.where()).code;
}

task<queue_removal> server_access::remove_queue(std::string queue, std::string)
{
    validate_name("queue", queue);
    http_request request("DELETE", query("/api/v1/queue").add("queue", queue).text());
    http_reply const reply = co_await at_.call(request);
    queue_removal went;
    if (reply.status == 204) {
        went.code = admin_code::done;
    } else if (reply.status == 409 && reply.slug() == "queue-in-use") {
        auto const in_use = received<received_in_use>(reply, at_.where());
        went.code = admin_code::active;
        went.jobs = in_use.jobs;
        went.whole = in_use.whole;
        went.pools = in_use.pools;
        went.now_ms = in_use.now_ms;
    } else if (reply.status != 404 || reply.slug() != "no-such-queue") {
        throw_refusal(reply, at_.where(), request.method, request.target);
    }
    co_return went;
}

task<admin_code> server_access::order(std::string pool, told_order what, std::string)
{
    std::string target =
        query("/api/v1/pool/" + std::string(to_string(what.order))).add("pool", pool).text();
    std::string body = "{}";
    if (what.grace_ms >= 0)
        body = "{\"grace_ms\":" + std::to_string(what.grace_ms) + "}";
    http_reply const reply = co_await post(std::move(target), std::move(body));
    if (reply.status == 404)
        co_return admin_code::gone;
    co_return received<received_change>(reply, at_.where()).code;
}

task<std::vector<admin_result>> server_access::act(
    admin_action action,
    std::vector<std::string> ids,
    std::string queue,
    admin_options how
)
{
    if (!queue.empty())
        validate_name("queue", queue);
    std::vector<admin_result> all;
    for (std::size_t first = 0; first < ids.size(); first += ids_at_once) {
        auto const from = ids.begin() + static_cast<std::ptrdiff_t>(first);
        auto const size = static_cast<std::ptrdiff_t>(std::min(ids.size() - first, ids_at_once));
        std::vector<std::string> const part(from, from + size);
        object_text body;
        body.add("action", std::string(to_string(action))).add("ids", part);
        if (!how.only.empty())
            body.add("only", list_of(how.only));
        if (how.seen_ms != 0)
            body.add("seen_ms", how.seen_ms);
        body.add_said("queue", queue).add_said("reason", cut_to(how.reason, 512));
        http_reply const reply = co_await post("/api/v1/jobs/actions", body.done());
        auto const went = received<received_results>(reply, at_.where());
        if (went.results.size() != part.size())
            throw_strange(at_.where(), "it has not an outcome for each job");
        for (received_result const& one : went.results)
            all.push_back(admin_result{one.code, one.was.value_or(one.state)});
    }
    co_return all;
}

task<admin_result> server_access::edit(std::string id, job_change change)
{
    http_request request("PATCH", query("/api/v1/job").add("id", id).text());
    request.body = body_of(change);
    admin_result result;
    http_reply const seen = co_await get(request.target);
    if (seen.status == 404)
        co_return result;
    job_info const job = received_job(seen, at_.where());
    result.state = job.state;
    result.code = admin_code::moved_on;
    if (!change.version.empty() && change.version != job.version)
        co_return result;
    // What was looked at just now is what is changed, as without a server.
    request.if_match = seen.field("ETag");
    http_reply const reply = co_await at_.call(request);
    if (reply.status == 200) {
        result.code = admin_code::done;
        co_return result;
    }
    if (reply.status == 404 && reply.slug() == "no-such-job") {
        result.code = admin_code::gone;
        co_return result;
    }
    if (reply.status == 412 || reply.slug() == "moved-on") {
        result.state = received<received_problem>(reply, at_.where()).state.value_or(result.state);
        co_return result;
    }
    throw_refusal(reply, at_.where(), request.method, request.target);
}

task<job_count> server_access::count(admin_action action, job_filter filter)
{
    object_text body;
    body.add("action", std::string(to_string(action)))
        .add("filter", kept_job_filter::of(filter))
        .add("all", true)
        .add("dry_run", true);
    http_reply const reply = co_await post("/api/v1/operations", body.done());
    co_return received<job_count>(reply, at_.where());
}

task<operation_info> server_access::act_on_all(
    admin_action action,
    job_filter filter,
    operation_options how
)
{
    object_text body;
    body.add("action", std::string(to_string(action)))
        .add("filter", kept_job_filter::of(filter))
        .add("all", how.all)
        .add("seen_ms", how.seen_ms)
        .add("expected", how.expected < 0 ? however_many : how.expected)
        .add("at_most", how.at_most)
        .add_said("reason", cut_to(how.reason, 512))
        .add_said("queue", how.queue);
    http_request request("POST", "/api/v1/operations");
    request.body = body.done();
    http_reply const reply = co_await at_.call(request);
    if (reply.slug() == "count-moved") {
        auto const problem = received<received_problem>(reply, at_.where());
        operation_info refused;
        refused.action = to_string(action);
        refused.state = operation_state::refused;
        refused.filter = kept_job_filter::of(filter);
        refused.expected = how.expected;
        refused.matched = problem.matched;
        refused.ended_ms = problem.now_ms;
        co_return refused;
    }
    if (reply.status != 202)
        throw_refusal(reply, at_.where(), request.method, request.target);
    auto begun = received<operation_info>(reply, at_.where());
    co_return co_await follow(std::move(begun), how.watch);
}

task<operation_info> server_access::follow(operation_info begun, operation_watch* watch)
{
    operation_info now = std::move(begun);
    std::string const target = "/api/v1/operations/" + now.id;
    boost::asio::steady_timer pause(at_.executor());
    for (std::chrono::milliseconds interval = 20ms; now.is_open();
         interval = std::min(interval * 3 / 2, 1000ms)) {
        pause.expires_after(interval);
        co_await pause.async_wait(boost::asio::use_awaitable);
        try {
            std::string again = target;
            http_reply const reply = co_await get(std::move(again));
            now = received<operation_info>(reply, at_.where());
        } catch (error const& e) {
            throw error(
                e.code(),
                std::string(e.what()) + "; operation " + now.id +
                    " goes on in the server: work operations shows it"
            );
        }
        if (watch != nullptr && !watch->goes_on(now))
            co_await stop_operation(now.id);
    }
    co_return now;
}

task<admin_code> server_access::stop_operation(std::string id)
{
    if (id.empty() ||
        id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghijklmnopqrstuvwxyz"
                             "-_.") != id.npos)
        co_return admin_code::gone;  // the id of none
    http_request request("DELETE", "/api/v1/operations/" + id);
    http_reply const reply = co_await ask(std::move(request), true);
    if (reply.status == 404)
        co_return admin_code::gone;
    co_return received<received_change>(reply, at_.where()).code;
}

job_handle stored_handle(std::string_view id, std::string_view code)
{
    bool const both = code == "renewed";
    return job_handle(
        std::string(id),
        code != "stored",
        both || code == "replaced",
        both || code == "extended"
    );
}

// As the server takes it in a query; "": as any job.
std::string query_of(std::optional<durability> const& how)
{
    if (!how)
        return std::string();
    return "?durable=" + std::to_string(how->replicas) +
           "&durable_ms=" + std::to_string(how->at_most.count()) +
           (how->aof ? "&durable_aof=true" : "");
}

void hear_safety(boost::json::object const& answer, stored_jobs& into)
{
    auto const* const told = answer.if_contains("safety");
    if (told == nullptr || !told->is_object())
        return;
    into.heard(decode<safety>(*told, "the answer", "safety"));
}

task<void> server_access::store_part(std::string target, std::string lines, stored_jobs& into)
{
    http_request request("POST", std::move(target));
    request.body = std::move(lines);
    request.content_type = "application/x-ndjson";
    http_reply const reply = co_await ask(std::move(request));
    boost::json::value const all = received_json(reply, at_.where());
    auto const* const results = all.is_object() ? all.get_object().if_contains("results") : nullptr;
    if (results == nullptr || !results->is_array())
        throw_strange(at_.where(), "it has no results");
    hear_safety(all.get_object(), into);
    for (boost::json::value const& one : results->get_array()) {
        if (!one.is_object())
            throw_strange(at_.where(), "a result is no object");
        auto const* const id = one.get_object().if_contains("id");
        auto const* const code = one.get_object().if_contains("code");
        if (id != nullptr && id->is_string() && code != nullptr && code->is_string()) {
            into.handles.push_back(stored_handle(id->get_string(), code->get_string()));
        } else if (!into.failure) {
            try {
                throw_problem(one.get_object());
            } catch (error const&) {
                into.failure = std::current_exception();
            }
        }
    }
}

task<stored_jobs> server_access::enqueue(
    std::vector<described_new_job> jobs,
    std::optional<durability> how
)
{
    stored_jobs stored;
    if (jobs.size() == 1) {
        http_reply const reply =
            co_await post("/api/v1/jobs" + query_of(how), std::move(jobs[0].text));
        boost::json::object const answer = reply.json();
        hear_safety(answer, stored);
        auto const* const id = answer.if_contains("id");
        if (id == nullptr || !id->is_string())
            throw_strange(at_.where(), "it has no id");
        auto const* const code = answer.if_contains("code");
        stored.handles.push_back(stored_handle(
            id->get_string(),
            code != nullptr && code->is_string() ? std::string_view(code->get_string())
                                                 : std::string_view()
        ));
        co_return stored;
    }
    std::string lines;
    for (std::size_t i = 0; i != jobs.size(); ++i) {
        lines += jobs[i].text + "\n";
        bool const last = i + 1 == jobs.size();
        if (!last && lines.size() + jobs[i + 1].text.size() < jobs_bytes)
            continue;
        try {
            std::string part = std::exchange(lines, std::string());
            co_await store_part("/api/v1/jobs/bulk" + query_of(how), std::move(part), stored);
        } catch (error const&) {
            stored.failure = std::current_exception();
        }
        if (stored.failure)
            break;
    }
    co_return stored;
}

}  // namespace work::tool
