// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/web/routes/carry_out.hpp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/may_act.hpp>

#include <boost/describe/class.hpp>

#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct acted_answer
{
    std::string id;
    std::string code;
    std::string state;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(acted_answer, (), (id, code, state, now_ms))

struct acted_row
{
    std::string id;
    admin_code code = admin_code::gone;
    job_state state = job_state::unknown;
    job_state was = job_state::unknown;  ///< in which it was found
};
BOOST_DESCRIBE_STRUCT(acted_row, (), (id, code, state, was))

struct acted_rows
{
    std::vector<acted_row> results;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(acted_rows, (), (results, now_ms))

namespace detail_of_actions {

/// Where a job is after the action. One that runs is told, and stays active until it does not.
inline job_state after(admin_action action, admin_result const& result)
{
    if (result.code != admin_code::done || result.state == job_state::active)
        return result.state;
    switch (action) {
    case admin_action::cancel: return job_state::cancelled;
    case admin_action::requeue: return job_state::pending;
    case admin_action::kill: return job_state::dead;
    case admin_action::remove: return job_state::unknown;
    case admin_action::move: break;
    }
    return result.state;
}

inline problem moved_on(std::string_view id, job_state state, std::string_view what)
{
    std::string const word(to_string(state));
    return problem(
               409,
               "moved-on",
               "Job " + detail::quote(id) + " is " + word + ", " + std::string(what)
    )
        .member("state", "\"" + word + "\"");
}

inline std::string_view means(admin_action action) noexcept
{
    switch (action) {
    case admin_action::cancel: return "and cancel is for jobs that may still run.";
    case admin_action::requeue:
        return "and requeue is for dead, retrying, scheduled and set-aside jobs.";
    case admin_action::kill: return "and kill is for jobs that may still run.";
    case admin_action::remove: return "and delete is for jobs that will not run.";
    case admin_action::move: return "and move is for pending, scheduled, retrying and dead jobs.";
    }
    return "";
}

/// As the body of a request says it; of views into it.
inline admin_options options_of(action_body const& said, std::string_view by)
{
    admin_options how;
    how.only = said.only;
    how.seen_ms = said.seen_ms;
    how.version = said.version;
    how.reason = said.reason;
    how.by = by;
    return how;
}

inline task<web_response> act(service& at, web_request const& request, admin_action action)
{
    action_body said = read_action(request, action);
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    detail_of_jobs::check_match(job, request);
    // What was seen is what is changed: it is looked at again in the moment of the change.
    bool const as_seen = !request.field("if-match").empty() && request.field("if-match") != "*";
    if (as_seen) {
        said.only = job_states{job.state};
        said.version = job.version;
    }
    std::vector<std::string> ids{job.id};
    admin_options const how = options_of(said, request.user.name);
    auto const results = co_await carry_out(at, action, std::move(ids), how, said.queue);
    admin_result const& result = results.at(0);
    switch (result.code) {
    case admin_code::gone: throw detail_of_jobs::no_such_job(job.id);
    case admin_code::active:
        throw moved_on(job.id, result.state, "and has to end first: cancel it, or wait.");
    case admin_code::moved_on:
        if (as_seen)
            throw detail_of_jobs::changed(job.id);
        throw moved_on(
            job.id,
            result.state,
            said.only.empty() ? means(action) : "which is none of the states that were asked for."
        );
    case admin_code::unreadable:
        throw moved_on(job.id, job_state::set_aside, "since its record can't be read.");
    case admin_code::locked:
        throw moved_on(
            job.id,
            result.state,
            "and unique, and another job of its key is there: let that end, or delete it, first."
        );
    case admin_code::done:
    case admin_code::already: break;
    }
    acted_answer answer;
    answer.id = job.id;
    answer.code = result.code == admin_code::done ? "done" : "already";
    answer.state = to_string(after(action, result));
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace detail_of_actions

WORK_DECL task<web_response> cancel_job(service& at, web_request const& request)
{
    return detail_of_actions::act(at, request, admin_action::cancel);
}

WORK_DECL task<web_response> requeue_job(service& at, web_request const& request)
{
    return detail_of_actions::act(at, request, admin_action::requeue);
}

WORK_DECL task<web_response> kill_job(service& at, web_request const& request)
{
    return detail_of_actions::act(at, request, admin_action::kill);
}

WORK_DECL task<web_response> delete_job(service& at, web_request const& request)
{
    check_may_act(at, request, admin_action::remove);
    return detail_of_actions::act(at, request, admin_action::remove);
}

WORK_DECL task<web_response> move_job(service& at, web_request const& request)
{
    return detail_of_actions::act(at, request, admin_action::move);
}

WORK_DECL task<web_response> act_on_jobs(service& at, web_request const& request)
{
    many_actions said = read_many_actions(request);
    check_may_act(at, request, said.action);
    std::vector<std::string> ids = said.ids;
    admin_options const how = detail_of_actions::options_of(said.how, request.user.name);
    auto const results = co_await carry_out(at, said.action, std::move(ids), how, said.how.queue);
    acted_rows answer;
    for (std::size_t i = 0; i != said.ids.size(); ++i) {
        acted_row row;
        row.id = said.ids[i];
        row.code = results[i].code;
        row.state = detail_of_actions::after(said.action, results[i]);
        row.was = results[i].state;
        answer.results.push_back(std::move(row));
    }
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace work::web
