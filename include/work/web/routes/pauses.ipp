// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/encode.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/may_act.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace work::web {

struct pause_body
{
    std::optional<std::string> reason{};
    std::optional<std::int64_t> for_ms{};
};
BOOST_DESCRIBE_STRUCT(pause_body, (), (reason, for_ms))

struct paused_answer
{
    pause_kind kind = pause_kind::queue;
    std::string name;
    bool paused = false;
    admin_code code = admin_code::done;
    std::string by;
    std::string reason;
    std::int64_t since_ms = 0;
    std::int64_t until_ms = 0;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(
    paused_answer,
    (),
    (kind, name, paused, code, by, reason, since_ms, until_ms, now_ms)
)

namespace detail_of_pauses {

inline constexpr std::int64_t longest_ms = 7 * 86'400'000LL;

inline pause_body read_body(web_request const& request)
{
    pause_body said;
    if (request.body.empty())
        return said;
    check_object(request.body);
    args_parser parser;
    try {
        said = decode<pause_body>(parser.parse(request.body, "body"), "body", "member");
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what());
    }
    if (said.reason.value_or("").size() > 200)
        throw problem(422, "invalid-option", "reason is longer than 200 bytes.", "reason");
    if (said.for_ms.value_or(1) < 1 || said.for_ms.value_or(1) > longest_ms)
        throw problem(
            422,
            "invalid-option",
            "for_ms is " + std::to_string(*said.for_ms) +
                ", it must be 1 to 604800000 (7 days); absent: until it is resumed.",
            "for_ms"
        );
    return said;
}

inline std::string name_of(web_request const& request, pause_kind kind)
{
    std::string name(request.parameter(to_string(kind)));
    try {
        validate_name(to_string(kind), name);
    } catch (error const& fault) {
        throw problem(422, "invalid-option", fault.what(), std::string(to_string(kind)));
    }
    return name;
}

inline task<web_response> pause(service& at, web_request const& request, pause_kind kind)
{
    pause_body const said = read_body(request);
    std::string name = name_of(request, kind);
    pause_options how;
    how.lasting = std::chrono::milliseconds(said.for_ms.value_or(0));
    how.by = request.user.name;
    if (said.reason)
        how.reason = *said.reason;
    paused_answer answer;
    answer.kind = kind;
    answer.name = name;
    pause_result const went = co_await at.look.pause(kind, std::move(name), how);
    answer.paused = true;
    answer.code = went.code;
    answer.now_ms = went.now_ms;
    if (went.info) {
        answer.by = went.info->by;
        answer.reason = went.info->reason;
        answer.since_ms = went.info->since_ms;
        answer.until_ms = went.info->until_ms;
    }
    co_return web_response(to_json(answer));
}

inline task<web_response> resume(service& at, web_request const& request, pause_kind kind)
{
    if (!request.body.empty())
        check_object(request.body);
    paused_answer answer;
    answer.kind = kind;
    answer.name = name_of(request, kind);
    std::string name = answer.name;
    answer.code = co_await at.look.resume(kind, std::move(name), request.user.name);
    answer.by = request.user.name;
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

/// Why a queue can't be forgotten, and what would have to be done.
inline std::string in_use(std::string const& name, queue_removal const& is)
{
    std::string const queue = "Queue " + detail::quote(name);
    if (is.jobs > 0)
        return queue + " has " + std::to_string(is.jobs) + (is.jobs == 1 ? " job" : " jobs") +
               ": run, move or delete them first.";
    if (!is.whole)
        return queue + " may have jobs: so many wait for a time that not all were looked at.";
    std::string pools;
    for (std::size_t i = 0; i != std::min<std::size_t>(is.pools.size(), 3); ++i)
        pools += (i == 0 ? "" : ", ") + detail::quote(is.pools[i]);
    if (is.pools.size() > 3)
        pools += " and " + std::to_string(is.pools.size() - 3) + " more";
    return queue + " is served: " + pools + " would run its jobs. Stop them first, or leave it: " +
           "a queue that is not used for a day is forgotten by itself.";
}

}  // namespace detail_of_pauses

WORK_DECL task<web_response> pause_queue(service& at, web_request const& request)
{
    return detail_of_pauses::pause(at, request, pause_kind::queue);
}

WORK_DECL task<web_response> resume_queue(service& at, web_request const& request)
{
    return detail_of_pauses::resume(at, request, pause_kind::queue);
}

WORK_DECL task<web_response> pause_name(service& at, web_request const& request)
{
    return detail_of_pauses::pause(at, request, pause_kind::name);
}

WORK_DECL task<web_response> resume_name(service& at, web_request const& request)
{
    return detail_of_pauses::resume(at, request, pause_kind::name);
}

// What it costs is what a search costs, and it takes its turn with them.
WORK_DECL task<web_response> remove_queue(service& at, web_request const& request)
{
    check_may_act(at, request, admin_action::remove);
    std::string const name = detail_of_pauses::name_of(request, pause_kind::queue);
    std::unique_ptr<search_turns::turn> const turn = co_await at.searches->take(request.user.name);
    std::string queue = name;
    queue_removal const went = co_await at.search.remove_queue(std::move(queue), request.user.name);
    if (went.code == admin_code::gone)
        throw problem(404, "no-such-queue", "No job was ever stored in this queue.", "queue");
    if (went.code != admin_code::done)
        throw problem(409, "queue-in-use", detail_of_pauses::in_use(name, went), "queue")
            .member("jobs", std::to_string(went.jobs))
            .member("whole", went.whole ? "true" : "false")
            .member("pools", to_json(went.pools));
    at.counts->outdated();
    at.places.erase(name);
    web_response answer;
    answer.status = 204;
    answer.body.clear();
    co_return answer;
}

}  // namespace work::web
