// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/audit.hpp>
#include <work/broker/policy.hpp>
#include <work/failure_groups.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/hidden.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct audit_answer
{
    std::vector<audit_entry> entries;
    std::int64_t next = -1;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(audit_answer, (), (entries, next, now_ms))

WORK_DECL task<web_response> list_failures(service& at, web_request const& request)
{
    failure_query how;
    std::string_view const by = request.asked("by");
    if (by == "name")
        how.by = failure_key::name;
    else if (!by.empty() && by != "type")
        throw problem(
            400,
            "bad-parameter",
            "by is " + detail::quote(by) + ", it must be type or name.",
            "by"
        );
    std::string_view const state = request.asked("state");
    if (state == "dead")
        how.states = job_states{job_state::dead};
    else if (state == "retry")
        how.states = job_states{job_state::retry};
    else if (!state.empty())
        throw problem(
            400,
            "bad-parameter",
            "state is " + detail::quote(state) + ", it must be retry or dead.",
            "state"
        );
    how.queue = request.asked("queue");
    how.name = request.asked("name");
    if (!how.queue.empty())
        validate_name("queue", how.queue);
    if (!how.name.empty())
        validate_name("name", how.name);
    how.scan = static_cast<int>(asked_number(request, "scan", how.scan, 1, 10'000));
    how.limit = static_cast<int>(asked_number(request, "limit", how.limit, 1, 500));
    std::unique_ptr<search_turns::turn> turn;
    if (how.scan > 1'000)
        turn = co_await at.searches->take(request.user.name);
    task<failure_groups> call = turn ? at.search.failures(how) : at.look.failures(how);
    failure_groups const found = co_await std::move(call);
    co_return web_response(shown_json(to_json(found), hides(request)));
}

WORK_DECL task<web_response> list_audit(service& at, web_request const& request)
{
    std::int64_t const from = asked_number(request, "from", 0, 0, policy::audit_lines);
    int const count = static_cast<int>(asked_number(request, "limit", 50, 1, 500));
    audit_page found = co_await at.look.audit(from, count);
    audit_answer answer;
    answer.entries = std::move(found.entries);
    answer.next = found.next;
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace work::web
