// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <string>

#include "access/by_server.hpp"
#include "commands.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct healthcheck_flags
{
    connection to;
    std::string server;
};

task<int> check_access(access& at, healthcheck_flags const&)
{
    co_await at.check();
    co_return ok;
}

// Quiet where all is well: it runs every few seconds, and its output is kept by who runs it.
int run(healthcheck_flags& o)
{
    o.to.settle();
    if (o.server.empty() && o.to.server.empty())
        return with_access(o.to, check_access, o);
    // Nobody need know a token for that.
    boost::asio::io_context io{1};
    std::string const& url = o.server.empty() ? o.to.server : o.server;
    http_client over(io.get_executor(), parse_server_url(url), "");
    auto const at = access_by_server(over, {});
    boost::asio::co_spawn(io, check_access(*at, o), [&over](std::exception_ptr failure, int) {
        over.close();
        if (failure)
            std::rethrow_exception(failure);
    });
    io.run();
    return ok;
}

}  // namespace

void add_healthcheck(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<healthcheck_flags>();
    CLI::App* const command = program.add_subcommand(
        "healthcheck",
        "Exits with 0 where the broker, or a server, can be used; for images without curl"
    );
    command->add_option("--server", o->server, "Ask this work server instead: http://HOST:PORT")
        ->type_name("URL");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return run(*o); }; });
}

}  // namespace work::tool
