// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/etag.hpp>
#include <work/web/file.hpp>
#include <work/web/head.hpp>
#include <work/web/html.hpp>
#include <work/web/problem.hpp>
#include <work/web/routes/routes.hpp>

#include <string>
#include <string_view>

namespace work::web {
namespace detail_of_ui {

/// Whether an Accept-Encoding takes gzip. One that is absent takes nothing but plain bytes.
inline bool takes_gzip(std::string_view field)
{
    bool any = false;
    while (!field.empty()) {
        std::string_view one = detail::take_part(field, ',');
        std::string_view const name = detail::trimmed(detail::take_part(one, ';'));
        std::string const weight = lower(detail::trimmed(one));
        bool const refused =
            weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string::npos;
        if (lower(name) == "gzip")
            return !refused;
        any = any || (name == "*" && !refused);
    }
    return any;
}

inline web_file const* find_file(service const& at, std::string_view name) noexcept
{
    for (web_file const& one : at.options.ui)
        if (one.name == name)
            return &one;
    return nullptr;
}

/// The names of files change with what is in them, so those are kept; the page is asked for anew.
inline web_response give(web_file const& file, web_request const& request)
{
    web_response answer;
    answer.content_type = file.content_type;
    answer.cache_control = file.name.empty() ? "no-cache" : "private, max-age=31536000, immutable";
    answer.fields.emplace_back("ETag", file.etag);
    answer.fields.emplace_back(
        "Vary",
        file.name.empty() ? "Accept, Accept-Encoding" : "Accept-Encoding"
    );
    if (names_tag(request.field("if-none-match"), file.etag)) {
        answer.status = 304;
        return answer;
    }
    if (!file.gzipped.empty() && takes_gzip(request.field("accept-encoding"))) {
        answer.fields.emplace_back("Content-Encoding", "gzip");
        answer.body = file.gzipped;
    } else
        answer.body = file.bytes;
    return answer;
}

}  // namespace detail_of_ui

WORK_DECL bool goes_to_ui(service const& at, web_request const& request)
{
    return wants_html(request) && detail_of_ui::find_file(at, "") != nullptr;
}

WORK_DECL web_response to_ui(std::string_view route)
{
    web_response answer;
    answer.status = 302;
    answer.content_type = "text/html; charset=utf-8";
    // Relative, so that it holds below any prefix: those pages are one level deep.
    answer.fields.emplace_back("Location", "./#/" + std::string(route));
    return answer;
}

WORK_DECL task<web_response> show_front(service& at, web_request const& request)
{
    if (goes_to_ui(at, request))
        co_return detail_of_ui::give(*detail_of_ui::find_file(at, ""), request);
    web_response answer = co_await show_plain(at, request);
    co_return answer;
}

WORK_DECL task<web_response> show_ui_file(service& at, web_request const& request)
{
    std::string_view const name = request.parameter("file");
    web_file const* const file = detail_of_ui::find_file(at, name);
    if (file == nullptr)
        throw problem(
            404,
            "no-such-file",
            at.options.ui.empty()
                ? "This server is without the web UI: /plain is its page for people."
                : "The web UI has no file " + detail::quote(name) +
                      ": another version of it is served by now, load the page anew."
        );
    co_return detail_of_ui::give(*file, request);
}

}  // namespace work::web
