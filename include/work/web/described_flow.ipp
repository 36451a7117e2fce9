// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_flow.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/problem.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace work::web {
namespace detail_of_flow_text {

struct need_text
{
    std::optional<std::string> key;
    std::optional<std::string> id;
    work::otherwise otherwise = work::otherwise::cancel;
    std::optional<std::string> as;
};
BOOST_DESCRIBE_STRUCT(need_text, (), (key, id, otherwise, as))

struct flow_text
{
    std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(flow_text, (), (name))

struct key_text
{
    std::optional<std::string> key;
};
BOOST_DESCRIBE_STRUCT(key_text, (), (key))

inline problem bad(std::string detail, std::string field = "jobs")
{
    return problem(422, "invalid-option", std::move(detail), std::move(field));
}

/// What is under way as it is, with the job before it.
[[noreturn]] inline void rethrow_of(std::string_view key)
{
    problem const why = problem_of(std::current_exception());
    if (why.status() >= 500)
        throw;
    throw problem(
        why.status(),
        why.slug(),
        "Job " + detail::quote(key) + ": " + why.what(),
        "jobs"
    );
}

template <typename T>
T read(std::string_view text, char const* what)
{
    args_parser parser;
    try {
        return decode<T>(parser.parse(text, what), what, "member");
    } catch (error const& fault) {
        throw bad(fault.what());
    }
}

inline std::string_view value_of(std::string_view object, std::string_view name)
{
    for (json_member const& one : json_members(object))
        if (one.key == name)
            return one.value;
    return {};
}

inline described_need read_need(std::string_view text)
{
    if (!text.starts_with('{'))
        throw bad("after has what is no object: write {\"key\":\"a\"} or {\"id\":\"...\"}.");
    for (json_member const& one : json_members(text))
        if (one.key != "key" && one.key != "id" && one.key != "otherwise" && one.key != "as")
            throw bad(
                "after has the member " + detail::quote(one.key) +
                ", it may have key or id, otherwise and as."
            );
    need_text said;
    if (!json_members(text).empty())
        said = read<need_text>(text, "after");
    if (said.key.has_value() == said.id.has_value())
        throw bad(
            "after needs either key, of a job of this flow, or id, of one that is stored already."
        );
    return {said.key.value_or(""), said.id.value_or(""), said.otherwise, said.as.value_or("")};
}

inline std::vector<described_need> read_needs(std::string_view text)
{
    std::vector<described_need> needs;
    if (text.empty())
        return needs;
    if (!text.starts_with('['))
        throw bad("after is no array: write [{\"key\":\"a\"}].");
    for (std::string_view const one : json_elements(text))
        needs.push_back(read_need(one));
    return needs;
}

inline std::string read_key(std::string_view text, std::size_t place)
{
    std::string const at = "jobs[" + std::to_string(place) + "]";
    if (!text.starts_with('{'))
        throw problem(400, "bad-json", at + " is no object.", "jobs");
    std::string key;
    if (!value_of(text, "key").empty())
        key = read<key_text>(text, "job").key.value_or("");
    if (key.empty() || key.size() > 128)
        throw bad(
            at +
            (key.empty() ? " has no key"
                         : " has a key of " + std::to_string(key.size()) + " characters") +
            ": 1 to 128, by which others of the flow need it."
        );
    return key;
}

/// A circle among those that are left, as "a -> b -> a".
inline std::string circle_of(
    std::vector<described_flow_job> const& jobs,
    std::map<std::string_view, std::size_t> const& places,
    std::vector<bool> const& done
)
{
    std::size_t at =
        static_cast<std::size_t>(std::find(done.begin(), done.end(), false) - done.begin());
    std::vector<std::size_t> path;
    for (;;) {
        auto met = std::find(path.begin(), path.end(), at);
        if (met != path.end()) {
            std::string text;
            for (; met != path.end(); ++met)
                text += detail::quote(jobs[*met].key) + " -> ";
            return text + detail::quote(jobs[at].key);
        }
        path.push_back(at);
        // Each that is left needs another one that is left.
        for (described_need const& need : jobs[at].needs) {
            if (need.key.empty() || done[places.at(need.key)])
                continue;
            at = places.at(need.key);
            break;
        }
    }
}

/// Each behind those that it needs, else as they stand.
/// Errors: `problem` 422: one that nobody has; a circle
inline std::vector<std::size_t> storing_order(std::vector<described_flow_job> const& jobs)
{
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i != jobs.size(); ++i)
        if (!places.emplace(jobs[i].key, i).second)
            throw bad("The key " + detail::quote(jobs[i].key) + " comes twice.");
    for (described_flow_job const& job : jobs)
        for (described_need const& need : job.needs)
            if (need.id.empty() && !places.contains(need.key))
                throw bad(
                    "Job " + detail::quote(job.key) + " needs " + detail::quote(need.key) +
                    ", which no job of this flow has as its key; one that is stored already is "
                    "needed by its id."
                );
    std::vector<bool> done(jobs.size());
    std::vector<std::size_t> order;
    while (order.size() != jobs.size()) {
        std::size_t const before = order.size();
        for (std::size_t i = 0; i != jobs.size(); ++i) {
            auto const& needs = jobs[i].needs;
            bool const ready = !done[i] && std::all_of(needs.begin(), needs.end(), [&](auto& one) {
                return !one.id.empty() || done[places.at(one.key)];
            });
            if (!ready)
                continue;
            done[i] = true;
            order.push_back(i);
        }
        if (order.size() == before)
            throw bad(
                "Jobs wait for each other: " + circle_of(jobs, places, done) +
                ". A flow has no circles."
            );
    }
    return order;
}

inline after needs_of(
    described_flow_job const& job,
    std::map<std::string_view, flow_job> const& added
)
{
    after all{std::vector<flow_job>()};
    for (described_need const& need : job.needs) {
        after one = need.id.empty() ? after(added.at(need.key)) : after(need.id);
        if (need.otherwise == otherwise::run)
            one = std::move(one).even_if_failed();
        else if (need.otherwise == otherwise::wait)
            one = std::move(one).or_wait();
        if (!need.as.empty())
            one = std::move(one).as(need.as);
        all = std::move(all) && one;
    }
    return all;
}

/// "job 01J… (fetch) needs…" with the key of the job that has this id.
inline std::string with_key(std::string const& text, std::vector<stored_flow_job> const& jobs)
{
    for (stored_flow_job const& one : jobs)
        if (text.starts_with("job " + one.id + " "))
            return "job " + detail::quote(one.key) + ": " + text;
    return text;
}

}  // namespace detail_of_flow_text

WORK_DECL described_flow read_described_flow(std::string_view text)
{
    namespace here = detail_of_flow_text;
    check_object(text);
    described_flow all;
    if (!here::value_of(text, "name").empty())
        all.name = here::read<here::flow_text>(text, "flow").name.value_or("");
    if (all.name.size() > detail::most_need_name)
        throw here::bad(
            "name has " + std::to_string(all.name.size()) + " characters, it may have 128.",
            "name"
        );
    std::string_view const jobs = here::value_of(text, "jobs");
    if (!jobs.starts_with('['))
        throw problem(400, "bad-json", "jobs must be an array of jobs, each with a key.", "jobs");
    std::vector<std::string_view> const texts = json_elements(jobs);
    if (texts.empty())
        throw here::bad("jobs is empty: a flow has at least one.");
    if (texts.size() > most_flow_jobs)
        throw problem(
            413,
            "too-large",
            "There are " + std::to_string(texts.size()) + " jobs, at most " +
                std::to_string(most_flow_jobs) +
                " go into one request: larger flows are put together in C++.",
            "jobs"
        );
    for (std::string_view const one : texts) {
        described_flow_job job;
        job.key = here::read_key(one, all.jobs.size());
        try {
            job.job = read_described(one);
            job.needs = here::read_needs(here::value_of(one, "after"));
        } catch (problem const&) {
            here::rethrow_of(job.key);
        }
        all.jobs.push_back(std::move(job));
    }
    here::storing_order(all.jobs);
    return all;
}

WORK_DECL task<stored_flow> start_described(
    described_flow what,
    work::flow into,
    std::vector<std::string> ids
)
{
    namespace here = detail_of_flow_text;
    ids.resize(what.jobs.size());
    stored_flow stored;
    stored.id = into.id();
    stored.jobs.resize(what.jobs.size());
    std::map<std::string_view, flow_job> added;
    for (std::size_t const i : here::storing_order(what.jobs)) {
        described_flow_job const& job = what.jobs[i];
        try {
            flow_job one = into.add(make_described(job.job, ids[i]), here::needs_of(job, added));
            stored.jobs[i] = {job.key, one.id()};
            added.emplace(job.key, std::move(one));
        } catch (error const&) {
            here::rethrow_of(job.key);
        } catch (problem const&) {
            here::rethrow_of(job.key);
        }
    }
    try {
        co_await into.start();
    } catch (error const& fault) {
        for (errc const code : {errc::no_such_job, errc::refused})
            if (fault.code() == code)
                throw error(code, here::with_key(fault.what(), stored.jobs));
        throw;
    }
    co_return stored;
}

}  // namespace work::web
