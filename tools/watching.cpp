// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "watching.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>
#include <utility>

#include "terminal.hpp"
#include "when.hpp"

namespace work::tool {

std::chrono::milliseconds watch_option::interval() const
{
    using namespace std::chrono_literals;
    if (!asked())
        return 0ms;
    auto const time = read_lasting("--watch", every);
    if (time < 200ms || time > 24h)
        throw error(errc::invalid_option, "--watch " + every + " is outside 200ms..1d");
    return time;
}

void begin_picture(bool first)
{
    if (output_is_terminal())
        // lint-allow(raw-output): a sequence of ours
        std::fputs("\x1b[H\x1b[2J", stdout);
    else if (!first)
        print_line("");
}

task<void> rest(boost::asio::any_io_executor on, std::chrono::milliseconds time)
{
    std::fflush(stdout);
    boost::asio::steady_timer timer(std::move(on), time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace work::tool
