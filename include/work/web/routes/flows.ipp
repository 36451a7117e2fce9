// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/flow.hpp>
#include <work/flow_info.hpp>
#include <work/values/encode.hpp>
#include <work/values/id.hpp>
#include <work/values/text.hpp>
#include <work/web/described_flow.hpp>
#include <work/web/head.hpp>
#include <work/web/hidden.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

struct given_answer
{
    std::string id;
    std::vector<job_gift> given;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(given_answer, (), (id, given, now_ms))

namespace detail_of_flows {

inline problem no_such_flow(std::string_view id)
{
    return problem(
        404,
        "no-such-flow",
        "There is no flow " + detail::quote(id) +
            ": it never was, or it ended and is kept no longer."
    );
}

/// Of a job that is needed and of ids and keys that are in use; others as they are.
inline problem why_not(error const& fault)
{
    std::string_view const said = fault.what();
    if (fault.code() == errc::no_such_job)
        return problem(404, "no-such-job", std::string(said), "jobs");
    // The broker itself may refuse, too.
    if (fault.code() == errc::refused && said.starts_with("job "))
        return problem(409, "in-use", std::string(said), "jobs");
    return problem_of(std::make_exception_ptr(fault));
}

/// Ids of a key, as jobs that are stored by themselves get them.
inline std::vector<std::string> ids_of_key(
    service const& at,
    web_request const& request,
    std::size_t count
)
{
    std::vector<std::string> ids(count);
    std::string_view const key = check_key(request);
    if (!key.empty())
        for (std::size_t i = 0; i != count; ++i)
            ids[i] = id_of_key(at, request.user.name, key, i);
    return ids;
}

/// Whether who asks runs this job: then it may see what it was given, as it saw its arguments.
inline bool runs(web_request const& request, job_info const& job)
{
    std::string_view const text = request.asked("fence");
    std::int64_t fence = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), fence);
    return request.user.may(right::run) && job.state == job_state::active && !text.empty() &&
           read.ec == std::errc() && read.ptr == text.data() + text.size() && fence == job.fence &&
           request.asked("pool") == job.pool;
}

}  // namespace detail_of_flows

WORK_DECL task<web_response> list_flows(service& at, web_request const& request)
{
    std::int64_t const from = asked_number(request, "from", 0, 0, 1'000'000'000);
    auto const limit = static_cast<int>(asked_number(request, "limit", 50, 1, 500));
    flow_page const page = co_await at.look.flows(from, limit);
    co_return web_response(to_json(page));
}

WORK_DECL task<web_response> show_flow(service& at, web_request const& request)
{
    std::string const id(request.parameter("flow"));
    if (id_fault(id) != nullptr)
        throw detail_of_flows::no_such_flow(id);
    flow_details const found = co_await at.look.flow(id);
    if (found.flow.state == flow_state::unknown)
        throw detail_of_flows::no_such_flow(id);
    co_return web_response(to_json(found));
}

WORK_DECL task<web_response> start_flow(service& at, web_request const& request)
{
    described_flow what = read_described_flow(request.body);
    for (described_flow_job const& one : what.jobs)
        check_queue_right(request, one.job);
    std::vector<std::string> ids = detail_of_flows::ids_of_key(at, request, what.jobs.size());
    work::flow into = detail::new_flow(at.core, what.name);
    stored_flow stored;
    try {
        stored = co_await start_described(std::move(what), std::move(into), std::move(ids));
    } catch (error const& fault) {
        throw detail_of_flows::why_not(fault);
    }
    stored.now_ms = at.now_ms();
    web_response answer(to_json(stored), 201);
    answer.fields.emplace_back("Location", "/api/v1/flows/" + percent_encode(stored.id));
    co_return answer;
}

WORK_DECL task<web_response> cancel_flow(service& at, web_request const& request)
{
    std::string const id(request.parameter("flow"));
    action_body const how = read_action(request, admin_action::cancel);
    if (id_fault(id) != nullptr)
        throw detail_of_flows::no_such_flow(id);
    admin_options options;
    options.only = how.only;
    options.seen_ms = how.seen_ms;
    options.reason = how.reason;
    options.by = request.user.name;
    flow_cancel const result = co_await at.look.cancel_flow(id, options);
    if (result.code == admin_code::gone)
        throw detail_of_flows::no_such_flow(id);
    co_return web_response(to_json(result));
}

WORK_DECL task<web_response> show_given(service& at, web_request const& request)
{
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    given_answer answer;
    answer.id = job.id;
    answer.given = co_await at.look.given(job.id);
    answer.now_ms = at.now_ms();
    bool const hide = hides(request) && !detail_of_flows::runs(request, job);
    if (hide)
        for (job_gift& one : answer.given)
            one.reason.clear();
    co_return web_response(shown_json(to_json(answer), hide));
}

}  // namespace work::web
