// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/task.hpp>
#include <work/web/file.hpp>
#include <work/web/request.hpp>
#include <work/web/roles.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace work {

class web_certificate;

/// How much one caller may ask of a web server. What is beyond answers with the limit in its text.
struct web_limits
{
    std::size_t head_bytes = 8 << 10;  ///< request line and fields
    std::size_t fields = 64;
    std::size_t target_bytes = 4 << 10;
    std::size_t parameters = 32;
    std::size_t parameter_bytes = 1 << 10;
    std::size_t body_bytes = 1 << 20;
    std::size_t bulk_bytes = 8 << 20;      ///< of POST /jobs/bulk
    std::size_t report_bytes = 4 << 20;    ///< of a worker's report
    std::size_t bodies_bytes = 128 << 20;  ///< of all requests under way together
    std::size_t bulk_jobs = 1'000;
    std::size_t parked_claims = 4'096;
    std::size_t pools_per_token = 1'000;
    std::size_t connections = 8'192;
    std::size_t connections_per_peer = 256;     ///< but for loopback and trusted proxies
    std::size_t connections_per_token = 4'096;  ///< instead, for those
    std::size_t requests_per_connection = 1'000;
    std::size_t streams = 256;  ///< of GET /events, at once
    std::chrono::milliseconds head_in{5'000};
    /// One second more for every 256 KiB that are announced.
    std::chrono::milliseconds body_in{10'000};
    std::chrono::milliseconds write_out{10'000};
    std::chrono::milliseconds keep_alive{15'000};
};

/// Nesting of a request's JSON.
inline constexpr std::size_t max_web_json_depth = 32;

/// Where a web server listens, and who may do what.
struct web_options
{
    /// An IP address. Without `tokens_file` or `trust` it must be loopback, or `insecure` be set.
    std::string address = "127.0.0.1";
    /// 0: any free one; `web_server::port()` says which.
    std::uint16_t port = 5040;
    /// More names that a request's Host may have: loopback's and `address` are allowed anyway.
    std::vector<std::string> hosts{};
    /// `name role[,role] sha256:<hex> [queues=a,b]` a line; read again when it changes.
    std::string tokens_file{};
    /// Proxies, as addresses or networks ("10.0.0.0/8"), that say who asks: a request of theirs has
    /// the user's name in `user_header`, and the roles, with commas between them, in `role_header`
    /// (without it: viewer). They must take out what their callers send by these names. Such a
    /// field from anybody else is refused, and logged.
    std::vector<std::string> trust{};
    std::string user_header{};  ///< "X-Forwarded-User"; needed where `trust` is given
    std::string role_header{};  ///< "": all of them are viewers
    /// Says who asks, for programs that have users of their own: it is called for each request that
    /// is well-formed and came from no other site, before anything is done with it, and nobody else
    /// is asked. Nothing: nobody, 401. It is to be quick, and what it throws is a 500, logged.
    ///
    ///     options.authorize = [&](work::web_request const& request)
    ///         -> work::task<std::optional<work::web_user>> {
    ///         auto const who = co_await sessions.find(request.field("cookie"));
    ///         if (!who)
    ///             co_return std::nullopt;
    ///         co_return work::web_user::with(who->name, {who->is_admin ? "admin" : "viewer"});
    ///     };
    std::function<task<std::optional<web_user>>(web_request const&)> authorize{};
    /// Speaks HTTPS alone, with this: `work::web_tls()` of <work/tls.hpp>. Empty: plain HTTP.
    std::shared_ptr<web_certificate> tls{};
    /// Refuses whatever changes something.
    bool read_only = false;
    /// Without tokens, everyone who reaches the address may do everything. The log says so each
    /// minute.
    bool insecure = false;
    /// Deletes no jobs, whoever asks: what happened stays to be looked at.
    bool no_delete = false;
    /// Shows nobody what jobs hold: arguments, results, progress, headers, messages of failures. It
    /// can't be looked for either. Workers get their jobs whole.
    bool hide_args = false;
    /// Serves /metrics and /healthz alone, and asks the broker for nothing: beside a worker pool.
    bool metrics_only = false;
    /// What this is, as `production`: told by GET /api/v1/. The web UI shows it, and in production
    /// asks for the namespace before anything is destroyed. 32 of [A-Za-z0-9._-]; "": not said.
    std::string environment{};
    /// Where traces are looked at, with `{trace_id}` in its place: the web UI links there from a
    /// job whose headers have a `traceparent`. "https://traces.shop.internal/trace/{trace_id}"
    std::string trace_url{};
    /// A web UI, at / for browsers; without one / is the plain page. `work server` has its own.
    std::vector<web_file> ui{};
    web_limits limits{};

    /// Throws `errc::invalid_option` that names the field, the value and what is allowed.
    WORK_DECL void validate() const;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/web/options.ipp>
#endif
