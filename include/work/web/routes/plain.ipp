// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/head.hpp>
#include <work/web/hidden.hpp>
#include <work/web/html.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/job_rows.hpp>
#include <work/web/routes/plain_parts.hpp>
#include <work/web/routes/routes.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_plain {

inline constexpr std::size_t most_requeued = 50;

inline void add_totals(html_page& page, broker_counts const& c)
{
    page.heading("How much there is");
    page.table(
        {"Pending",
         "Active",
         "Scheduled",
         "Retry",
         "Dead",
         "Suspect",
         "Set aside",
         "Waiting",
         "Done today",
         "Failed today"},
        {{number(c.pending),
          number(c.active),
          number(c.scheduled),
          number(c.retry),
          number(c.dead),
          number(c.suspect),
          number(c.set_aside),
          number(c.waiting),
          number(c.processed_today),
          number(c.failed_today)}}
    );
}

/// Jobs wait that nobody will run: that first.
inline void add_unserved(
    html_page& page,
    broker_counts const& counts,
    std::vector<pool_info> const& pools
)
{
    std::map<std::string, std::int64_t> waiting;
    for (queue_info const& one : counts.lists)
        if (one.pending > 0)
            waiting[one.name] += one.pending;
    for (pool_info const& pool : pools)
        for (std::string const& name : pool.job_names)
            waiting.erase(name);
    if (waiting.empty())
        return;
    std::string text = "Jobs wait, and no worker pool that is alive runs them:";
    std::size_t told = 0;
    for (auto const& [name, count] : waiting) {
        if (++told == 11) {
            text += " and " + std::to_string(waiting.size() - 10) + " names more";
            break;
        }
        text += (told == 1 ? " " : ", ") + name + " (" + std::to_string(count) + ")";
    }
    page.paragraph(text + ".", true);
}

inline std::int64_t told(web_request const& request, std::string_view name)
{
    std::string_view const text = request.asked(name);
    bool const digits =
        !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == text.npos;
    return digits ? std::stoll(std::string(text)) : -1;
}

/// What became of the form that was sent.
inline void add_told(html_page& page, web_request const& request)
{
    std::int64_t const done = told(request, "requeued");
    std::int64_t const left = told(request, "left");
    if (done < 0)
        return;
    page.paragraph(
        std::to_string(done) + " job(s) requeued." +
            (left > 0 ? " " + std::to_string(left) + " were no longer dead, and left alone." : ""),
        left > 0
    );
}

inline bool may_requeue(service const& at, web_request const& request)
{
    return request.user.may(right::operate) && !at.options.read_only;
}

inline void add_dead(html_page& page, job_page const& dead, bool may_act, bool hide)
{
    page.heading("Dead jobs");
    if (dead.jobs.empty())
        page.paragraph("None.");
    else if (may_act)
        page.form(
            "plain/requeue",
            "Requeue those that are ticked",
            job_columns(job_state::dead),
            job_cells(dead, job_state::dead, hide)
        );
    else
        page.table(job_columns(job_state::dead), job_cells(dead, job_state::dead, hide));
    if (dead.of > static_cast<std::int64_t>(dead.jobs.size()))
        page.link("All " + std::to_string(dead.of), "dead_jobs");
}

/// Members `id` of a form's body.
inline std::vector<std::string> ticked(std::string body)
{
    std::vector<std::string> ids;
    std::replace(body.begin(), body.end(), '+', ' ');
    for (std::string_view rest = body; !rest.empty();) {
        std::string_view const part = detail::take_part(rest, '&');
        std::string id;
        if (!part.starts_with("id=") || !percent_decode(part.substr(3), id))
            throw problem(400, "bad-request", "The form may have fields `id` alone.");
        ids.push_back(std::move(id));
    }
    if (ids.empty() || ids.size() > most_requeued)
        throw problem(
            422,
            "invalid-option",
            "The form names " + std::to_string(ids.size()) +
                " jobs: tick 1 to 50. POST /api/v1/jobs/actions takes 256.",
            "id"
        );
    return ids;
}

}  // namespace detail_of_plain

WORK_DECL task<web_response> show_plain(service& at, web_request const& request)
{
    if (!wants_html(request)) {
        web_response json = co_await show_root(at, request);
        co_return json;
    }
    if (!request.user.may(right::see))
        throw problem(
            403,
            "forbidden",
            detail::quote(request.user.name) + " has not the right see, which this needs."
        );
    auto const counts = co_await at.counts->read();
    auto const pools = co_await at.pools->read();
    job_page const dead = co_await read_page(at, job_state::dead, 1);
    html_page page("Overview", at.core->options.ns);
    detail_of_plain::add_told(page, request);
    detail_of_plain::add_unserved(page, *counts, *pools);
    detail_of_plain::add_paused(page, *counts);
    detail_of_plain::add_totals(page, *counts);
    detail_of_plain::add_queues(page, *counts);
    page.heading("Worker pools");
    if (pools->empty())
        page.paragraph("None showed a sign of life in the last 15 s.", counts->pending > 0);
    else
        page.table(
            detail_of_plain::pool_columns,
            detail_of_plain::pool_cells(*pools, counts->now_ms)
        );
    detail_of_plain::add_dead(
        page,
        dead,
        detail_of_plain::may_requeue(at, request),
        hides(request)
    );
    page.link("The HTTP API", "api/v1/openapi.json");
    co_return page.answer();
}

WORK_DECL task<web_response> show_style(service&, web_request const&)
{
    web_response answer{std::string(plain_style())};
    answer.content_type = "text/css; charset=utf-8";
    co_return answer;
}

WORK_DECL task<web_response> requeue_ticked(service& at, web_request const& request)
{
    std::vector<std::string> ids = detail_of_plain::ticked(request.body);
    admin_options how;
    how.only = job_states{job_state::dead};
    how.by = request.user.name;
    auto const results = co_await at.look.requeue(std::move(ids), how);
    auto const done = std::count_if(results.begin(), results.end(), [](admin_result const& one) {
        return one.code == admin_code::done;
    });
    web_response answer;
    answer.status = 303;
    answer.content_type = "text/html; charset=utf-8";
    answer.fields.emplace_back(
        "Location",
        "../plain?requeued=" + std::to_string(done) +
            "&left=" + std::to_string(static_cast<std::ptrdiff_t>(results.size()) - done)
    );
    co_return answer;
}

}  // namespace work::web
