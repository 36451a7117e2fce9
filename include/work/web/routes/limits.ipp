// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/limits.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_limit.hpp>
#include <work/web/etag.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/check_seen.hpp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/routes.hpp>
#include <work/web/sha256.hpp>

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct limits_page
{
    std::vector<limit_state> limits;
    std::int64_t of = 0;
    std::optional<std::string> next;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(limits_page, (), (limits, of, next, now_ms))

struct limit_shown_answer
{
    limit_state limit;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(limit_shown_answer, (), (limit, now_ms))

struct limit_put_answer
{
    std::string name;
    limit_put code = limit_put::created;
    limit_state limit;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(limit_put_answer, (), (name, code, limit, now_ms))

struct limit_removed_answer
{
    std::string name;
    limit_code code = limit_code::done;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(limit_removed_answer, (), (name, code, now_ms))

namespace detail_of_limits {

inline problem no_such_limit(std::string_view name)
{
    return problem(
        404,
        "no-such-limit",
        "There is no limit " + detail::quote(name) + ": it was never set, or was removed."
    );
}

/// Over how it is set, not over what runs under it.
inline std::string etag_of(limit_state one)
{
    one.held = one.waiting = 0;
    one.holders.clear();
    one.waiters.clear();
    return "\"" + hex(sha256(to_json(one))).substr(0, 32) + "\"";
}

inline task<void> check_match(service& at, web_request const& request)
{
    if (!asks_for_tags(request))
        co_return;
    std::string name(request.parameter("limit"));
    std::string what = "Limit " + detail::quote(name);
    auto const now = co_await at.limits.get(std::move(name));
    check_seen(request, now, etag_of, std::move(what));
}

inline void read_anew(service& at)
{
    at.all_limits->outdated();
    at.counts->outdated();
}

/// Why it was not set.
inline problem refused(error const& fault)
{
    if (fault.code() == errc::too_many)
        return problem(409, "too-many-limits", fault.what());
    return problem(422, "invalid-option", fault.what());
}

inline void check_slots(std::int64_t slots)
{
    if (slots < 0 || slots > detail::most_slots)
        throw problem(
            422,
            "invalid-option",
            "slots is " + std::to_string(slots) + ", it must be 0 to " +
                std::to_string(detail::most_slots) + ".",
            "slots"
        );
}

}  // namespace detail_of_limits

WORK_DECL task<web_response> list_limits(service& at, web_request const& request)
{
    std::string_view const part = request.asked("q");
    std::string_view const cursor = request.asked("cursor");
    auto const most = static_cast<std::size_t>(asked_number(request, "limit", 50, 1, 500));
    std::string const after = cursor.empty() ? "" : detail_of_queues::read_cursor(part, cursor);
    auto const all = co_await at.all_limits->read();
    limits_page answer;
    answer.now_ms = at.now_ms();
    for (limit_state const& one : *all) {
        if (one.name.find(part) == one.name.npos)
            continue;
        ++answer.of;
        if (!after.empty() && one.name <= after)
            continue;
        if (answer.limits.size() != most)
            answer.limits.push_back(one);
        else if (!answer.next)
            answer.next = detail_of_queues::write_cursor(part, answer.limits.back().name);
    }
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> show_limit(service& at, web_request const& request)
{
    std::string name(request.parameter("limit"));
    std::optional<limit_state> found = co_await at.limits.get(std::move(name));
    if (!found)
        throw detail_of_limits::no_such_limit(request.parameter("limit"));
    limit_shown_answer answer;
    answer.limit = std::move(*found);
    answer.now_ms = at.now_ms();
    web_response shown(to_json(answer));
    shown.fields.emplace_back("ETag", detail_of_limits::etag_of(answer.limit));
    co_return shown;
}

WORK_DECL task<web_response> put_limit_there(service& at, web_request const& request)
{
    described_limit said = read_described_limit(request.body);
    detail_of_limits::check_slots(said.slots);
    co_await detail_of_limits::check_match(at, request);
    limit_put_answer answer;
    answer.name = request.parameter("limit");
    std::string name = answer.name;
    std::string who = request.user.name;
    std::optional<problem> fault;
    try {
        put_limit went =
            co_await put_described(at.limits, std::move(name), std::move(said), std::move(who));
        answer.code = went.code;
        answer.limit = std::move(went.limit);
    } catch (error const& why) {
        if (why.code() != errc::too_many && why.code() != errc::invalid_option)
            throw;
        fault = detail_of_limits::refused(why);
    }
    if (fault)
        throw *fault;
    detail_of_limits::read_anew(at);
    answer.now_ms = at.now_ms();
    web_response done(to_json(answer), answer.code == limit_put::created ? 201 : 200);
    done.fields.emplace_back("ETag", detail_of_limits::etag_of(answer.limit));
    co_return done;
}

WORK_DECL task<web_response> delete_limit(service& at, web_request const& request)
{
    co_await detail_of_limits::check_match(at, request);
    limit_removed_answer answer;
    answer.name = request.parameter("limit");
    std::string name = answer.name;
    std::string who = request.user.name;
    bool const went = co_await at.limits.remove(std::move(name), std::move(who));
    if (!went)
        throw detail_of_limits::no_such_limit(answer.name);
    detail_of_limits::read_anew(at);
    answer.now_ms = at.now_ms();
    co_return web_response(to_json(answer));
}

}  // namespace work::web
