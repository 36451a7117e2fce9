// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/router.hpp>

#include <optional>
#include <string>

namespace work::web {
namespace detail_of_router {

inline std::optional<web_request::pairs> match(
    std::string_view pattern,
    std::vector<std::string> const& path
)
{
    web_request::pairs found;
    std::size_t at = 0;
    pattern.remove_prefix(1);
    for (;; ++at) {
        std::string_view const part = pattern.substr(0, pattern.find('/'));
        if (at == path.size())
            return std::nullopt;
        if (part.starts_with('{') && !path[at].empty())
            found.emplace_back(part.substr(1, part.size() - 2), path[at]);
        else if (part != path[at])
            return std::nullopt;
        if (part.size() == pattern.size())
            break;
        pattern.remove_prefix(part.size() + 1);
    }
    if (at + 1 != path.size())
        return std::nullopt;
    return found;
}

/// Whether an Accept takes a medium: the closest of its ranges counts.
inline bool takes(std::string_view accept, std::string_view medium)
{
    int best = 0;
    bool taken = false;
    std::string const family = std::string(medium.substr(0, medium.find('/'))) + "/*";
    while (!accept.empty()) {
        std::string_view one = detail::take_part(accept, ',');
        std::string const range = lower(detail::trimmed(detail::take_part(one, ';')));
        int const closeness = range == medium ? 3 : range == family ? 2 : range == "*/*" ? 1 : 0;
        if (closeness <= best)
            continue;
        best = closeness;
        taken = true;
        while (!one.empty()) {
            std::string const option = lower(detail::trimmed(detail::take_part(one, ';')));
            if (option.starts_with("q=0"))
                taken = option.find_first_not_of("0.", 2) != std::string::npos;
        }
    }
    return taken;
}

}  // namespace detail_of_router

WORK_DECL void check_accept(route const& of, web_request const& request)
{
    std::string_view const accept = request.field("accept");
    if (detail::trimmed(accept).empty())
        return;
    std::string given;
    bool any = false;
    for (route_answer const& one : of.answers) {
        if (one.status >= 300)
            continue;
        std::string_view schemas = one.schema;
        while (!schemas.empty()) {
            std::string_view const medium = media_of(detail::take_part(schemas, '|'));
            any = true;
            if (detail_of_router::takes(accept, medium))
                return;
            if (given.find(medium) == std::string::npos)
                given.append(given.empty() ? "" : " or ").append(medium);
        }
    }
    if (any)
        throw problem(
            406,
            "not-acceptable",
            "This is given as " + given + ", and the Accept of the request takes none of that."
        );
}

WORK_DECL route const& find_route(web_request& request)
{
    std::string_view method = request.method;
    if (method == "HEAD")
        method = "GET";
    std::string allowed;
    for (route const& one : all_routes()) {
        auto found = detail_of_router::match(one.path, request.path);
        if (!found)
            continue;
        if (one.method == method) {
            request.parameters = std::move(*found);
            return one;
        }
        allowed += allowed.empty() ? "" : ", ";
        allowed += one.method;
        if (one.method == "GET")
            allowed += ", HEAD";
    }
    if (allowed.empty())
        throw problem(
            404,
            "no-route",
            "There is nothing at " + detail::quote(request.target) +
                ": /api/v1/openapi.json says what there is."
        );
    throw problem(405, "method", "This is asked with " + allowed + ".").with("Allow", allowed);
}

WORK_DECL void check_query(route const& of, web_request& request)
{
    for (auto const& [name, value] : request.query) {
        bool known = false;
        for (query_parameter const& one : of.query)
            known = known || one.name == name;
        if (!known)
            throw problem(
                400,
                "unknown-parameter",
                "There is no parameter " + detail::quote(name) +
                    " here: /api/v1/openapi.json says which there are.",
                name
            );
        std::size_t times = 0;
        for (auto const& [other, ignored] : request.query)
            times += other == name ? 1 : 0;
        if (times > 1)
            throw problem(400, "bad-parameter", detail::quote(name) + " is given twice.", name);
    }
    for (query_parameter const& one : of.query) {
        if (!one.required)
            continue;
        std::string_view const value = request.asked(one.name);
        if (value.empty())
            throw problem(
                400,
                "bad-parameter",
                "The parameter " + std::string(one.name) + " is missing.",
                std::string(one.name)
            );
        request.parameters.emplace_back(one.name, value);
    }
}

WORK_DECL void check_rights(route const& of, web_request const& request, bool read_only)
{
    if (!request.user.may(of.needs))
        throw problem(
            403,
            "forbidden",
            detail::quote(request.user.name) + " has not the right " +
                std::string(to_string(of.needs)) + ", which this needs."
        );
    if (read_only && of.changes())
        throw problem(403, "read-only", "The server runs with --read-only and changes nothing.");
}

}  // namespace work::web
