// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/task.hpp>
#include <work/web/options.hpp>

#include <cstdint>
#include <memory>

namespace work {

class worker_pool;

namespace web {
struct server_core;
}

/// Serves the HTTP API of one client's namespace: docs/http-api.md.
///
///     work::web_server server{client, options};
///     co_await server.run();
///
/// \par Lifetimes     the client must live until `run` has returned.
/// \par Thread safety as its client; `stop` from any thread.
class web_server
{
public:
    /// Reads the tokens and listens; requests wait until `run`.
    /// \par Errors errc::invalid_option; boost::system::system_error when the address can't be had:
    ///             another program has the port, or it is no address of this machine.
    WORK_DECL explicit web_server(client& of, web_options options = {});
    WORK_DECL ~web_server();
    web_server(web_server const&) = delete;
    web_server& operator=(web_server const&) = delete;

    /// Metrics and health of a worker pool of this process are served, too: readiness is then that
    /// of the pools. Before `run`; the pool may go before the server. Its client may be another.
    WORK_DECL void watch(worker_pool const& pool);
    /// Where it listens.
    WORK_DECL std::uint16_t port() const;
    /// Serves until `stop`, and then for what is under way at most 0.5 s longer.
    /// \par Cancellation terminal, as `stop`
    /// \par Redis        TIME every 5 s, for /healthz/ready, but beside pools; otherwise what is
    ///                    asked for
    WORK_DECL task<void> run();
    /// Makes `run` return.
    WORK_DECL void stop();

private:
    std::shared_ptr<web::server_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/web/impl/server.ipp>
#include <work/web/routes/routes.hpp>
#endif
