// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/text.hpp>
#include <work/web/options.hpp>
#include <work/web/trust.hpp>

#include <boost/asio/ip/address.hpp>

namespace work {

WORK_DECL void web_options::validate() const
{
    boost::system::error_code ec;
    auto const parsed = boost::asio::ip::make_address(address, ec);
    if (ec)
        throw error(
            errc::invalid_option,
            "address is " + detail::quote(address) +
                ", it must be an IP address as 127.0.0.1 or ::1"
        );
    web::check_trust(*this);
    if (authorize && (!tokens_file.empty() || !trust.empty() || insecure))
        throw error(
            errc::invalid_option,
            "authorize says who asks, so that tokens_file, trust and insecure have no place beside "
            "it: let it read tokens, or leave it out"
        );
    if (tokens_file.empty() && trust.empty() && !authorize && !insecure && !parsed.is_loopback())
        throw error(
            errc::invalid_option,
            "address is " + address +
                ", which others can reach: give tokens_file (work server --tokens FILE), or trust "
                "(--trust NETWORK) for a proxy that says who asks, or set insecure when everyone "
                "may do everything"
        );
    if (environment.size() > 32 ||
        environment.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789._-") != std::string::npos)
        throw error(
            errc::invalid_option,
            "environment is " + detail::quote(environment) +
                ", it must be at most 32 of [A-Za-z0-9._-], as production"
        );
    bool const leads_somewhere =
        trace_url.starts_with("https://") || trace_url.starts_with("http://");
    if (!trace_url.empty() && (!leads_somewhere || trace_url.size() > 1'024 ||
                               trace_url.find("{trace_id}") == std::string::npos ||
                               detail::sanitized_utf8(trace_url, 2'048) != trace_url))
        throw error(
            errc::invalid_option,
            "trace_url is " + detail::quote(trace_url) +
                ", it must be a URL with {trace_id} in it, as "
                "https://traces.shop.internal/trace/{trace_id}"
        );
    for (web_file const& one : ui)
        if (one.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789._-") != std::string::npos)
            throw error(
                errc::invalid_option,
                "ui has a file named " + detail::quote(one.name) +
                    ", names of files may hold [A-Za-z0-9._-]"
            );
    detail::check_integer("head_bytes", std::int64_t(limits.head_bytes), 256, 1 << 20);
    detail::check_integer("fields", std::int64_t(limits.fields), 1, 1'000);
    detail::check_integer("connections", std::int64_t(limits.connections), 1, 1'000'000);
    detail::check_integer("bulk_jobs", std::int64_t(limits.bulk_jobs), 1, 100'000);
    detail::check_integer("body_bytes", std::int64_t(limits.body_bytes), 1, 64 << 20);
    detail::check_integer("report_bytes", std::int64_t(limits.report_bytes), 1, 64 << 20);
    detail::check_integer("bulk_bytes", std::int64_t(limits.bulk_bytes), 1, 64 << 20);
    detail::check_duration(
        "head_in",
        limits.head_in,
        std::chrono::milliseconds(1),
        std::chrono::hours(1)
    );
}

}  // namespace work
