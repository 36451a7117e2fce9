// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
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

// The routes of gocraft/work's web UI, in its JSON: what was made for that one reads this. Times
// are whole seconds.

namespace work::web {
namespace detail_of_founders {

/// A JSON object, member by member.
class object
{
public:
    object& text(std::string_view name, std::string_view value)
    {
        key(name);
        detail::append_json_string(out_, detail::sanitized_utf8(value, 8'192));
        return *this;
    }
    object& whole(std::string_view name, std::int64_t value)
    {
        return raw(name, std::to_string(value));
    }
    object& raw(std::string_view name, std::string_view json)
    {
        key(name);
        out_ += json;
        return *this;
    }
    std::string done() const { return out_ + "}"; }

private:
    void key(std::string_view name)
    {
        out_ += out_.size() == 1 ? "\"" : ",\"";
        out_.append(name).append("\":");
    }

    std::string out_ = "{";
};

inline std::string array(std::vector<std::string> const& parts)
{
    std::string out = "[";
    for (std::string const& one : parts)
        out.append(out.size() == 1 ? "" : ",").append(one);
    return out + "]";
}

inline std::string texts(std::vector<std::string> const& all)
{
    std::vector<std::string> parts;
    for (std::string const& one : all)
        detail::append_json_string(parts.emplace_back(), detail::sanitized_utf8(one, 512));
    return array(parts);
}

inline std::int64_t seconds(std::int64_t ms)
{
    return ms / 1'000;
}

inline std::string_view time_member(job_state state) noexcept
{
    return state == job_state::retry ? "retry_at" : state == job_state::dead ? "died_at" : "run_at";
}

/// What a row has of longer arguments is their beginning, and their size.
inline constexpr std::int64_t whole_args = 256;

/// Arguments stand as they are stored; those that are cut, as a text.
inline std::string job(job_row const& row, job_state state)
{
    object out;
    if (state != job_state::pending)
        out.whole(time_member(state), seconds(row.when_ms));
    out.text("name", row.name).text("id", row.id).whole("t", seconds(row.created_ms));
    bool const whole = row.unreadable.empty() && !row.args.empty() && row.args_bytes <= whole_args;
    if (whole)
        out.raw("args", row.args);
    else
        out.text("args", row.args);
    if (state == job_state::retry || state == job_state::dead) {
        out.whole("fails", row.failed_attempts);
        out.text("err", row.failure ? row.failure->message : "");
        out.whole("failed_at", row.failure ? seconds(row.failure->at_ms) : 0);
    }
    return out.done();
}

inline void add_pages(html_page& page, job_page const& from, std::string_view path, int number)
{
    page.paragraph(
        from.of < 0
            ? "Page " + std::to_string(number) + "."
            : "Page " + std::to_string(number) + ", " + std::to_string(from.of) + " job(s) in all."
    );
    if (number > 1)
        page.link("Page before", std::string(path) + "?page=" + std::to_string(number - 1));
    if (!from.next.empty() && number < most_pages)
        page.link("Next page", std::string(path) + "?page=" + std::to_string(number + 1));
}

inline task<web_response> jobs_of(
    service& at,
    web_request const& request,
    job_state state,
    std::string_view title,
    std::string_view path
)
{
    if (goes_to_ui(at, request))
        co_return to_ui("jobs?state=" + std::string(to_string(state)));
    bool const html = wants_html(request);
    int const number = asked_page(request);
    job_page const found = co_await read_page(at, state, number);
    if (html) {
        html_page page(title, at.core->options.ns);
        if (found.jobs.empty())
            page.paragraph("None here.");
        else
            page.table(job_columns(state), job_cells(found, state, hides(request)));
        add_pages(page, found, path, number);
        co_return page.answer();
    }
    std::vector<std::string> jobs;
    for (job_row const& row : found.jobs)
        jobs.push_back(job(row, state));
    object all;
    all.whole("count", std::max<std::int64_t>(0, found.of)).raw("jobs", array(jobs));
    co_return web_response(shown_json(all.done(), hides(request)));
}

inline std::string busy_worker(job_row const& row, job_info const& job)
{
    object out;
    out.text("worker_id", row.pool).raw("is_busy", "true").text("job_name", row.name);
    out.text("job_id", row.id).whole("started_at", seconds(row.fence / 1'000));
    out.text("args_json", job.args);
    out.text("checkin", job.progress ? job.progress->message : "");
    out.whole("checkin_at", 0);  // it is not kept
    return out.done();
}

/// Jobs of a name that wait, in all queues.
struct waiting
{
    std::int64_t count = 0;
    std::int64_t oldest_ms = 0;
};

}  // namespace detail_of_founders

WORK_DECL task<web_response> list_worker_pools(service& at, web_request const& request)
{
    namespace here = detail_of_founders;
    if (goes_to_ui(at, request))
        co_return to_ui("pools");
    bool const html = wants_html(request);
    auto const pools = co_await at.pools->read();
    if (html) {
        html_page page("Worker pools", at.core->options.ns);
        if (pools->empty())
            page.paragraph("None showed a sign of life in the last 15 s.");
        else
            page.table(
                detail_of_plain::pool_columns,
                detail_of_plain::pool_cells(*pools, at.now_ms())
            );
        co_return page.answer();
    }
    std::vector<std::string> parts;
    for (pool_info const& one : *pools) {
        here::object out;
        out.text("worker_pool_id", one.pool).whole("started_at", one.started_at_ms / 1'000);
        out.whole("heartbeat_at", one.heartbeat_at_ms / 1'000);
        out.raw("job_names", here::texts(one.job_names)).whole("concurrency", one.concurrency);
        out.text("host", one.host).whole("pid", one.pid);
        out.raw("worker_ids", here::texts({one.pool}));
        parts.push_back(out.done());
    }
    co_return web_response(here::array(parts));
}

WORK_DECL task<web_response> list_busy_workers(service& at, web_request const& request)
{
    namespace here = detail_of_founders;
    if (goes_to_ui(at, request))
        co_return to_ui("jobs?state=active");
    bool const html = wants_html(request);
    int const number = asked_page(request);
    job_page const found = co_await read_page(at, job_state::active, number);
    if (html) {
        html_page page("Busy workers", at.core->options.ns);
        if (found.jobs.empty())
            page.paragraph("None here: no job runs.");
        else
            page.table(
                job_columns(job_state::active),
                job_cells(found, job_state::active, hides(request))
            );
        here::add_pages(page, found, "busy_workers", number);
        co_return page.answer();
    }
    std::vector<std::string> parts;
    for (job_row const& row : found.jobs) {
        std::string id = row.id;
        job_info const job = co_await at.look.job(std::move(id));
        parts.push_back(here::busy_worker(row, job));
    }
    co_return web_response(shown_json(here::array(parts), hides(request)));
}

WORK_DECL task<web_response> list_job_queues(service& at, web_request const& request)
{
    namespace here = detail_of_founders;
    if (goes_to_ui(at, request))
        co_return to_ui("queues");
    bool const html = wants_html(request);
    auto const counts = co_await at.counts->read();
    if (html) {
        html_page page("Queues", at.core->options.ns);
        detail_of_plain::add_paused(page, *counts);
        detail_of_plain::add_queues(page, *counts);
        co_return page.answer();
    }
    std::map<std::string_view, here::waiting> names;
    for (queue_info const& one : counts->lists) {
        here::waiting& of = names[one.name];
        of.count += one.pending;
        if (one.oldest_ms != 0)
            of.oldest_ms =
                of.oldest_ms == 0 ? one.oldest_ms : std::min(of.oldest_ms, one.oldest_ms);
    }
    std::vector<std::string> parts;
    for (auto const& [name, of] : names) {
        std::int64_t const age = of.oldest_ms == 0 ? 0 : counts->now_ms - of.oldest_ms;
        here::object out;
        out.text("job_name", name).whole("count", of.count);
        out.whole("latency", std::max<std::int64_t>(0, age / 1'000));
        parts.push_back(out.done());
    }
    co_return web_response(here::array(parts));
}

WORK_DECL task<web_response> list_pending(service& at, web_request const& request)
{
    return detail_of_founders::jobs_of(at, request, job_state::pending, "Pending", "jobs");
}

WORK_DECL task<web_response> list_scheduled(service& at, web_request const& request)
{
    return detail_of_founders::jobs_of(
        at,
        request,
        job_state::scheduled,
        "Scheduled",
        "scheduled_jobs"
    );
}

WORK_DECL task<web_response> list_retry(service& at, web_request const& request)
{
    return detail_of_founders::jobs_of(at, request, job_state::retry, "Retry", "retry_jobs");
}

WORK_DECL task<web_response> list_dead(service& at, web_request const& request)
{
    return detail_of_founders::jobs_of(at, request, job_state::dead, "Dead", "dead_jobs");
}

}  // namespace work::web
