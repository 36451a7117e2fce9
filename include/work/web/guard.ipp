// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/guard.hpp>
#include <work/web/head.hpp>
#include <work/web/problem.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace work::web {

WORK_DECL std::string host_name(std::string_view field)
{
    std::string_view port;
    if (field.starts_with('[')) {
        auto const end = field.find(']');
        if (end == field.npos)
            return {};
        port = field.substr(end + 1);
        field = field.substr(1, end - 1);
    } else if (auto const colon = field.find(':'); colon != field.npos) {
        port = field.substr(colon);
        field = field.substr(0, colon);
    }
    if (!port.empty() &&
        (port[0] != ':' || port.size() > 6 || port.find_first_not_of("0123456789", 1) != port.npos))
        return {};
    return lower(field);
}

WORK_DECL bool is_loopback_name(std::string_view name)
{
    if (name == "localhost")
        return true;
    boost::system::error_code ec;
    auto const address = boost::asio::ip::make_address(std::string(name), ec);
    return !ec && address.is_loopback();
}

/// The one thing that takes a form.
inline bool is_form(web_request const& request)
{
    return request.path == std::vector<std::string>{"plain", "requeue"};
}

WORK_DECL guard::guard(web_options const& options)
    : credentials_(
          !options.tokens_file.empty() || !options.trust.empty() || options.authorize != nullptr
      ),
      insecure_(options.insecure)
{
    for (std::string const& host : options.hosts)
        hosts_.push_back(lower(host));
    hosts_.push_back(lower(options.address));
}

WORK_DECL void guard::check_host(web_request const& request) const
{
    std::string const name = host_name(request.field("host"));
    bool const loopback = is_loopback_name(name);
    bool const allowed = std::find(hosts_.begin(), hosts_.end(), name) != hosts_.end();
    if (name.empty() || !(loopback || (allowed && (credentials_ || insecure_))))
        throw problem(
            403,
            "bad-host",
            "The Host " + detail::quote(request.field("host")) +
                " is no name of this server: start it with --host NAME and --tokens FILE to be "
                "reached by that name."
        );
    if (credentials_)
        return;
    for (auto const& [field, value] : request.fields)
        if (field == "forwarded" || field == "x-real-ip" || field == "via" ||
            field.starts_with("x-forwarded-"))
            throw problem(
                403,
                "forbidden",
                "The request came through a proxy (it has the field " + detail::quote(field) +
                    "), and a server without credentials serves its own machine alone: start it "
                    "with --tokens FILE."
            );
}

WORK_DECL void guard::check_origin(web_request const& request) const
{
    std::string_view const site = request.field("sec-fetch-site");
    // Pages alone may be gone to from elsewhere.
    bool const page = request.reads() && request.path.size() == 1 &&
                      request.field("sec-fetch-mode") == "navigate" &&
                      request.field("sec-fetch-dest") == "document" &&
                      lower(request.field("accept")).find("text/html") != std::string::npos;
    if (request.has("sec-fetch-site") && site != "same-origin" && site != "none" && !page)
        throw problem(
            403,
            "cross-site",
            "A page of another site may not use this server through a browser (Sec-Fetch-Site)."
        );
    if (request.reads())
        return;
    // Any page can send a form: one that does not say that it came from here is none of ours.
    if (is_form(request) && site != "same-origin" &&
        (request.has("sec-fetch-site") || !request.has("origin")))
        throw problem(
            403,
            "cross-site",
            "The form must come from a page of this server, and the browser must say so "
            "(Sec-Fetch-Site or Origin)."
        );
    if (!request.has("origin"))
        return;
    std::string const origin = lower(request.field("origin"));
    std::string const host = lower(request.field("host"));
    if (origin != "http://" + host && origin != "https://" + host)
        throw problem(
            403,
            "cross-site",
            "A page of another site may not use this server through a browser (Origin)."
        );
}

WORK_DECL void guard::check_media(web_request const& request) const
{
    if (request.has("content-encoding") && lower(request.field("content-encoding")) != "identity")
        throw problem(415, "media-type", "Bodies are taken as they are, without Content-Encoding.");
    std::string const whole = lower(request.field("content-type"));
    std::string media = whole.substr(0, whole.find(';'));
    media = media.substr(0, media.find_last_not_of(' ') + 1);
    if (media.empty() && !request.has("content-type") && !request.has_body())
        return;
    bool const lines = request.path == std::vector<std::string>{"api", "v1", "jobs", "bulk"};
    if (is_form(request) && media == "application/x-www-form-urlencoded")
        return;
    if (media != "application/json" && !(lines && media == "application/x-ndjson"))
        throw problem(
            415,
            "media-type",
            "A body must have Content-Type: application/json (application/x-ndjson for lines of "
            "jobs to /api/v1/jobs/bulk)."
        );
}

WORK_DECL void guard::check(web_request const& request) const
{
    check_host(request);
    check_origin(request);
    check_media(request);
}

}  // namespace work::web
