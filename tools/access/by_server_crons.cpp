// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/cron_entry.hpp>
#include <work/error.hpp>
#include <work/values/encode.hpp>
#include <work/web/json_slices.hpp>

#include <boost/describe/class.hpp>

#include <string>
#include <utility>
#include <vector>

#include "access/received.hpp"
#include "access/server_access.hpp"

namespace work::tool {

/// All of an entry but the options of its jobs, whose text is taken as it is.
struct received_cron_members : cron_entry
{};
BOOST_DESCRIBE_STRUCT(
    received_cron_members,
    (),
    (name,
     spec,
     words,
     zone,
     missed,
     most_missed,
     overlap,
     paused,
     paused_ms,
     next_ms,
     upcoming,
     fired_ms,
     last_job,
     revision,
     job,
     queue,
     args,
     fault)
)

struct received_cron_history
{
    std::vector<cron_fired> history;
};
BOOST_DESCRIBE_STRUCT(received_cron_history, (), (history))

struct received_cron_change
{
    admin_code code = admin_code::done;
};
BOOST_DESCRIBE_STRUCT(received_cron_change, (), (code))

struct received_cron_put
{
    cron_put code = cron_put::created;
};
BOOST_DESCRIBE_STRUCT(received_cron_put, (), (code))

struct received_cron_run
{
    std::string job;
};
BOOST_DESCRIBE_STRUCT(received_cron_run, (), (job))

namespace {

std::string_view member_of(std::string_view object, std::string_view name)
{
    for (web::json_member const& one : web::json_members(object))
        if (one.key == name)
            return one.value;
    return {};
}

cron_entry cron_in(boost::json::value const& json, std::string_view text, server_url const& from)
{
    cron_entry entry;
    try {
        entry = decode<received_cron_members>(json, "its answer", "member");
    } catch (error const& fault) {
        throw_strange(from, fault.what());
    }
    entry.options.text = member_of(text, "options");
    return entry;
}

std::string path_of(std::string_view name, char const* verb = "")
{
    return "/api/v1/crons/" + web::percent_encode(name) + verb;
}

}  // namespace

task<std::vector<cron_entry>> server_access::crons()
{
    http_reply const reply = co_await get("/api/v1/crons");
    boost::json::value const json = received_json(reply, at_.where());
    auto const* const read = json.is_object() ? json.get_object().if_contains("crons") : nullptr;
    if (read == nullptr || !read->is_array())
        throw_strange(at_.where(), "it has no crons");
    std::vector<cron_entry> all;
    for (std::string_view const text : web::json_elements(member_of(reply.body, "crons")))
        all.push_back(cron_in(read->get_array().at(all.size()), text, at_.where()));
    co_return all;
}

task<std::optional<known_cron>> server_access::cron(std::string name)
{
    std::optional<known_cron> found;
    http_request request("GET", path_of(name));
    http_reply const reply = co_await ask(std::move(request), true);
    if (reply.status == 404)
        co_return found;
    auto history = received<received_cron_history>(reply, at_.where());
    boost::json::value const json = received_json(reply, at_.where());
    auto const* const read = json.is_object() ? json.get_object().if_contains("cron") : nullptr;
    if (read == nullptr)
        throw_strange(at_.where(), "it has no cron");
    found.emplace();
    found->entry = cron_in(*read, member_of(reply.body, "cron"), at_.where());
    found->history = std::move(history.history);
    co_return found;
}

task<cron_put> server_access::put_cron(
    std::string name,
    std::string spec,
    described_new_job job,
    cron_options how
)
{
    http_request request("PUT", path_of(name));
    request.body = "{\"spec\":" + to_json(spec) + ",\"zone\":" + to_json(std::string(how.zone)) +
                   ",\"missed\":" + to_json(how.missed) +
                   ",\"most_missed\":" + std::to_string(how.most_missed) +
                   ",\"overlap\":" + to_json(how.overlap) +
                   ",\"paused\":" + (how.paused ? "true," : "false,") + job.text.substr(1);
    http_reply const reply = co_await ask(std::move(request));
    co_return received<received_cron_put>(reply, at_.where()).code;
}

task<admin_code> server_access::act_on_cron(std::string name, cron_act what, std::string)
{
    http_request request(
        what == cron_act::remove ? "DELETE" : "POST",
        path_of(
            name,
            what == cron_act::remove  ? ""
            : what == cron_act::pause ? "/pause"
                                      : "/resume"
        )
    );
    if (what != cron_act::remove)
        request.body = "{}";
    http_reply const reply = co_await ask(std::move(request), true);
    if (reply.status == 404)
        co_return admin_code::gone;
    co_return received<received_cron_change>(reply, at_.where()).code;
}

task<std::string> server_access::run_cron(std::string name, std::string)
{
    http_request request("POST", path_of(name, "/trigger"));
    request.body = "{}";
    http_reply const reply = co_await ask(std::move(request), true);
    if (reply.status == 404)
        co_return std::string();
    co_return received<received_cron_run>(reply, at_.where()).job;
}

}  // namespace work::tool
