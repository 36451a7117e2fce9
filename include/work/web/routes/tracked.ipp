// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/encode.hpp>
#include <work/web/routes/actions.ipp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/queues.ipp>
#include <work/web/routes/routes.hpp>
#include <work/web/tracked_answer.hpp>

#include <boost/describe/class.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

/// A page of them: those behind the one that the cursor names.
struct tracked_page : tracked_sum
{
    std::vector<tracked_job> tracked;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(tracked_page, (tracked_sum), (tracked, next))

namespace detail_of_tracked {

/// Where a page ends: when that job was tracked, and its id.
using end_of_page = std::pair<std::int64_t, std::string>;

inline end_of_page read_end(std::string_view cursor)
{
    std::string const text = detail_of_queues::read_cursor("tracked", cursor);
    end_of_page end;
    auto const [rest, fault] = std::from_chars(text.data(), text.data() + text.size(), end.first);
    if (fault != std::errc() || rest == text.data() + text.size() || *rest != ' ')
        throw problem(400, "bad-cursor", "The cursor is none: begin without one.", "cursor");
    end.second.assign(rest + 1, text.data() + text.size());
    return end;
}

inline std::string write_end(tracked_job const& last)
{
    return detail_of_queues::write_cursor("tracked", std::to_string(last.since_ms) + " " + last.id);
}

/// Whether it comes after that one: earlier, or of the same time and a greater id.
inline bool is_behind(tracked_job const& one, end_of_page const& end)
{
    return one.since_ms != end.first ? one.since_ms < end.first : one.id > end.second;
}

inline web_response answer(service& at, std::string id, admin_code code, job_state state)
{
    acted_answer out;
    out.id = std::move(id);
    out.code = code == admin_code::done ? "done" : "already";
    out.state = to_string(state);
    out.now_ms = at.now_ms();
    return web_response(to_json(out));
}

}  // namespace detail_of_tracked

WORK_DECL task<web_response> list_tracked(service& at, web_request const& request)
{
    namespace here = detail_of_tracked;
    std::string_view const cursor = request.asked("cursor");
    auto const most = static_cast<std::size_t>(asked_number(request, "limit", 50, 1, 500));
    std::optional<here::end_of_page> after;
    if (!cursor.empty())
        after = here::read_end(cursor);
    auto const all = co_await at.tracked->read();
    tracked_page answer;
    static_cast<tracked_sum&>(answer) = sum_of(*all);
    for (tracked_job const& one : all->tracked) {
        if (after && !here::is_behind(one, *after))
            continue;
        if (answer.tracked.size() != most)
            answer.tracked.push_back(one);
        else if (!answer.next)
            answer.next = here::write_end(answer.tracked.back());
    }
    co_return web_response(to_json(answer));
}

WORK_DECL task<web_response> track_job(service& at, web_request const& request)
{
    check_object(request.body.empty() ? "{}" : request.body);
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    std::vector<std::string> ids{job.id};
    std::vector<admin_result> results;
    std::string full;
    try {
        results = co_await at.look.track(std::move(ids), request.user.name);
        at.tracked->outdated();
    } catch (error const& failure) {
        if (failure.code() != errc::too_many)
            throw;
        full = failure.what();
    }
    if (results.empty())
        throw problem(409, "too-many-tracked", full);
    if (results.at(0).code == admin_code::gone)
        throw detail_of_jobs::no_such_job(job.id);
    co_return detail_of_tracked::answer(at, job.id, results[0].code, results[0].state);
}

// Of one that is gone, too.
WORK_DECL task<web_response> untrack_job(service& at, web_request const& request)
{
    std::string const id(request.parameter("id"));
    if (id_fault(id) != nullptr)
        throw detail_of_jobs::no_such_job(id);
    job_info const job = co_await at.look.job(id);
    if (job.state != job_state::unknown && !request.user.may_look_into(job.queue))
        throw detail_of_jobs::no_such_job(id);
    std::vector<std::string> ids{id};
    auto const codes = co_await at.look.untrack(std::move(ids), request.user.name);
    at.tracked->outdated();
    co_return detail_of_tracked::answer(at, id, codes.at(0), job.state);
}

}  // namespace work::web
