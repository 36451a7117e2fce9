// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "access/received.hpp"

#include <work/values/text.hpp>
#include <work/web/hidden.hpp>
#include <work/web/json_slices.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace work::tool {

/// All of a job but its options, whose text is taken as it is.
struct received_job_members : job_info
{};
BOOST_DESCRIBE_STRUCT(
    received_job_members,
    (),
    (id,
     state,
     now_ms,
     when_ms,
     name,
     queue,
     created_ms,
     priority,
     failed_attempts,
     snoozes,
     args,
     cut_from,
     fence,
     pool,
     progress,
     bound,
     ended,
     result,
     failures,
     history,
     version,
     unreadable,
     bytes)
)

namespace {

std::string text_in(boost::json::object const& all, std::string_view name)
{
    auto const* const found = all.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

// Errors end without a point, as all of this program's do.
std::string without_point(std::string sentence)
{
    if (sentence.ends_with('.'))
        sentence.pop_back();
    return sentence;
}

/// What is shown in the place of a text that is hidden; others are as if there were none.
constexpr std::string_view texts_shown[] = {"args", "message", "sample_message", "text"};

void mark_hidden(boost::json::value& in)
{
    if (in.is_array()) {
        for (boost::json::value& one : in.get_array())
            mark_hidden(one);
        return;
    }
    if (!in.is_object())
        return;
    boost::json::object& all = in.get_object();
    auto const* const hidden = all.if_contains("hidden");
    bool const filter = all.contains("min_attempt");
    if (hidden != nullptr && hidden->is_bool() && hidden->get_bool()) {
        for (std::string_view const name : web::hidden_members) {
            auto const found = all.find(name);
            if (found == all.end() || !found->value().is_null())
                continue;
            bool const shown = std::find(std::begin(texts_shown), std::end(texts_shown), name) !=
                               std::end(texts_shown);
            if (shown && !filter)
                found->value() = web::hidden_text;
            else
                all.erase(found);
        }
        all.erase("hidden");
    }
    for (auto& [name, value] : all)
        mark_hidden(value);
}

errc code_of(int status, std::string_view slug, std::string_view named)
{
    switch (status) {
    case 400:
    case 422: return slug == "invalid-arguments" ? errc::invalid_arguments : errc::invalid_option;
    case 413: return errc::payload_too_large;
    case 429:
        return named == "queue_full"  ? errc::queue_full
               : slug == "queue-full" ? errc::buffer_full
                                      : errc::unavailable;
    case 502: return slug == "outcome-unknown" ? errc::outcome_unknown : errc::unavailable;
    case 507: return errc::full;
    case 409: return slug.starts_with("too-many") ? errc::too_many : errc::refused;
    case 401:
    case 403:
    case 404:
    case 405:
    case 412: return errc::refused;
    default: return errc::unavailable;
    }
}

}  // namespace

void throw_problem(boost::json::object const& problem)
{
    auto const* const status = problem.if_contains("status");
    std::string const type = text_in(problem, "type");
    int const number = status != nullptr && status->is_int64()
                           ? static_cast<int>(std::clamp<std::int64_t>(status->get_int64(), 0, 999))
                           : 0;
    std::string const slug = type.substr(std::min(type.size(), std::string("urn:work:").size()));
    throw error(
        code_of(number, slug, text_in(problem, "errc")),
        without_point(text_in(problem, "detail"))
    );
}

void throw_refusal(
    http_reply const& reply,
    server_url const& from,
    std::string_view method,
    std::string_view target
)
{
    std::string const server = "the server at " + from.text();
    std::string const slug = reply.slug();
    if (reply.status == 401)
        throw error(
            errc::refused,
            server + (reply.json().if_contains("detail") != nullptr &&
                              text_in(reply.json(), "detail").starts_with("The token")
                          ? " does not know this token: work token NAME --role ROLE makes one"
                          : " wants a token: WORK_TOKEN or --token-file FILE gives it one")
        );
    std::string asked(method);
    asked.append(" ").append(target.substr(0, target.find('?')));
    if (slug.empty())
        throw error(
            code_of(reply.status, "", ""),
            server + " answers " + std::to_string(reply.status) + " to " + asked +
                ": it is no work server, or stands behind something else"
        );
    if (slug == "no-route" || slug == "method")
        throw error(errc::refused, server + " has no " + asked + ": it is older than this program");
    throw_problem(reply.json());
}

void throw_strange(server_url const& from, std::string const& why)
{
    throw error(
        errc::protocol,
        "the server at " + from.text() + " answered what this program can't read: " + why
    );
}

boost::json::value received_json(http_reply const& reply, server_url const& from)
{
    boost::system::error_code ec;
    boost::json::parse_options deep;
    deep.max_depth = 1'024;
    boost::json::value all = boost::json::parse(reply.body, ec, {}, deep);
    if (ec)
        throw_strange(from, "it is no JSON");
    mark_hidden(all);
    return all;
}

job_info received_job(http_reply const& reply, server_url const& from)
{
    auto whole = received<received_job_members>(reply, from);
    job_info job = std::move(static_cast<job_info&>(whole));
    for (web::json_member const& one : web::json_members(reply.body))
        if (one.key == "options")
            job.options.text = one.value;
    return job;
}

}  // namespace work::tool
