// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/encode.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace work::web {

struct waited_answer
{
    std::string id;
    job_state state = job_state::unknown;
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(waited_answer, (), (id, state, now_ms))

namespace detail_of_download {

/// A text of a job, byte for byte, as a file.
inline web_response as_file(job_info const& job, std::string text, std::string_view what)
{
    // The id may hold what a field can't.
    std::string name;
    for (char const c : job.id.substr(0, 64)) {
        bool const plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_';
        name += plain ? c : '_';
    }
    web_response answer(std::move(text));
    answer.fields.emplace_back(
        "Content-Disposition",
        "attachment; filename=\"" + name + "." + std::string(what) + ".json\""
    );
    return answer;
}

inline void check_shown(web_request const& request)
{
    if (hides(request))
        throw problem(403, "forbidden", "What jobs hold is hidden here.");
}

/// Whether anything more can become of it without somebody who wants that.
constexpr bool has_ended(job_state state) noexcept
{
    switch (state) {
    case job_state::dead:
    case job_state::completed:
    case job_state::cancelled:
    case job_state::set_aside:
    case job_state::unknown: return true;
    default: return false;
    }
}

}  // namespace detail_of_download

WORK_DECL task<web_response> download_args(service& at, web_request const& request)
{
    namespace here = detail_of_download;
    here::check_shown(request);
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    if (job.cut_from > 0)
        throw problem(
            404,
            "not-kept",
            "Of the arguments of a job that has completed only the beginning is kept, of " +
                std::to_string(job.cut_from) + " bytes."
        );
    co_return here::as_file(job, job.args, "args");
}

WORK_DECL task<web_response> download_result(service& at, web_request const& request)
{
    namespace here = detail_of_download;
    here::check_shown(request);
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    if (job.result.empty())
        throw problem(
            404,
            "not-kept",
            "Job " + detail::quote(job.id) + " is " + std::string(to_string(job.state)) +
                ", and has no result that is kept."
        );
    co_return here::as_file(job, job.result, "result");
}

WORK_DECL task<web_response> wait_for_job(service& at, web_request const& request)
{
    namespace here = detail_of_download;
    using std::chrono::milliseconds;
    auto const longest = milliseconds(asked_number(request, "wait_ms", 0, 0, 55'000));
    auto const until = std::chrono::steady_clock::now() + longest;
    auto const place = at.served.open_wait(at.options.limits.parked_claims);
    if (!place)
        throw problem(429, "too-many", "Too many wait for jobs here.").with("Retry-After", "5");
    job_info job = co_await detail_of_jobs::look_up(at, request);
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    milliseconds interval(100);
    while (!here::has_ended(job.state) && !request.caller->gone &&
           std::chrono::steady_clock::now() < until) {
        auto const next = std::chrono::steady_clock::now() + interval;
        pause.expires_at(std::min(next, until));
        co_await pause.async_wait(boost::asio::use_awaitable);
        interval = std::min(interval * 3 / 2, milliseconds(1'000));
        std::string id = job.id;
        job = co_await at.look.job(std::move(id));
    }
    web_response answer;
    if (!here::has_ended(job.state)) {
        answer.status = 204;
        co_return answer;
    }
    waited_answer ended;
    ended.id = request.parameter("id");
    ended.state = job.state;
    ended.now_ms = at.now_ms();
    answer.body = to_json(ended);
    co_return answer;
}

}  // namespace work::web
