// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/durability.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>
#include <work/web/head.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/asked_number.hpp>
#include <work/web/routes/read_body.hpp>
#include <work/web/routes/routes.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::web {
namespace detail_of_enqueue {

inline std::string stored_json(job_handle const& job, std::string const& more = std::string())
{
    std::string out = "{\"id\":";
    detail::append_json_string(out, job.id());
    out += ",\"code\":\"";
    out += job.code();
    return out + "\"" + more + "}";
}

/// How durable the request wants its jobs; nothing: as any.
inline std::optional<durability> durability_of(web_request const& request)
{
    std::string_view const aof = request.asked("durable_aof");
    if (!aof.empty() && aof != "true" && aof != "false")
        throw problem(
            400,
            "bad-parameter",
            "durable_aof is " + detail::quote(aof) + ", it must be true or false.",
            "durable_aof"
        );
    durability how;
    how.aof = aof == "true";
    how.replicas = static_cast<int>(asked_number(request, "durable", 0, 0, 1000));
    how.at_most = std::chrono::milliseconds(asked_number(request, "durable_ms", 1000, 1, 10'000));
    if (how.replicas > 0 || how.aof)
        return how;
    if (!request.asked("durable_ms").empty())
        throw problem(
            400,
            "bad-parameter",
            "durable_ms says how long is waited for what neither durable nor durable_aof asks for.",
            "durable_ms"
        );
    return std::nullopt;
}

/// `,"safety":{...}`, if it was asked for.
inline std::string safety_json(std::optional<safety> const& known)
{
    std::string out;
    if (known) {
        out = ",\"safety\":";
        append_json(out, *known);
    }
    return out;
}

/// What becomes of the jobs of one request.
struct batch
{
    explicit batch(boost::asio::any_io_executor const& on)
        : end(on, boost::asio::steady_timer::time_point::max())
    {}

    void heard(std::size_t i, std::exception_ptr failure, job_handle const& job)
    {
        if (failure)
            problems[i] = failure;
        else
            handles[i] = job;
        if (--left == 0)
            end.cancel();
    }

    boost::asio::steady_timer end;
    std::size_t left = 0;
    std::vector<job_handle> handles;
    std::vector<std::exception_ptr> problems;
    std::optional<work::safety> safety;
};

// Errors of the call itself are thrown in here, too, and belong to this job.
inline task<job_handle> store(enqueuer to, new_job job)
{
    job_handle handle = co_await to.enqueue(std::move(job));
    co_return handle;
}

inline void start(service& at, new_job job, std::shared_ptr<batch> const& all, std::size_t i)
{
    boost::asio::co_spawn(
        at.core->executor,
        store(at.store, std::move(job)),
        [all, i](std::exception_ptr failure, job_handle stored) {
            all->heard(i, std::move(failure), stored);
        }
    );
}

/// The texts of the jobs: the elements of `jobs`, or the lines of NDJSON.
inline std::vector<std::string_view> split(web_request const& request, std::size_t most)
{
    std::vector<std::string_view> all;
    if (lower(request.field("content-type")).starts_with("application/x-ndjson")) {
        for (std::string_view rest = request.body; !rest.empty();) {
            std::string_view const line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            if (line.find_first_not_of(" \t\r") != line.npos)
                all.push_back(line);
        }
    } else {
        check_object(request.body);
        std::string_view jobs;
        for (json_member const& one : json_members(request.body)) {
            if (one.key == "jobs")
                jobs = one.value;
            if (one.key == "atomic" && one.value != "false")
                throw problem(
                    422,
                    "invalid-option",
                    "Jobs are stored in batches here, each of which is atomic, but not all.",
                    "atomic"
                );
        }
        if (!jobs.starts_with('['))
            throw problem(400, "bad-json", "jobs must be an array of jobs.", "jobs");
        all = json_elements(jobs);
    }
    if (all.size() > most)
        throw problem(
            413,
            "too-large",
            "There are " + std::to_string(all.size()) + " jobs, at most " + std::to_string(most) +
                " go at once: send the rest in another request, with another key."
        );
    return all;
}

inline web_response answer(batch const& of, std::int64_t now_ms)
{
    std::string out = "{\"results\":[";
    std::size_t refused = 0;
    std::size_t duplicates = 0;
    for (std::size_t i = 0; i != of.handles.size(); ++i) {
        out += i == 0 ? "" : ",";
        if (of.problems[i]) {
            ++refused;
            out += problem_of(of.problems[i]).json(now_ms);
            continue;
        }
        duplicates += of.handles[i].duplicate() ? 1 : 0;
        out += stored_json(of.handles[i]);
    }
    std::size_t const stored = of.handles.size() - refused - duplicates;
    // Where the broker refused all alike, it is the request that failed.
    if (refused == of.handles.size() && refused > 0) {
        problem const first = problem_of(of.problems[0]);
        if (first.status() >= 500 || first.status() == 429)
            throw first;
    }
    return web_response(
        out + "],\"stored\":" + std::to_string(stored) + ",\"duplicates\":" +
        std::to_string(duplicates) + ",\"refused\":" + std::to_string(refused) +
        safety_json(of.safety) + ",\"now_ms\":" + std::to_string(now_ms) + "}"
    );
}

/// Those that are good, in one call: what keeps it from storing them is the problem of each.
inline task<web_response> store_durably(
    service& at,
    web_request const& request,
    std::vector<std::string_view> texts,
    durability how
)
{
    batch all(at.core->executor);
    all.handles.resize(texts.size());
    all.problems.resize(texts.size());
    std::vector<new_job> jobs;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i != texts.size(); ++i) {
        try {
            jobs.push_back(read_job(at, request, texts[i], i));
            places.push_back(i);
        } catch (...) {
            all.problems[i] = std::current_exception();
        }
    }
    std::exception_ptr failure;
    try {
        durable_jobs stored = co_await at.store.enqueue_durably(std::move(jobs), how);
        all.safety = stored;
        for (std::size_t i = 0; i != places.size(); ++i)
            all.handles[places[i]] = std::move(stored.jobs[i]);
    } catch (...) {
        failure = std::current_exception();
    }
    for (std::size_t const place : places)
        all.problems[place] = failure;
    co_return answer(all, at.now_ms());
}

}  // namespace detail_of_enqueue

WORK_DECL task<web_response> enqueue_job(service& at, web_request const& request)
{
    std::optional<durability> const how = detail_of_enqueue::durability_of(request);
    new_job job = read_job(at, request, request.body, 0);
    job_handle stored;
    std::optional<safety> known;
    if (how) {
        durable_jobs safe = co_await at.store.enqueue_durably(std::move(job), *how);
        stored = std::move(safe.jobs.at(0));
        known = std::move(safe);
    } else {
        stored = co_await at.store.enqueue(std::move(job));
    }
    web_response answer(
        detail_of_enqueue::stored_json(stored, detail_of_enqueue::safety_json(known)),
        stored.duplicate() ? 200 : 201
    );
    answer.fields.emplace_back(
        "Location",
        fits_path(stored.id()) ? "/api/v1/jobs/" + stored.id()
                               : "/api/v1/job?id=" + percent_encode(stored.id())
    );
    co_return answer;
}

WORK_DECL task<web_response> enqueue_jobs(service& at, web_request const& request)
{
    using detail_of_enqueue::batch;
    check_key(request);
    std::vector<std::string_view> const texts =
        detail_of_enqueue::split(request, at.options.limits.bulk_jobs);
    if (auto const how = detail_of_enqueue::durability_of(request)) {
        web_response safe = co_await detail_of_enqueue::store_durably(at, request, texts, *how);
        co_return safe;
    }
    auto const all = std::make_shared<batch>(at.core->executor);
    all->handles.resize(texts.size());
    all->problems.resize(texts.size());
    all->left = texts.size() + 1;
    for (std::size_t i = 0; i != texts.size(); ++i) {
        try {
            detail_of_enqueue::start(at, read_job(at, request, texts[i], i), all, i);
        } catch (...) {
            all->heard(i, std::current_exception(), {});
        }
    }
    if (--all->left > 0) {
        boost::system::error_code ended;
        co_await all->end.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended)
        );
        if (all->left > 0)
            throw boost::system::system_error(boost::asio::error::operation_aborted, "bulk");
    }
    co_return detail_of_enqueue::answer(*all, at.now_ms());
}

}  // namespace work::web
