// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/make.hpp>
#include <work/values/args_parser.hpp>
#include <work/values/decode.hpp>
#include <work/values/text.hpp>
#include <work/web/described_job.hpp>
#include <work/web/json_slices.hpp>
#include <work/web/options.hpp>
#include <work/web/problem.hpp>

#include <boost/describe/class.hpp>

#include <array>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

namespace work::web {

/// What a new job says besides its arguments and the options that travel with it.
struct job_text
{
    std::optional<std::string> name;
    std::optional<std::string> queue;
    std::optional<std::string> id;
    std::optional<std::int64_t> in_ms;
    std::optional<std::int64_t> at_ms;
};
BOOST_DESCRIBE_STRUCT(job_text, (), (name, queue, id, in_ms, at_ms))

/// The member `unique` of a new job.
struct unique_text
{
    std::optional<std::string> key;
    std::optional<std::vector<std::string>> members;
    std::optional<work::until> until;
    std::optional<std::int64_t> for_ms;
    std::optional<work::conflict> on_conflict;
};
BOOST_DESCRIBE_STRUCT(unique_text, (), (key, members, until, for_ms, on_conflict))

namespace detail_of_body {

inline problem bad_json(std::string detail)
{
    return problem(400, "bad-json", std::move(detail));
}

inline problem bad_option(std::string field, std::string detail)
{
    return problem(422, "invalid-option", std::move(detail), std::move(field));
}

inline problem unknown_option(std::string_view name)
{
    return bad_option(
        std::string(name),
        "This server does not know " + detail::quote(name) +
            ", and without it something else would happen than was asked for."
    );
}

/// Members of JOBS that would change what runs, and that this version lacks.
inline constexpr std::array<std::string_view, 8>
    absent{"track", "then", "next", "serial", "limits", "labels", "stage", "delay_ms"};

inline std::string_view member(std::vector<json_member> const& all, std::string_view name)
{
    for (json_member const& one : all)
        if (one.key == name)
            return one.value;
    return {};
}

/// Those that travel with a job, as `decode_options` reads them.
inline std::string options_in(std::vector<json_member> const& all)
{
    static constexpr std::array<std::string_view, 10> names{
        "priority",
        "max_attempts",
        "timeout_ms",
        "expires_in_ms",
        "deadline_ms",
        "backoff",
        "skip_dead",
        "args_version",
        "headers",
        "tags"
    };
    std::string out = "{";
    for (std::string_view const name : names) {
        std::string_view const value = member(all, name);
        if (!value.empty())
            out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(value);
    }
    return out + "}";
}

inline void set_time(enqueue_options& how, described_job const& said)
{
    if (said.in_ms && said.at_ms)
        throw bad_option("at_ms", "in_ms and at_ms are both given: a job has one time.");
    constexpr std::int64_t furthest = furthest_due.count();
    if (said.in_ms && (*said.in_ms < 0 || *said.in_ms > furthest))
        throw bad_option("in_ms", "in_ms must be 0 to " + std::to_string(furthest) + ".");
    if (said.in_ms)
        how.in = std::chrono::milliseconds(*said.in_ms);
    constexpr std::int64_t latest = 253'402'300'799'999;  // the end of the year 9999
    if (said.at_ms && (*said.at_ms <= 0 || *said.at_ms > latest))
        throw bad_option("at_ms", "at_ms must be milliseconds since 1970.");
    if (said.at_ms)
        how.at = std::chrono::system_clock::time_point(std::chrono::milliseconds(*said.at_ms));
}

/// `true`, or an object that says by what, how long, and what becomes of another one.
inline void read_unique(described_job& job, std::string_view value)
{
    if (value.empty() || value == "false" || value == "null")
        return;
    job.unique.kind = 'a';
    if (value == "true")
        return;
    if (value[0] != '{')
        throw bad_option("unique", "unique must be true, or an object.");
    unique_text said;
    args_parser parser;
    try {
        auto const& object = parser.parse(value, "unique");
        said = decode<unique_text>(object, "unique", "member");
    } catch (error const& fault) {
        throw bad_option("unique", fault.what());
    }
    if (said.key && said.members)
        throw bad_option("unique", "unique has both a key and members: give one of them.");
    if (said.key && said.key->empty())
        throw bad_option("unique", "unique.key is empty: leave it out for all arguments.");
    if (said.members && said.members->empty())
        throw bad_option("unique", "unique.members is empty: leave it out for all arguments.");
    if (said.key) {
        job.unique.kind = 'k';
        job.unique.text = *said.key;
    }
    if (said.members) {
        job.unique.kind = 'm';
        job.unique_by = *said.members;
    }
    job.unique.until = said.until;
    if (said.for_ms)
        job.unique.time = std::chrono::milliseconds(*said.for_ms);
    job.unique.on_conflict = said.on_conflict;
}

/// The text of the arguments, byte for byte.
inline std::string arguments_of(std::string_view value)
{
    if (value.empty())
        throw bad_option("args", "args are missing: an array, an object, or the text of one.");
    if (value[0] != '"')
        return std::string(value);
    args_parser parser;
    return decode<std::string>(parser.parse(value, "args"), "args");
}

}  // namespace detail_of_body

WORK_DECL void check_object(std::string_view text)
{
    if (json_depth(text) > max_web_json_depth)
        throw detail_of_body::bad_json(
            "The body nests deeper than " + std::to_string(max_web_json_depth) +
            " levels: send deep arguments as their text in a string."
        );
    args_parser parser;
    bool object = false;
    try {
        object = !text.empty() && parser.parse(text, "body").is_object();
    } catch (error const& fault) {
        throw detail_of_body::bad_json(fault.what());
    }
    if (!object)
        throw detail_of_body::bad_json("The body must be a JSON object.");
    std::set<std::string_view> keys;
    for (json_member const& one : json_members(text))
        if (!keys.insert(one.key).second)
            throw detail_of_body::bad_json(
                "The member " + detail::quote(one.key) + " comes twice."
            );
}

WORK_DECL described_job read_described(std::string_view text)
{
    check_object(text);
    std::vector<json_member> const members = json_members(text);
    for (std::string_view const name : detail_of_body::absent)
        if (!detail_of_body::member(members, name).empty())
            throw detail_of_body::unknown_option(name);
    job_text said;
    {
        args_parser parser;
        try {
            said = decode<job_text>(parser.parse(text, "job"), "job", "member");
        } catch (error const& fault) {
            throw detail_of_body::bad_option("", fault.what());
        }
    }
    auto options = decode_options(detail_of_body::options_in(members));
    if (!options)
        throw detail_of_body::bad_option("", options.error());
    if (!said.name || said.name->empty())
        throw detail_of_body::bad_option("name", "name is missing: which job is to run.");
    if (said.id && said.id->empty())
        throw detail_of_body::bad_option("id", "id is empty: leave it out for a generated one.");
    described_job job;
    job.name = std::move(*said.name);
    job.queue = said.queue.value_or("");
    job.id = said.id.value_or("");
    job.args = detail_of_body::arguments_of(detail_of_body::member(members, "args"));
    job.in_ms = said.in_ms;
    job.at_ms = said.at_ms;
    job.options = std::move(*options);
    detail_of_body::read_unique(job, detail_of_body::member(members, "unique"));
    return job;
}

WORK_DECL new_job make_described(described_job const& job, std::string const& id)
{
    enqueue_options how = as_enqueue_options(job.options);
    how.queue = job.queue;
    how.id = job.id.empty() ? id : job.id;
    how.unique = job.unique.kind == 'a';
    if (job.unique.kind == 'k')
        how.unique_key = job.unique.text;
    how.unique_until = job.unique.until;
    how.unique_for = job.unique.time;
    how.on_conflict = job.unique.on_conflict;
    detail_of_body::set_time(how, job);
    new_job made = make_json(job.name, job.args, how);
    if (job.unique.kind == 'm') {
        std::vector<std::string_view> const names(job.unique_by.begin(), job.unique_by.end());
        made.unique.kind = 'm';
        made.unique.text = detail::canonical_members(made.arguments(), names.data(), names.size());
    }
    return made;
}

}  // namespace work::web
