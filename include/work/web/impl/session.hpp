// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/secured_stream.hpp>
#include <work/task.hpp>
#include <work/web/auth.hpp>
#include <work/web/connections.hpp>
#include <work/web/guard.hpp>
#include <work/web/request.hpp>
#include <work/web/request_rates.hpp>
#include <work/web/response.hpp>
#include <work/web/router.hpp>
#include <work/web/service.hpp>
#include <work/web/trust.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace work::web {

/// One connection. What its session waits for has a time to end, which the server looks at: one
/// timer for all of them.
struct connection
{
    explicit connection(boost::asio::ip::tcp::socket with) : socket(std::move(with)) {}

    /// Whether it counts for who asks, and not for its peer.
    bool by_token() const noexcept { return loopback || trusted; }

    /// Nothing that the session waits for has a limit.
    static constexpr std::int64_t no_limit = INT64_MAX;

    boost::asio::ip::tcp::socket socket;
    boost::asio::cancellation_signal cancel;
    std::int64_t until_ms = no_limit;  ///< by `steady_ms`
    bool late = false;                 ///< it passed
    bool idle = true;                  ///< no request is under way
    std::int64_t asked_ms = 0;         ///< a route runs since then, by `steady_ms`; 0: none does
    bool waits = false;                ///< it may take long
    bool cut = false;                  ///< it was ended, since the broker is away
    std::string buffer;                ///< came, and is not read yet
    std::string peer;
    bool loopback = false;
    bool trusted = false;                   ///< it is a proxy that says who asks
    std::unique_ptr<secured_stream> tls{};  ///< what its bytes go through; empty: nothing
    std::weak_ptr<web_caller> caller{};     ///< who waits behind TLS
    std::string user;                       ///< counted for it; "" before the first request
};

/// What the sessions of a server share.
struct server_core : std::enable_shared_from_this<server_core>
{
    WORK_DECL server_core(client& at, web_options with);

    /// Everything that comes before the route itself: guards, who it is, what that one may.
    /// \par Errors `problem`
    WORK_DECL route const& admit(connection& of, web_request& request);
    WORK_DECL web_user user_of(connection const& of, web_request const& request);
    void stop();

    service at;
    web_options const& options;
    logger log;
    guard guards;
    std::optional<token_file> tokens;
    trust proxies;
    request_rates rates;
    std::int64_t refreshed_ms = 0;  ///< the certificate was looked at; by `steady_ms`
    std::int64_t warned_ms = 0;     ///< that everyone may do everything
    connections count;
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer turn;  ///< of the loop that looks for what is late
    std::set<std::shared_ptr<connection>> open;
    boost::asio::cancellation_signal asking;  ///< ends the questions for readiness
    bool stopping = false;
};

/// Serves one connection to its end.
WORK_DECL task<void> serve(std::shared_ptr<server_core> core, std::shared_ptr<connection> of);

/// The text of an answer, with all that every answer has.
WORK_DECL std::string write_response(web_response const& answer, bool head_only, bool close);
/// The reason phrase of a status.
WORK_DECL std::string_view reason_of(int status) noexcept;

/// Undoes chunked encoding or counts a length, as it comes.
class body_reader
{
public:
    /// `head` is that of the request, whole.
    WORK_DECL body_reader(std::string_view head, std::size_t limit);
    WORK_DECL ~body_reader();
    body_reader(body_reader const&) = delete;
    body_reader& operator=(body_reader const&) = delete;

    /// Takes what it can from the front of `buffer`.
    /// \par Errors `problem` 400 bad-request, 413 too-large
    WORK_DECL void take(std::string& buffer);
    WORK_DECL bool done() const;
    WORK_DECL std::string body();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/impl/session.ipp>
#include <work/web/impl/transport.ipp>
#endif
