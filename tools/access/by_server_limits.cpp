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

struct received_limits
{
    std::vector<limit_state> limits;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(received_limits, (), (limits, next))

struct received_limit
{
    limit_state limit;
};
BOOST_DESCRIBE_STRUCT(received_limit, (), (limit))

struct received_limit_put
{
    web::limit_put code = web::limit_put::created;
    limit_state limit;
};
BOOST_DESCRIBE_STRUCT(received_limit_put, (), (code, limit))

namespace {

// Limits have names that a path can't carry, too.
std::string target_of(std::string const& limit)
{
    query asked("/api/v1/limit");
    asked.add("limit", limit);
    return asked.text();
}

}  // namespace

task<std::vector<limit_state>> server_access::limits()
{
    auto all = co_await whole("/api/v1/limits", &received_limits::limits);
    co_return std::move(all.limits);
}

task<std::optional<limit_state>> server_access::limit(std::string name)
{
    std::optional<limit_state> found;
    http_reply const reply = co_await get(target_of(name));
    if (reply.status != 404)
        found = received<received_limit>(reply, at_.where()).limit;
    co_return found;
}

task<web::put_limit> server_access::put_limit(
    std::string name,
    web::described_limit what,
    std::string
)
{
    http_request request("PUT", target_of(name));
    request.body = "{\"slots\":" + std::to_string(what.slots);
    if (what.scope)
        request.body += ",\"queues\":" + to_json(what.scope->queues) +
                        ",\"names\":" + to_json(what.scope->names);
    request.body += "}";
    http_reply const reply = co_await ask(std::move(request));
    auto put = received<received_limit_put>(reply, at_.where());
    web::put_limit went;
    went.code = put.code;
    went.limit = std::move(put.limit);
    co_return went;
}

task<bool> server_access::remove_limit(std::string name, std::string)
{
    http_request request("DELETE", target_of(name));
    http_reply const reply = co_await ask(std::move(request), true);
    co_return reply.status != 404;
}

}  // namespace work::tool
