// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "commands.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct logs_flags
{
    connection to;
    std::string id;
    bool follow = false;
    bool json = false;
};

bool may_log_more(job_state state)
{
    return state != job_state::unknown && state != job_state::completed &&
           state != job_state::cancelled && state != job_state::dead &&
           state != job_state::set_aside;
}

/// Where those begin that were not shown: `last` may be among them no more.
std::size_t first_new(job_log const& log, std::optional<job_log_line> const& last)
{
    if (!last)
        return 0;
    auto const found = std::find(log.lines.begin(), log.lines.end(), *last);
    return found == log.lines.end() ? 0 : static_cast<std::size_t>(found - log.lines.begin()) + 1;
}

void print_log_line(job_log_line const& line)
{
    print_line(
        (times_shown() == times::relative ? format_rfc3339(line.at_ms) : moment(line.at_ms, true)) +
        "  attempt " + std::to_string(line.attempt) + "  " + printable(line.text)
    );
}

task<int> show_log(access& at, logs_flags const& o)
{
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    std::optional<job_log_line> last;
    bool found = false;
    for (;;) {
        // Its state first: what it logs until its end is then in the log.
        job_info const job = co_await at.job(o.id);
        job_log const log = co_await at.logs(o.id);
        found = found || job.state != job_state::unknown;
        if (!found)
            break;
        if (o.json && !o.follow) {
            print_as_json(log);
            break;
        }
        for (std::size_t i = first_new(log, last); i != log.lines.size(); ++i) {
            if (o.json)
                print_as_json(log.lines[i]);
            else
                print_log_line(log.lines[i]);
        }
        if (!log.lines.empty())
            last = log.lines.back();
        if (!o.follow && log.lost > 0)
            print_line(std::to_string(log.lost) + " line(s) are not kept");
        if (!o.follow || !may_log_more(job.state))
            break;
        std::fflush(stdout);
        pause.expires_after(std::chrono::seconds(1));
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
    if (found)
        co_return ok;
    print_error("no job " + detail::quote(o.id) + " in namespace " + detail::quote(o.to.ns));
    co_return not_found;
}

}  // namespace

void add_logs(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<logs_flags>();
    CLI::App* const command = program.add_subcommand("logs", "Show what a job's handlers logged");
    command->add_option("ID", o->id, "Its id")->required();
    command->add_flag("-f,--follow", o->follow, "Go on until the job has ended");
    command->add_flag("--json", o->json, "As one line of JSON; with -f a line each");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, show_log, *o); }; });
}

}  // namespace work::tool
