// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/tracked_job.hpp>
#include <work/values/encode.hpp>
#include <work/values/id.hpp>
#include <work/values/text.hpp>
#include <work/web/etag.hpp>
#include <work/web/hidden.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/may_act.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::web {

namespace detail_of_jobs {

inline problem no_such_job(std::string_view id)
{
    return problem(
        404,
        "no-such-job",
        "There is no job " + detail::quote(id) +
            ": it never existed, or it finished and is no longer kept."
    );
}

/// Whether an action would do something to a job in this state.
inline bool does_something(admin_action action, job_state state) noexcept
{
    if (!states_for(action).contains(state))
        return false;
    switch (action) {
    case admin_action::requeue:
        return state != job_state::active && state != job_state::pending &&
               state != job_state::suspect;
    case admin_action::kill: return state != job_state::dead;
    case admin_action::move: return state != job_state::active;
    default: return true;
    }
}

/// As JSON. Why somebody acted on it is in the messages of failures, too, and why one that it
/// needed did not complete may be a message: both may be hidden.
inline std::string shown_job(job_info const& job, bool hide)
{
    if (!hide)
        return to_json(job);
    job_info shown = job;
    for (past_action& one : shown.history)
        one.reason.clear();
    if (shown.bound)
        for (job_gift& one : shown.bound->given)
            one.reason.clear();
    return shown_json(to_json(shown), hide);
}

/// Over the state and all that is kept and shown, not over the time of looking. From a tag over
/// what is hidden one could guess it.
inline std::string etag_of(job_info job, bool hide)
{
    job.now_ms = 0;
    std::string const shown = shown_job(job, hide);
    return "\"" + hex(sha256(shown)).substr(0, 32) + "\"";
}

/// The job, when there is one that the caller may look at.
inline task<job_info> look_up(service& at, web_request const& request)
{
    std::string const id(request.parameter("id"));
    if (id_fault(id) != nullptr)
        throw no_such_job(id);
    job_info job = co_await at.look.job(id);
    if (job.state == job_state::unknown || !request.user.may_look_into(job.queue))
        throw no_such_job(id);
    co_return job;
}

inline problem changed(std::string_view id)
{
    return problem(
        412,
        "changed",
        "Job " + detail::quote(id) + " changed since it was looked at: look again."
    );
}

/// What a caller acts on is what it saw.
inline void check_match(job_info const& job, web_request const& request)
{
    std::string_view const wanted = request.field("if-match");
    if (!wanted.empty() && !names_tag(wanted, etag_of(job, hides(request))))
        throw changed(job.id);
}

/// Why a job does not run; where `hide`, without what it holds.
inline task<explanation> shown_explanation(service& at, job_info const& job, bool hide)
{
    explanation why = co_await at.look.explain(job.id);
    if (!hide || job.failures.empty())
        co_return why;
    // Its sentences may have the message of the last failure.
    job_info without = job;
    for (failure& one : without.failures)
        one.message.clear();
    auto const paused = co_await at.look.pauses();
    auto const pools = co_await at.pools->read();
    limit_query query;
    query.list = list_id(job.queue, job.name);
    limits_answer const limited = co_await at.core->broker->limits(std::move(query));
    co_return explain_job(without, paused, *pools, why.ahead, limited.limits);
}

/// Whether somebody tracks it, as it was when they were read last.
inline task<bool> is_tracked(service& at, std::string_view id)
{
    auto const all = co_await at.tracked->read();
    co_return std::any_of(all->tracked.begin(), all->tracked.end(), [id](tracked_job const& one) {
        return one.id == id;
    });
}

}  // namespace detail_of_jobs

WORK_DECL task<web_response> show_job(service& at, web_request const& request)
{
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    std::string const etag = detail_of_jobs::etag_of(job, hides(request));
    web_response answer;
    answer.fields.emplace_back("ETag", etag);
    if (request.has("if-none-match") && names_tag(request.field("if-none-match"), etag)) {
        answer.status = 304;
        co_return answer;
    }
    answer.body = detail_of_jobs::shown_job(job, hides(request));
    answer.body.back() = ',';
    answer.body += "\"etag\":";
    detail::append_json_string(answer.body, etag);
    answer.body += ",\"can\":[";
    char const* before = "";
    for (admin_action const action :
         {admin_action::cancel,
          admin_action::requeue,
          admin_action::kill,
          admin_action::remove,
          admin_action::move}) {
        if (!may_act(at, request, action) || !detail_of_jobs::does_something(action, job.state))
            continue;
        answer.body.append(std::exchange(before, ","));
        detail::append_json_string(answer.body, to_string(action));
    }
    bool const is_tracked = co_await detail_of_jobs::is_tracked(at, job.id);
    answer.body += is_tracked ? "],\"tracked\":true}" : "],\"tracked\":false}";
    co_return answer;
}

WORK_DECL task<web_response> show_logs(service& at, web_request const& request)
{
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    job_log const log = co_await at.look.logs(job.id);
    web_response answer;
    answer.body = shown_json(to_json(log), hides(request));
    co_return answer;
}

WORK_DECL task<web_response> explain_one(service& at, web_request const& request)
{
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    explanation const why = co_await detail_of_jobs::shown_explanation(at, job, hides(request));
    web_response answer;
    answer.body = to_json(why);
    co_return answer;
}

}  // namespace work::web
