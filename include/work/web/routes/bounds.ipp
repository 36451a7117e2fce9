// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/bounds.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_bound.hpp>
#include <work/web/etag.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/check_seen.hpp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct bounds_shown_answer
{
    std::vector<bound_state> bounds;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(bounds_shown_answer, (), (bounds, now_ms))

struct bound_shown_answer
{
    bound_state bound;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(bound_shown_answer, (), (bound, now_ms))

struct bound_put_answer
{
    std::string queue;
    bound_put code = bound_put::created;
    bound_state bound;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(bound_put_answer, (), (queue, code, bound, now_ms))

struct bound_removed_answer
{
    std::string queue;
    bound_code code = bound_code::done;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(bound_removed_answer, (), (queue, code, now_ms))

namespace detail_of_bounds {

inline problem no_such_bound(std::string_view queue)
{
    return problem(
        404,
        "no-such-bound",
        "Queue " + detail::quote(queue) + " has no bound: it was never set, or was removed."
    );
}

/// Over how it is set, not over what waits under it.
inline std::string etag_of(bound_state one)
{
    one.pending = one.refused = one.dropped = one.full_at_ms = 0;
    return "\"" + hex(sha256(to_json(one))).substr(0, 32) + "\"";
}

inline task<void> check_match(service& at, web_request const& request)
{
    if (!asks_for_tags(request))
        co_return;
    std::string name(request.parameter("queue"));
    std::string what = "The bound of queue " + detail::quote(name);
    auto const now = co_await at.bounds.get(std::move(name));
    check_seen(request, now, etag_of, std::move(what));
}

inline void check_most(std::int64_t most)
{
    if (most < 1 || most > 1'000'000'000)
        throw problem(
            422,
            "invalid-option",
            "most is " + std::to_string(most) + ", it must be 1 to 1000000000.",
            "most"
        );
}

}  // namespace detail_of_bounds

WORK_DECL task<web_response> list_bounds(service& at, web_request const&)
{
    auto const all = co_await at.all_bounds->read();
    bounds_shown_answer answer;
    answer.now_ms = at.now_ms();
    answer.bounds = *all;
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> show_bound(service& at, web_request const& request)
{
    std::string queue(request.parameter("queue"));
    std::optional<bound_state> found = co_await at.bounds.get(std::move(queue));
    if (!found)
        throw detail_of_bounds::no_such_bound(request.parameter("queue"));
    bound_shown_answer answer;
    answer.bound = std::move(*found);
    answer.now_ms = at.now_ms();
    web_response shown(to_json(answer));
    shown.fields.emplace_back("ETag", detail_of_bounds::etag_of(answer.bound));
    co_return shown;
}

WORK_DECL task<web_response> put_bound_there(service& at, web_request const& request)
{
    described_bound said = read_described_bound(request.body);
    detail_of_bounds::check_most(said.most);
    co_await detail_of_bounds::check_match(at, request);
    bound_put_answer answer;
    answer.queue = request.parameter("queue");
    std::string queue = answer.queue;
    std::string who = request.user.name;
    std::optional<problem> fault;
    try {
        put_bound went = co_await put_described_bound(
            at.bounds,
            std::move(queue),
            std::move(said),
            std::move(who)
        );
        answer.code = went.code;
        answer.bound = std::move(went.bound);
    } catch (error const& why) {
        if (why.code() != errc::too_many)
            throw;
        fault = problem(409, "too-many-bounds", why.what());
    }
    if (fault)
        throw *fault;
    at.all_bounds->outdated();
    answer.now_ms = at.now_ms();
    web_response done(to_json(answer), answer.code == bound_put::created ? 201 : 200);
    done.fields.emplace_back("ETag", detail_of_bounds::etag_of(answer.bound));
    co_return done;
}

WORK_DECL task<web_response> delete_bound(service& at, web_request const& request)
{
    co_await detail_of_bounds::check_match(at, request);
    bound_removed_answer answer;
    answer.queue = request.parameter("queue");
    std::string queue = answer.queue;
    std::string who = request.user.name;
    bool const went = co_await at.bounds.remove(std::move(queue), std::move(who));
    if (!went)
        throw detail_of_bounds::no_such_bound(answer.queue);
    at.all_bounds->outdated();
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace work::web
