// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client/followed_jobs.hpp>
#include <work/job_end.hpp>
#include <work/values/encode.hpp>
#include <work/web/hidden.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/jobs.ipp>
#include <work/web/routes/routes.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace work::web {

struct waited_answer
{
    std::string id;
    job_state state = job_state::unknown;
    std::string outcome;
    std::optional<std::string> result;     ///< JSON text
    std::optional<work::failure> failure;  ///< the last one, of a dead job
    std::int64_t now_ms = 0;
};
BOOST_DESCRIBE_STRUCT(waited_answer, (), (id, state, outcome, result, failure, now_ms))

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

/// How often it is looked whether somebody waits still.
inline constexpr std::chrono::milliseconds looks_after{5'000};

/// Of one that is kept.
inline job_end end_of(job_info const& job)
{
    job_end end;
    end.id = job.id;
    end.state = job.state;
    if (job.ended)
        end.ending = *job.ended;
    end.result = job.result;
    if (job.state == job_state::dead && !job.failures.empty())
        end.last_failure = job.failures.back();
    return end;
}

/// Nothing: not in this time, or nobody waits for it any more. On the client's executor.
inline task<std::optional<job_end>> end_within(
    std::shared_ptr<detail::client_core> core,
    std::string id,
    std::chrono::steady_clock::time_point until,
    std::shared_ptr<web_caller> caller
)
{
    using clock = std::chrono::steady_clock;
    std::optional<job_end> ended;
    std::shared_ptr<detail::followed_jobs> const followed = core->followed();
    detail::followed_jobs::place here(followed, id);
    bool noted = false;
    try {
        while (!ended && !caller->gone && clock::now() < until) {
            auto const next = std::min<clock::time_point>(until, clock::now() + looks_after);
            std::optional<detail::told_end> told = co_await followed->end_of(here, next, noted);
            noted = true;
            if (told)
                ended = detail::read_end(id, told->state, told->text);
        }
    } catch (error const& fault) {
        if (fault.code() != errc::no_such_job)
            throw;
        ended.emplace();
        ended->id = id;
    }
    co_return ended;
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
    using clock = std::chrono::steady_clock;
    auto const longest = milliseconds(asked_number(request, "wait_ms", 0, 0, 55'000));
    auto const until = clock::now() + longest;
    auto const place = at.served.open_wait(at.options.limits.parked_claims);
    if (!place)
        throw problem(429, "too-many", "Too many wait for jobs here.").with("Retry-After", "5");
    job_info const job = co_await detail_of_jobs::look_up(at, request);
    std::optional<job_end> end;
    if (here::has_ended(job.state))
        end = here::end_of(job);
    if (!end)
        end = co_await at.core->here(here::end_within(at.core, job.id, until, request.caller));
    web_response answer;
    if (!end) {
        answer.status = 204;
        co_return answer;
    }
    waited_answer ended;
    ended.id = request.parameter("id");
    ended.state = end->state;
    ended.outcome = end->ending.outcome;
    if (!end->result.empty())
        ended.result = end->result;
    ended.failure = end->last_failure;
    ended.now_ms = at.now_ms();
    answer.body = shown_json(to_json(ended), hides(request));
    co_return answer;
}

}  // namespace work::web
