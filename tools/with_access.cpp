// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "with_access.hpp"

#include <work/client.hpp>
#include <work/error.hpp>
#include <work/values/text.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <memory>
#include <utility>

#include "access/by_broker.hpp"
#include "access/by_server.hpp"
#include "reach.hpp"
#include "tls_for.hpp"

namespace work::tool {
namespace {

using runner = std::function<task<int>(access&)>;

task<int> reach_broker_and_run(std::string const& url, access& at, runner const& run)
{
    co_await reach(url);
    co_return co_await run(at);
}

task<int> greet_and_run(connection& to, http_client& over, runner const& run)
{
    server_greeting greeting = co_await greet(over);
    to.serves(greeting.ns);
    auto const at = access_by_server(over, std::move(greeting));
    int const code = co_await run(*at);
    over.close();
    co_return code;
}

int run_to_its_end(boost::asio::io_context& io, task<int> what)
{
    int code = failed;
    boost::asio::co_spawn(io, std::move(what), [&code](std::exception_ptr failure, int ended) {
        if (failure)
            std::rethrow_exception(failure);
        code = ended;
    });
    io.run();
    return code;
}

}  // namespace

int run_with_access(connection& to, std::function<task<int>(access&)> run, logger log)
{
    to.settle();
    boost::asio::io_context io{1};
    if (!to.server.empty()) {
        http_client over(io.get_executor(), parse_server_url(to.server), to.token);
        return run_to_its_end(io, greet_and_run(to, over, run));
    }
    client_options how;
    how.ns = to.ns;
    how.tls = tls_for(to.url);
    how.logger = std::move(log);
    client over{io, to.url, how};
    auto const at = access_by_broker(over);
    return run_to_its_end(io, reach_broker_and_run(to.url, *at, run));
}

}  // namespace work::tool
