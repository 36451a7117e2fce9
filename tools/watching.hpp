// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/task.hpp>

#include <chrono>
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "access/access.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {

/// --watch and its value.
struct watch_option
{
    std::string every;

    void add_to(CLI::App& command)
    {
        command.add_option("--watch", every, "Look again and again, after so long each time: 2s")
            ->type_name("TIME");
    }
    bool asked() const { return !every.empty(); }
    /// Errors: errc::invalid_option.
    std::chrono::milliseconds interval() const;
};

/// Before each look but the first: an empty terminal, or a line between.
void begin_picture(bool first);
/// What is to be seen is written, and so much time passes.
task<void> rest(boost::asio::any_io_executor on, std::chrono::milliseconds time);

/// Looks once, or again and again while `watch` is asked for; then a broker that is away is
/// reported, and asked again. `show` gets what was seen, and what was seen before it, and gives the
/// exit code; `apart` says how long to wait after that, where so much is asked for.
template <typename Seen, typename Options>
task<int> look_and_show(
    access& at,
    Options const& o,
    watch_option const& watch,
    task<Seen> (*look)(access&, Options const&),
    int (*show)(Seen const&, std::optional<Seen> const&, Options const&),
    std::chrono::milliseconds (*apart)(Seen const&, std::chrono::milliseconds)
)
{
    std::chrono::milliseconds const interval = watch.interval();
    std::optional<Seen> before;
    int code = ok;
    for (bool first = true;; first = false) {
        try {
            Seen seen = co_await look(at, o);
            if (watch.asked())
                begin_picture(first);
            code = show(seen, before, o);
            before = std::move(seen);
        } catch (error const& e) {
            if (!watch.asked() || e.code() == errc::refused)
                throw;
            print_error(e.what());
        }
        if (!watch.asked())
            co_return code;
        std::chrono::milliseconds const next = before ? apart(*before, interval) : interval;
        co_await rest(at.executor(), next);
    }
}

}  // namespace work::tool
