// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/tracked_job.hpp>
#include <work/web/head.hpp>

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/received.hpp"
#include "access/server_access.hpp"

namespace work::tool {

struct received_tracked
{
    std::vector<tracked_job> tracked;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(received_tracked, (), (tracked, next))

struct received_tracking
{
    admin_code code = admin_code::gone;
    job_state state = job_state::unknown;
};
BOOST_DESCRIBE_STRUCT(received_tracking, (), (code, state))

task<std::vector<admin_result>> server_access::track(std::vector<std::string> ids, std::string)
{
    std::vector<admin_result> all;
    for (std::string const& id : ids) {
        http_request request("POST", "/api/v1/job/track?id=" + web::percent_encode(id));
        request.body = "{}";
        http_reply const reply = co_await ask(std::move(request), true);
        if (reply.status == 404) {
            all.push_back(admin_result{admin_code::gone, job_state::unknown});
            continue;
        }
        auto const went = received<received_tracking>(reply, at_.where());
        all.push_back(admin_result{went.code, went.state});
    }
    co_return all;
}

task<std::vector<admin_code>> server_access::untrack(std::vector<std::string> ids, std::string)
{
    std::vector<admin_code> all;
    for (std::string const& id : ids) {
        http_request request("DELETE", "/api/v1/job/track?id=" + web::percent_encode(id));
        http_reply const reply = co_await ask(std::move(request), true);
        if (reply.status == 404)
            all.push_back(admin_code::already);
        else
            all.push_back(received<received_tracking>(reply, at_.where()).code);
    }
    co_return all;
}

task<std::vector<tracked_job>> server_access::tracked()
{
    auto all = co_await whole("/api/v1/tracked", &received_tracked::tracked);
    co_return std::move(all.tracked);
}

}  // namespace work::tool
