// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/make.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/stored_options.hpp>
#include <work/values/text.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/options.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/service.hpp>
#include <work/web/sha256.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>

namespace work::web {

/// What a new job says besides its arguments and the options that travel with it.
struct job_text
{
    std::optional<std::string> name;
    std::optional<std::string> queue;
    std::optional<std::string> id;
    std::optional<std::int64_t> in_ms;
    std::optional<std::int64_t> at_ms;
};
BOOST_DESCRIBE_STRUCT(job_text, (), (name, queue, id, in_ms, at_ms))

namespace detail_of_body {

inline problem bad_json(std::string detail)
{
    return problem(400, "bad-json", std::move(detail));
}

inline problem bad_option(std::string field, std::string detail)
{
    return problem(422, "invalid-option", std::move(detail), std::move(field));
}

inline problem unknown_option(std::string_view name)
{
    return bad_option(
        std::string(name),
        "This server does not know " + detail::quote(name) +
            ", and without it something else would happen than was asked for."
    );
}

/// Members of JOBS that would change what runs, and that this version lacks.
inline constexpr std::array<std::string_view, 9>
    absent{"unique", "track", "then", "next", "serial", "limits", "labels", "stage", "delay_ms"};

inline std::string_view member(std::vector<json_member> const& all, std::string_view name)
{
    for (json_member const& one : all)
        if (one.key == name)
            return one.value;
    return {};
}

/// Those that travel with a job, as `decode_options` reads them.
inline std::string options_in(std::vector<json_member> const& all)
{
    static constexpr std::array<std::string_view, 9> names{
        "priority",
        "max_attempts",
        "timeout_ms",
        "expires_in_ms",
        "deadline_ms",
        "backoff",
        "skip_dead",
        "headers",
        "tags"
    };
    std::string out = "{";
    for (std::string_view const name : names) {
        std::string_view const value = member(all, name);
        if (!value.empty())
            out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(value);
    }
    return out + "}";
}

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

inline void set_time(enqueue_options& how, job_text const& said)
{
    if (said.in_ms && said.at_ms)
        throw bad_option("at_ms", "in_ms and at_ms are both given: a job has one time.");
    constexpr std::int64_t furthest = furthest_due.count();
    if (said.in_ms && (*said.in_ms < 0 || *said.in_ms > furthest))
        throw bad_option("in_ms", "in_ms must be 0 to " + std::to_string(furthest) + ".");
    if (said.in_ms)
        how.in = std::chrono::milliseconds(*said.in_ms);
    constexpr std::int64_t latest = 253'402'300'799'999;  // the end of the year 9999
    if (said.at_ms && (*said.at_ms <= 0 || *said.at_ms > latest))
        throw bad_option("at_ms", "at_ms must be milliseconds since 1970.");
    if (said.at_ms)
        how.at = std::chrono::system_clock::time_point(std::chrono::milliseconds(*said.at_ms));
}

/// The text of the arguments, byte for byte.
inline std::string arguments_of(std::string_view value)
{
    if (value.empty())
        throw bad_option("args", "args are missing: an array, an object, or the text of one.");
    if (value[0] != '"')
        return std::string(value);
    args_parser parser;
    return decode<std::string>(parser.parse(value, "args"), "args");
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

WORK_DECL void check_object(std::string_view text)
{
    if (json_depth(text) > max_web_json_depth)
        throw detail_of_body::bad_json(
            "The body nests deeper than " + std::to_string(max_web_json_depth) +
            " levels: send deep arguments as their text in a string."
        );
    args_parser parser;
    bool object = false;
    try {
        object = !text.empty() && parser.parse(text, "body").is_object();
    } catch (error const& fault) {
        throw detail_of_body::bad_json(fault.what());
    }
    if (!object)
        throw detail_of_body::bad_json("The body must be a JSON object.");
    std::set<std::string_view> keys;
    for (json_member const& one : json_members(text))
        if (!keys.insert(one.key).second)
            throw detail_of_body::bad_json(
                "The member " + detail::quote(one.key) + " comes twice."
            );
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

WORK_DECL new_job
read_job(service const& at, web_request const& request, std::string_view text, std::size_t index)
{
    std::string_view const key = check_key(request);
    check_object(text);
    std::vector<json_member> const members = json_members(text);
    for (std::string_view const name : detail_of_body::absent)
        if (!detail_of_body::member(members, name).empty())
            throw detail_of_body::unknown_option(name);
    job_text said;
    {
        args_parser parser;
        try {
            said = decode<job_text>(parser.parse(text, "job"), "job", "member");
        } catch (error const& fault) {
            throw detail_of_body::bad_option("", fault.what());
        }
    }
    auto const options = decode_options(detail_of_body::options_in(members));
    if (!options)
        throw detail_of_body::bad_option("", options.error());
    if (!said.name || said.name->empty())
        throw detail_of_body::bad_option("name", "name is missing: which job is to run.");
    std::string const id =
        said.id       ? *said.id
        : key.empty() ? std::string()
                      : detail_of_body::key_id(at.core->options.ns, request.user.name, key, index);
    if (said.id && id.empty())
        throw detail_of_body::bad_option("id", "id is empty: leave it out for a generated one.");
    std::string const queue = said.queue.value_or("");
    if (!request.user.may_use(queue.empty() ? *said.name : queue))
        throw problem(
            403,
            "forbidden",
            detail::quote(request.user.name) + " may not use the queue " +
                detail::quote(queue.empty() ? *said.name : queue) + "."
        );
    enqueue_options how;
    how.queue = queue;
    how.id = id;
    how.priority = options->priority;
    how.max_attempts = options->max_attempts;
    how.timeout = options->timeout;
    how.expires_in = options->expires_in;
    how.deadline = options->deadline;
    how.backoff = options->backoff;
    how.skip_dead = options->skip_dead;
    how.headers = header_list(options->headers);
    how.tags = tag_list(options->tags);
    detail_of_body::set_time(how, said);
    std::string const args = detail_of_body::arguments_of(detail_of_body::member(members, "args"));
    return make_json(*said.name, args, how);
}

}  // namespace work::web
