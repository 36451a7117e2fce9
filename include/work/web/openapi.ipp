// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/bound_schemas.ipp>
#include <work/web/cron_schemas.ipp>
#include <work/web/flow_schemas.ipp>
#include <work/web/limit_schemas.ipp>
#include <work/web/openapi.hpp>
#include <work/web/record_schemas.ipp>
#include <work/web/router.hpp>
#include <work/web/schemas.ipp>
#include <work/web/worker_schemas.ipp>

#include <set>

namespace work::web {
namespace detail_of_openapi {

inline std::string in_quotes(std::string_view text)
{
    std::string out;
    detail::append_json_string(out, text);
    return out;
}

inline void add_parameter(
    std::string& out,
    std::string_view name,
    std::string_view in,
    std::string_view about,
    bool required
)
{
    if (out.back() != '[')
        out += ',';
    out += "{\"name\":" + in_quotes(name) + ",\"in\":" + in_quotes(in) +
           ",\"required\":" + (required ? "true" : "false") +
           ",\"description\":" + in_quotes(about) + ",\"schema\":{\"type\":\"string\"}}";
}

inline void add_parameters(std::string& out, route const& of)
{
    out += "\"parameters\":[";
    for (std::string_view rest = of.path; rest.find('{') != rest.npos;) {
        rest.remove_prefix(rest.find('{') + 1);
        add_parameter(
            out,
            rest.substr(0, rest.find('}')),
            "path",
            "Percent-encoded; what a path can't carry goes into the query form.",
            true
        );
    }
    for (query_parameter const& one : of.query)
        add_parameter(out, one.name, "query", one.about, one.required);
    if (of.body == body_kind::job || of.body == body_kind::jobs || of.body == body_kind::flow)
        add_parameter(
            out,
            "Idempotency-Key",
            "header",
            "1 to 64 of [A-Za-z0-9._-]: the same request with the same key stores once.",
            false
        );
    out += "]";
}

inline std::string_view schema_of(body_kind body) noexcept
{
    switch (body) {
    case body_kind::job: return "NewJob";
    case body_kind::jobs: return "NewJobs";
    case body_kind::operation: return "NewOperation";
    case body_kind::registration: return "Registration";
    case body_kind::claim: return "Claim";
    case body_kind::report: return "Report";
    case body_kind::verb: return "Verb";
    case body_kind::cron: return "NewCron";
    case body_kind::flow: return "NewFlow";
    case body_kind::limit: return "NewLimit";
    case body_kind::bound: return "NewBound";
    case body_kind::none:
    case body_kind::form:
    case body_kind::object: break;
    }
    return "";
}

inline void add_body(std::string& out, route const& of)
{
    if (of.body == body_kind::none)
        return;
    if (of.body == body_kind::form) {
        out += ",\"requestBody\":{\"required\":true,\"content\":{"
               "\"application/x-www-form-urlencoded\":{\"schema\":{\"type\":\"object\"}}}}";
        return;
    }
    std::string const schema(schema_of(of.body));
    std::string const is = schema.empty() ? "{\"type\":\"object\"}"
                                          : "{\"$ref\":\"#/components/schemas/" + schema + "\"}";
    out += ",\"requestBody\":{\"required\":";
    out += schema.empty() ? "false" : "true";
    out += ",\"content\":{\"application/json\":{\"schema\":" + is + "}";
    if (of.body == body_kind::jobs)
        out += ",\"application/x-ndjson\":{\"schema\":{\"type\":\"string\"}}";
    out += "}}";
}

/// One medium, or several with `|` between them.
inline void add_content(std::string& out, std::string_view schemas)
{
    out += ",\"content\":{";
    while (!schemas.empty()) {
        std::string_view const schema = detail::take_part(schemas, '|');
        out += in_quotes(media_of(schema)) + ":{\"schema\":{\"$ref\":\"#/components/schemas/" +
               std::string(schema) + "\"}}" + (schemas.empty() ? "}" : ",");
    }
}

inline void add_answers(std::string& out, route const& of)
{
    out += ",\"responses\":{";
    for (route_answer const& one : of.answers) {
        out += "\"" + std::to_string(one.status) + "\":{\"description\":\"";
        out += one.status < 300    ? "Done"
               : one.status == 304 ? "Not modified"
               : one.status < 400  ? "It is elsewhere"
                                   : "Refused";
        out += "\"";
        if (!one.schema.empty())
            add_content(out, one.schema);
        out += "},";
    }
    out += "\"default\":{\"description\":\"A problem (RFC 9457)\",\"content\":{"
           "\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}"
           "}";
}

inline void add_route(std::string& out, route const& of)
{
    std::string method(of.method);
    for (char& c : method)
        c = static_cast<char>(c + 32);
    out += in_quotes(method) + ":{\"summary\":" + in_quotes(of.about) +
           ",\"x-right\":" + in_quotes(to_string(of.needs)) + ",";
    add_parameters(out, of);
    add_body(out, of);
    add_answers(out, of);
    out += "}";
}

inline std::string write()
{
    std::string out = "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"work\",\"version\":\"1\"},"
                      "\"paths\":{";
    std::set<std::string_view> done;
    for (route const& one : all_routes()) {
        if (!done.insert(one.path).second)
            continue;
        out += (done.size() > 1 ? "," : "") + in_quotes(one.path) + ":{";
        for (route const& method : all_routes()) {
            if (method.path != one.path)
                continue;
            if (out.back() != '{')
                out += ",";
            add_route(out, method);
        }
        out += "}";
    }
    out += "},\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":"
           "\"bearer\"},\"basic\":{\"type\":\"http\",\"scheme\":\"basic\"}},\"schemas\":{";
    out += schemas_of_answers;
    out += schemas_of_jobs;
    out += schemas_of_records;
    out += schemas_of_crons;
    out += schemas_of_flows;
    out += schemas_of_limits;
    out += schemas_of_bounds;
    out += schemas_of_workers;
    return out + "}}}";
}

}  // namespace detail_of_openapi

WORK_DECL std::string const& openapi_document()
{
    static std::string const document = detail_of_openapi::write();
    return document;
}

}  // namespace work::web
