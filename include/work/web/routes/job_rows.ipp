// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/duration.hpp>
#include <work/web/head.hpp>
#include <work/web/hidden.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/job_rows.hpp>

#include <algorithm>
#include <utility>

namespace work::web {

WORK_DECL int asked_page(web_request const& request)
{
    return static_cast<int>(asked_number(request, "page", 1, 1, most_pages));
}

WORK_DECL task<job_page> read_page(service& at, job_state state, int number)
{
    job_filter filter;
    filter.states = job_states{state};
    std::string cursor;
    job_page found;
    for (int skip = (number - 1) * rows_a_page; skip > 0;) {
        page how;
        how.cursor = cursor;
        how.limit = std::min(skip, 500);
        how.scan = how.limit;
        found = co_await at.look.find(filter, how);
        skip -= std::max(1, static_cast<int>(found.jobs.size()));
        cursor = found.next;
        if (cursor.empty()) {
            found.jobs.clear();
            co_return found;
        }
    }
    page how;
    how.cursor = cursor;
    how.limit = rows_a_page;
    how.scan = rows_a_page;
    co_return co_await at.look.find(filter, how);
}

WORK_DECL std::string relative_time(std::int64_t at_ms, std::int64_t now_ms)
{
    if (at_ms == 0)
        return "";
    std::int64_t const apart = (at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms) / 1'000;
    std::string const text = apart == 0 ? "0s" : format_duration(std::chrono::seconds(apart));
    return at_ms > now_ms ? "in " + text : text + " ago";
}

WORK_DECL std::string job_link(std::string_view id)
{
    return "api/v1/job?id=" + percent_encode(id);
}

WORK_DECL std::vector<std::string> job_columns(job_state state)
{
    std::vector<std::string> columns{"Job", "Name", "Queue"};
    switch (state) {
    case job_state::dead: columns.emplace_back("Died"); break;
    case job_state::retry: columns.emplace_back("Runs again"); break;
    case job_state::scheduled: columns.emplace_back("Runs"); break;
    case job_state::active: columns.emplace_back("Lease ends"); break;
    default: columns.emplace_back("Stored"); break;
    }
    if (state == job_state::active)
        columns.emplace_back("Worker pool");
    if (state == job_state::dead || state == job_state::retry) {
        columns.emplace_back("Failed");
        columns.emplace_back("Last failure");
    }
    columns.emplace_back("Arguments");
    return columns;
}

WORK_DECL std::vector<std::vector<html_cell>> job_cells(
    job_page const& from,
    job_state state,
    bool hide
)
{
    std::vector<std::vector<html_cell>> rows;
    for (job_row const& one : from.jobs) {
        std::vector<html_cell>& cells = rows.emplace_back();
        cells.push_back({one.id, job_link(one.id)});
        cells.push_back(
            {one.unreadable.empty() ? one.name
             : hide                 ? std::string(hidden_text)
                                    : one.unreadable}
        );
        cells.push_back({one.queue});
        cells.push_back({relative_time(one.when_ms == 0 ? one.created_ms : one.when_ms, from.now_ms)
        });
        if (state == job_state::active)
            cells.push_back({one.pool});
        if (state == job_state::dead || state == job_state::retry) {
            cells.push_back({std::to_string(one.failed_attempts), "", true});
            std::string why;
            if (one.failure)
                why = one.failure->type + ": " +
                      (hide ? std::string(hidden_text) : one.failure->message.substr(0, 256));
            cells.push_back({std::move(why)});
        }
        cells.push_back({hide ? std::string(hidden_text) : one.args});
    }
    return rows;
}

}  // namespace work::web
