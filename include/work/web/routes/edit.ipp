// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/routes/jobs.ipp>

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>

namespace work::web {

/// Members of a PATCH beside `args`, which is taken byte for byte, and the options.
struct edit_text
{
    std::optional<std::string> queue{};
    std::optional<int> priority{};
    std::int64_t at_ms = 0;
    std::int64_t in_ms = -1;
};
BOOST_DESCRIBE_STRUCT(edit_text, (), (queue, priority, at_ms, in_ms))

namespace detail_of_edit {

inline problem bad(std::string detail, std::string field = {})
{
    return problem(422, "invalid-option", std::move(detail), std::move(field));
}

/// What a PATCH says, in texts of its own.
struct said
{
    edit_text text;
    std::optional<std::string> args;
    std::string options;
};

inline said read(web_request const& request)
{
    check_object(request.body);
    said all;
    args_parser parser;
    std::string beside;  // of the options, and the arguments
    for (json_member const& one : json_members(request.body)) {
        if (one.key == "args") {
            bool const quoted = one.value.starts_with('"');
            all.args = quoted ? decode<std::string>(parser.parse(one.value, "args"), "args")
                              : std::string(one.value);
            continue;
        }
        if (one.key == "queue" || one.key == "priority" || one.key == "at_ms" ||
            one.key == "in_ms") {
            beside.append(beside.empty() ? "{\"" : ",\"");
            beside.append(one.key).append("\":").append(one.value);
            continue;
        }
        // Those that are none are refused by name.
        all.options.append(all.options.empty() ? "{\"" : ",\"");
        all.options.append(one.key).append("\":").append(one.value);
    }
    if (!all.options.empty())
        all.options += "}";
    try {
        beside += beside.empty() ? "{}" : "}";
        all.text = decode<edit_text>(parser.parse(beside, "body"), "body", "member");
    } catch (error const& fault) {
        throw bad(fault.what());
    }
    if (all.text.at_ms > 0 && all.text.in_ms >= 0)
        throw bad("in_ms and at_ms are both given: a job has one time.", "at_ms");
    return all;
}

}  // namespace detail_of_edit

WORK_DECL task<web_response> edit_job(service& at, web_request const& request)
{
    namespace here = detail_of_edit;
    here::said const all = here::read(request);
    if (hides(request))
        throw problem(403, "forbidden", "What jobs hold is hidden here, so it can't be changed.");
    if (request.field("if-match").empty())
        throw problem(
            428,
            "precondition-required",
            "If-Match is missing: send the ETag of the job that you saw."
        );
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    detail_of_jobs::check_match(job, request);
    job_change change;
    if (all.args)
        change.args = *all.args;
    if (all.text.queue)
        change.queue = *all.text.queue;
    change.priority = all.text.priority;
    change.due_ms = all.text.in_ms >= 0 ? job.now_ms + all.text.in_ms : all.text.at_ms;
    change.options = all.options;
    change.version = job.version;
    change.by = request.user.name;
    admin_result result;
    try {
        result = co_await at.look.edit(job.id, change);
    } catch (error const& fault) {
        if (fault.code() == errc::invalid_option)
            throw here::bad(std::string(fault.what()) + ".");
        throw;
    }
    switch (result.code) {
    case admin_code::gone: throw detail_of_jobs::no_such_job(job.id);
    case admin_code::done: break;
    default:
        if (result.state == job.state && result.code == admin_code::moved_on &&
            !job.version.empty())
            throw detail_of_jobs::changed(job.id);
        throw problem(
            409,
            "moved-on",
            "Job " + detail::quote(job.id) + " is " + std::string(to_string(result.state)) +
                ": waiting, scheduled, pending, retrying and dead jobs can be changed."
        )
            .member("state", "\"" + std::string(to_string(result.state)) + "\"");
    }
    co_return co_await show_job(at, request);
}

}  // namespace work::web
