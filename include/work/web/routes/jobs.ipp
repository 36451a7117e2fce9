// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/values/id.hpp>
#include <work/values/text.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

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

inline bool may_still_run(job_state state) noexcept
{
    return state == job_state::scheduled || state == job_state::pending ||
           state == job_state::suspect || state == job_state::active || state == job_state::retry;
}

inline bool may_be_requeued(job_state state) noexcept
{
    return state == job_state::scheduled || state == job_state::retry || state == job_state::dead ||
           state == job_state::set_aside;
}

/// Over the state and all that is kept, not over the time of looking.
inline std::string etag_of(job_info job)
{
    job.now_ms = 0;
    return "\"" + hex(sha256(to_json(job))).substr(0, 32) + "\"";
}

/// Is the tag in a list of them, or the list `*`?
inline bool names(std::string_view list, std::string_view tag)
{
    return list == "*" || list.find(tag) != list.npos;
}

/// The job, when there is one that the caller may look at.
inline task<job_info> look_up(service& at, web_request const& request)
{
    std::string const id(request.parameter("id"));
    if (id_fault(id) != nullptr)
        throw no_such_job(id);
    job_info job = co_await at.look.job(id);
    if (job.state == job_state::unknown || !request.user.may_use(job.queue))
        throw no_such_job(id);
    co_return job;
}

inline problem moved_on(job_info const& job, char const* what)
{
    return problem(
               409,
               "moved-on",
               "Job " + detail::quote(job.id) + " is " + std::string(to_string(job.state)) +
                   ", and " + what
    )
        .member("state", "\"" + std::string(to_string(job.state)) + "\"");
}

/// What a caller acts on is what it saw.
inline void check_match(job_info const& job, web_request const& request)
{
    std::string_view const wanted = request.field("if-match");
    if (!wanted.empty() && !names(wanted, etag_of(job)))
        throw problem(
            412,
            "changed",
            "Job " + detail::quote(job.id) + " changed since it was looked at: look again."
        );
}

inline web_response acted(service& at, std::string id, admin_result result, char const* state)
{
    acted_answer answer;
    answer.code = result == admin_result::done ? "done" : "already";
    answer.state = state;
    answer.now_ms = at.now_ms();
    answer.id = std::move(id);
    return web_response(to_json(answer));
}

}  // namespace detail_of_jobs

WORK_DECL task<web_response> show_job(service& at, web_request const& request)
{
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    std::string const etag = detail_of_jobs::etag_of(job);
    web_response answer;
    answer.fields.emplace_back("ETag", etag);
    if (request.has("if-none-match") &&
        detail_of_jobs::names(request.field("if-none-match"), etag)) {
        answer.status = 304;
        co_return answer;
    }
    answer.body = to_json(job);
    answer.body.back() = ',';
    answer.body += "\"etag\":";
    detail::append_json_string(answer.body, etag);
    answer.body += ",\"can\":[";
    bool const may = request.user.may(right::operate) && !at.options.read_only;
    if (may && detail_of_jobs::may_still_run(job.state))
        answer.body += "\"cancel\"";
    if (may && detail_of_jobs::may_be_requeued(job.state)) {
        if (answer.body.back() != '[')
            answer.body += ',';
        answer.body += "\"requeue\"";
    }
    answer.body += "]}";
    co_return answer;
}

WORK_DECL task<web_response> cancel_job(service& at, web_request const& request)
{
    check_action_body(request);
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    detail_of_jobs::check_match(job, request);
    if (!detail_of_jobs::may_still_run(job.state))
        throw detail_of_jobs::moved_on(job, "only a job that may still run can be cancelled.");
    std::vector<std::string> ids{job.id};
    std::vector<admin_result> const results = co_await at.look.cancel(std::move(ids));
    if (results.at(0) == admin_result::gone)
        throw detail_of_jobs::no_such_job(job.id);
    co_return detail_of_jobs::acted(at, job.id, admin_result::done, "unknown");
}

WORK_DECL task<web_response> requeue_job(service& at, web_request const& request)
{
    check_action_body(request);
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    detail_of_jobs::check_match(job, request);
    if (job.state == job_state::completed)
        throw detail_of_jobs::moved_on(job, "what is done does not run again.");
    std::vector<std::string> ids{job.id};
    std::vector<admin_result> const results = co_await at.look.requeue(std::move(ids));
    switch (results.at(0)) {
    case admin_result::gone: throw detail_of_jobs::no_such_job(job.id);
    case admin_result::active:
        throw detail_of_jobs::moved_on(job, "a job that is being run can't be requeued.");
    case admin_result::unreadable:
        throw detail_of_jobs::moved_on(job, "its record can't be read: see work job.");
    case admin_result::done:
    case admin_result::already: break;
    }
    co_return detail_of_jobs::acted(at, job.id, results[0], "pending");
}

}  // namespace work::web
