// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/values/encode.hpp>

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/received.hpp"
#include "access/server_access.hpp"

namespace work::tool {

struct received_bounds
{
    std::vector<bound_state> bounds;
};
BOOST_DESCRIBE_STRUCT(received_bounds, (), (bounds))

struct received_bound
{
    bound_state bound;
};
BOOST_DESCRIBE_STRUCT(received_bound, (), (bound))

struct received_bound_put
{
    web::bound_put code = web::bound_put::created;
    bound_state bound;
};
BOOST_DESCRIBE_STRUCT(received_bound_put, (), (code, bound))

namespace {

// Queues have names that a path can't carry, too.
std::string bound_target(std::string const& queue)
{
    query asked("/api/v1/bound");
    asked.add("queue", queue);
    return asked.text();
}

}  // namespace

task<std::vector<bound_state>> server_access::bounds()
{
    http_request const request("GET", "/api/v1/bounds");
    http_reply const reply = co_await at_.call(request);
    std::vector<bound_state> all;
    if (reply.slug() == "no-route")
        co_return all;
    if (reply.status != 200)
        throw_refusal(reply, at_.where(), request.method, request.target);
    all = received<received_bounds>(reply, at_.where()).bounds;
    co_return all;
}

task<std::optional<bound_state>> server_access::bound(std::string queue)
{
    std::optional<bound_state> found;
    http_reply const reply = co_await get(bound_target(queue));
    if (reply.status != 404)
        found = received<received_bound>(reply, at_.where()).bound;
    co_return found;
}

task<web::put_bound> server_access::put_bound(
    std::string queue,
    web::described_bound what,
    std::string
)
{
    http_request request("PUT", bound_target(queue));
    request.body = "{\"most\":" + std::to_string(what.most);
    if (what.full)
        request.body += ",\"full\":" + to_json(*what.full);
    request.body += "}";
    http_reply const reply = co_await ask(std::move(request));
    auto put = received<received_bound_put>(reply, at_.where());
    web::put_bound went;
    went.code = put.code;
    went.bound = std::move(put.bound);
    co_return went;
}

task<bool> server_access::remove_bound(std::string queue, std::string)
{
    http_request request("DELETE", bound_target(queue));
    http_reply const reply = co_await ask(std::move(request), true);
    co_return reply.status != 404;
}

}  // namespace work::tool
