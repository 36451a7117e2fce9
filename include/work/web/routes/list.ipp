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
                    ", it must be some of scheduled, pending, suspect, active, retry, dead, "
                    "completed, cancelled, set_aside.",
                "state"
            );
        all = all | job_states{state};
    }
    return all;
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
    if (!filter.queue.empty())
        validate_name("queue", filter.queue);
    if (!filter.name.empty())
        validate_name("name", filter.name);
    job_page found;
    try {
        found = co_await at.look.find(filter, how);
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
