// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/text.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/service.hpp>
#include <work/web/sha256.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>

namespace work::web {
namespace detail_of_body {

inline std::string key_id(
    std::string_view ns,
    std::string_view user,
    std::string_view key,
    std::size_t index
)
{
    // Each part with its length, so that no two lists of parts make one text.
    std::string text = "work:idempotency:1";
    for (std::string_view const part : {ns, user, key})
        text += ":" + std::to_string(part.size()) + ":" + std::string(part);
    return base32(sha256(text + ":" + std::to_string(index)));
}

}  // namespace detail_of_body

WORK_DECL std::string_view check_key(web_request const& request)
{
    std::string_view const key = request.field("idempotency-key");
    if (!request.has("idempotency-key"))
        return key;
    bool const good =
        !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '.' || c == '_' || c == '-';
        });
    if (!good)
        throw problem(
            400,
            "bad-parameter",
            "Idempotency-Key must be 1 to 64 of [A-Za-z0-9._-].",
            "Idempotency-Key"
        );
    return key;
}

namespace detail_of_body {

/// The members of the body of an action that mean something to it.
struct action_text
{
    std::string action{};
    std::vector<std::string> ids{};
    std::vector<std::string> only{};
    std::int64_t seen_ms = 0;
    std::string queue{};
    std::string reason{};
};
BOOST_DESCRIBE_STRUCT(action_text, (), (action, ids, only, seen_ms, queue, reason))

inline action_text read_text(std::string_view body)
{
    check_object(body);
    for (json_member const& one : json_members(body)) {
        if (one.key == "force")
            throw unknown_option("force");
    }
    args_parser parser;
    try {
        return decode<action_text>(parser.parse(body, "body"), "body", "member");
    } catch (error const& fault) {
        throw bad_option("", fault.what());
    }
}

inline action_body how_of(action_text const& text, admin_action action)
{
    action_body how;
    for (std::string const& word : text.only) {
        job_state const state = state_named(word);
        if (state == job_state::unknown)
            throw bad_option("only", "only has " + detail::quote(word) + ", which is no state.");
        how.only = how.only | job_states{state};
    }
    if (text.seen_ms < 0)
        throw bad_option("seen_ms", "seen_ms is below 0.");
    how.seen_ms = text.seen_ms;
    if (!text.queue.empty() && action != admin_action::move)
        throw bad_option("queue", "queue is for move alone.");
    if (!text.queue.empty() && name_fault(text.queue) != nullptr)
        throw bad_option(
            "queue",
            "queue " + detail::quote(text.queue) + " can't be used: " + name_fault(text.queue)
        );
    how.queue = text.queue;
    check_reason(text.reason);
    how.reason = text.reason;
    return how;
}

}  // namespace detail_of_body

WORK_DECL action_body read_action(web_request const& request, admin_action action)
{
    detail_of_body::action_text text;
    if (!request.body.empty())
        text = detail_of_body::read_text(request.body);
    return detail_of_body::how_of(text, action);
}

WORK_DECL admin_action action_named(std::string_view word)
{
    for (admin_action const action :
         {admin_action::cancel,
          admin_action::requeue,
          admin_action::kill,
          admin_action::remove,
          admin_action::move}) {
        if (word == to_string(action))
            return action;
    }
    throw detail_of_body::bad_option(
        "action",
        "action is " + detail::quote(word) + ", it must be cancel, requeue, kill, delete or move."
    );
}

WORK_DECL many_actions read_many_actions(web_request const& request)
{
    using detail_of_body::bad_option;
    detail_of_body::action_text text = detail_of_body::read_text(request.body);
    many_actions all;
    all.action = action_named(text.action);
    if (text.ids.empty() || text.ids.size() > 256)
        throw bad_option(
            "ids",
            "ids has " + std::to_string(text.ids.size()) + " jobs, it must have 1 to 256."
        );
    all.how = detail_of_body::how_of(text, all.action);
    all.ids = std::move(text.ids);
    return all;
}

WORK_DECL void check_queue_right(web_request const& request, described_job const& job)
{
    std::string const& queue = job.queue.empty() ? job.name : job.queue;
    if (!request.user.may_use(queue))
        throw problem(
            403,
            "forbidden",
            detail::quote(request.user.name) + " may not use the queue " + detail::quote(queue) +
                "."
        );
}

WORK_DECL std::string id_of_key(
    service const& at,
    std::string_view user,
    std::string_view key,
    std::size_t index
)
{
    return detail_of_body::key_id(at.core->options.ns, user, key, index);
}

WORK_DECL new_job
read_job(service const& at, web_request const& request, std::string_view text, std::size_t index)
{
    std::string_view const key = check_key(request);
    described_job const job = read_described(text);
    for (json_member const& one : json_members(text))
        if (one.key == "after")
            throw detail_of_body::bad_option(
                "after",
                "after is of the jobs of a flow: POST /api/v1/flows stores them."
            );
    check_queue_right(request, job);
    return make_described(
        job,
        key.empty() ? std::string() : id_of_key(at, request.user.name, key, index)
    );
}

}  // namespace work::web
