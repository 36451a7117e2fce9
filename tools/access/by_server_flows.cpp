// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/flow_info.hpp>
#include <work/values/encode.hpp>
#include <work/values/id.hpp>
#include <work/web/described_flow.hpp>

#include <string>
#include <utility>

#include "access/received.hpp"
#include "access/server_access.hpp"

namespace work::tool {
namespace {

std::string flow_path(std::string const& id, char const* verb = "")
{
    validate_id(id);
    return "/api/v1/flows/" + web::percent_encode(id) + verb;
}

}  // namespace

task<flow_page> server_access::flows(std::int64_t from, int count)
{
    query asked("/api/v1/flows");
    asked.add_said("from", from).add("limit", std::to_string(count));
    http_reply const reply = co_await get(asked.text());
    co_return received<flow_page>(reply, at_.where());
}

task<flow_details> server_access::flow(std::string id)
{
    http_reply const reply = co_await get(flow_path(id));
    flow_details none;
    none.flow.id = std::move(id);
    if (reply.status == 404)
        co_return none;
    co_return received<flow_details>(reply, at_.where());
}

task<flow_cancel> server_access::cancel_flow(std::string id, admin_options how)
{
    std::string const said(how.reason);
    std::string target = flow_path(id, "/cancel");
    http_reply const reply = co_await post(std::move(target), "{\"reason\":" + to_json(said) + "}");
    flow_cancel none;
    none.id = std::move(id);
    none.code = admin_code::gone;
    if (reply.status == 404)
        co_return none;
    co_return received<flow_cancel>(reply, at_.where());
}

task<web::stored_flow> server_access::start_flow(web::described_flow, std::string text)
{
    http_reply const reply = co_await post("/api/v1/flows", std::move(text));
    if (reply.status == 404) {
        boost::json::object const why = reply.json();
        auto const* const said = why.if_contains("detail");
        throw error(
            errc::no_such_job,
            said != nullptr && said->is_string() ? std::string(said->get_string()) : "no such job"
        );
    }
    co_return received<web::stored_flow>(reply, at_.where());
}

}  // namespace work::tool
