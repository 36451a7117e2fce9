// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_page.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/hidden.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {

struct jobs_answer
{
    std::vector<job_row> jobs;
    std::optional<std::string> next;
    std::int64_t scanned = 0;
    std::int64_t of = 0;
    bool skipped = false;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(jobs_answer, (), (jobs, next, scanned, of, skipped, now_ms))

namespace detail_of_list {

inline job_states states(std::string_view text)
{
    job_states all;
    while (!text.empty()) {
        std::string_view const word = detail::take_part(text, ',');
        job_state const state = state_named(word);
        if (state == job_state::unknown)
            throw problem(
                400,
                "bad-parameter",
                "state is " + detail::quote(word) +
                    ", it must be some of waiting, scheduled, pending, suspect, active, retry, "
                    "dead, completed, cancelled, set_aside.",
                "state"
            );
        all = all | job_states{state};
    }
    return all;
}

inline job_order order(std::string_view text, job_states states)
{
    if (text.empty())
        return job_order::usual;
    if (text != "oldest" && text != "newest")
        throw problem(
            400,
            "bad-parameter",
            "order is " + detail::quote(text) + ", it must be oldest or newest.",
            "order"
        );
    job_states const by_list{job_state::pending, job_state::active, job_state::suspect};
    bool fits = !states.empty();
    for (job_state const one : detail::states_in_order)
        fits = fits && !(states.contains(one) && by_list.contains(one));
    if (!fits)
        throw problem(
            400,
            "bad-parameter",
            "order is of states that are kept by time: give state, of waiting, scheduled, retry, "
            "dead, completed, cancelled and set_aside. Others are listed as they will be taken.",
            "order"
        );
    return text == "oldest" ? job_order::oldest : job_order::newest;
}

}  // namespace detail_of_list

WORK_DECL task<web_response> list_jobs(service& at, web_request const& request)
{
    constexpr std::int64_t latest = 9'999'999'999'999;
    job_filter filter;
    filter.states = detail_of_list::states(request.asked("state"));
    filter.queue = request.asked("queue");
    filter.name = request.asked("name");
    filter.pool = request.asked("pool");
    filter.tag = request.asked("tag");
    filter.failure = request.asked("failure");
    filter.message = request.asked("message");
    filter.args = request.asked("args");
    filter.since_ms = asked_number(request, "since_ms", 0, 0, latest);
    filter.until_ms = asked_number(request, "until_ms", 0, 0, latest);
    filter.min_attempt = static_cast<int>(asked_number(request, "min_attempt", 0, 0, 9'999));
    if (hides(request) && (!filter.message.empty() || !filter.args.empty()))
        throw hidden_search();
    page how;
    how.cursor = request.asked("cursor");
    how.limit = static_cast<int>(asked_number(request, "limit", 50, 1, 500));
    how.scan = static_cast<int>(asked_number(request, "scan", 1'000, 1, 10'000));
    how.order = detail_of_list::order(request.asked("order"), filter.states);
    detail::validate(filter, how);
    // What is looked at by itself, again and again, is less.
    std::unique_ptr<search_turns::turn> turn;
    if (how.scan > 1'000)
        turn = co_await at.searches->take(request.user.name);
    job_page found;
    try {
        task<job_page> call = turn ? at.search.find(filter, how) : at.look.find(filter, how);
        found = co_await std::move(call);
    } catch (error const& fault) {
        // All else was looked at before.
        if (fault.code() != errc::invalid_option)
            throw;
        throw problem(
            400,
            "bad-cursor",
            "The cursor is none, or of a request with another filter: begin without one.",
            "cursor"
        );
    }
    jobs_answer answer;
    answer.jobs = std::move(found.jobs);
    if (!found.next.empty())
        answer.next = std::move(found.next);
    answer.scanned = found.scanned;
    answer.of = found.of;
    answer.skipped = found.skipped;
    answer.now_ms = found.now_ms;
    co_return web_response(shown_json(to_json(answer), hides(request)));
}

}  // namespace work::web
