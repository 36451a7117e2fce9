// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/client.hpp>

#include <memory>
#include <string>

#include "commands.hpp"
#include "conformance/http_caller.hpp"
#include "print.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct healthcheck_flags
{
    connection to;
    std::string server;
};

task<int> check_broker(client& at, healthcheck_flags const&)
{
    co_await at.check();
    co_return ok;
}

// Quiet where all is well: it runs every few seconds, and its output is kept by who runs it.
int run(healthcheck_flags& o)
{
    if (o.server.empty())
        return with_client(o.to, check_broker, o);
    http_reply const answer = http_caller(o.server, "").call("GET", "/healthz/ready");
    if (answer.status == 200)
        return ok;
    print_error(
        answer.status == 0 ? "the server at " + o.server + " does not answer"
                           : "the server at " + o.server + " is not ready: it answers " +
                                 std::to_string(answer.status) + " to GET /healthz/ready"
    );
    return failed;
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
