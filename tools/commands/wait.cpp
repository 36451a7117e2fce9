// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/inspector.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "ids.hpp"
#include "print.hpp"
#include "watching.hpp"
#include "when.hpp"
#include "with_access.hpp"

namespace work::tool {

/// What is known of a job that is waited for.
struct awaited_job
{
    std::string id;
    job_state state = job_state::unknown;
    bool seen = false;   ///< it was there at some look
    bool ended = false;  ///< it will not run any more, as far as can be known
};
BOOST_DESCRIBE_STRUCT(awaited_job, (), (id, state, ended))

/// What `--json` prints.
struct wait_report
{
    std::vector<awaited_job> jobs;
    bool timed_out = false;
};
BOOST_DESCRIBE_STRUCT(wait_report, (), (jobs, timed_out))

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct wait_flags
{
    connection to;
    std::vector<std::string> ids;
    std::string timeout;
    bool json = false;
    bool jsonl = false;
};

bool is_end(job_state state)
{
    switch (state) {
    case job_state::dead:
    case job_state::completed:
    case job_state::cancelled:
    case job_state::set_aside: return true;
    default: return false;
    }
}

/// A part of a look: its jobs are asked for together.
struct part
{
    explicit part(boost::asio::any_io_executor on) : done(std::move(on)) {}

    boost::asio::steady_timer done;  ///< cancelled by the last answer
    std::size_t open = 0;
    std::exception_ptr failure;
};

task<void> ask(access& at, awaited_job& job, std::shared_ptr<part> of)
{
    try {
        std::string id = job.id;
        job_info const found = co_await at.job(std::move(id));
        // A job that was there and is not any more has ended, and its record was not kept.
        job.ended = is_end(found.state) || found.state == job_state::unknown;
        job.seen = job.seen || found.state != job_state::unknown;
        job.state = found.state;
    } catch (...) {
        of->failure = std::current_exception();
    }
    if (--of->open == 0)
        of->done.cancel();
}

task<void> ask_all(access& at, std::vector<awaited_job*> jobs)
{
    for (std::size_t first = 0; first < jobs.size(); first += at.at_once()) {
        auto const of = std::make_shared<part>(at.executor());
        of->done.expires_at(steady_clock::time_point::max());
        std::size_t const end = std::min(first + at.at_once(), jobs.size());
        of->open = end - first;
        for (std::size_t i = first; i != end; ++i)
            boost::asio::co_spawn(at.executor(), ask(at, *jobs[i], of), [](std::exception_ptr) {});
        boost::system::error_code woken;
        while (of->open != 0)
            co_await of->done.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, woken)
            );
        if (of->failure)
            std::rethrow_exception(of->failure);
    }
}

/// "completed"; "gone" for one whose record was not kept.
std::string_view word_of(awaited_job const& job)
{
    return job.state == job_state::unknown && job.seen ? "gone" : to_string(job.state);
}

void print_ended(awaited_job const& job, wait_flags const& o)
{
    if (o.jsonl)
        print_as_json(job);
    else if (!o.json && (job.seen || job.state != job_state::unknown))
        print_line(job.id + " " + std::string(word_of(job)));
    else if (!o.json)
        print_error(
            "no job " + detail::quote(job.id) + ": it never existed, or it finished and is not kept"
        );
    std::fflush(stdout);
}

int code_of(std::vector<awaited_job> const& jobs, bool timed_out)
{
    auto const any = [&](auto const& holds) {
        return std::any_of(jobs.begin(), jobs.end(), holds);
    };
    if (any([](awaited_job const& j) { return j.ended && !j.seen; }))
        return not_found;
    if (timed_out)
        return failed;
    bool const otherwise = any([](awaited_job const& j) {
        return j.state != job_state::completed && j.state != job_state::unknown;
    });
    return otherwise ? moved_on : ok;
}

std::vector<awaited_job> distinct(std::vector<std::string> const& ids)
{
    std::vector<awaited_job> jobs;
    std::set<std::string_view> known;
    for (std::string const& id : ids)
        if (known.insert(id).second)
            jobs.push_back({id, job_state::unknown, false, false});
    return jobs;
}

std::chrono::milliseconds time_of(wait_flags const& o)
{
    if (o.timeout.empty())
        return std::chrono::milliseconds::max();
    return read_lasting("--timeout", o.timeout);
}

task<int> wait(access& at, wait_flags const& o)
{
    std::chrono::milliseconds const time = time_of(o);
    auto const began = steady_clock::now();
    wait_report report;
    report.jobs = distinct(ids_of(o.ids));
    for (std::chrono::milliseconds interval = 50ms;;
         interval = std::min(interval * 3 / 2, 1000ms)) {
        std::vector<awaited_job*> open;
        for (awaited_job& job : report.jobs)
            if (!job.ended)
                open.push_back(&job);
        std::vector<awaited_job*> asked = open;
        std::string trouble;
        try {
            co_await ask_all(at, std::move(asked));
        } catch (error const& e) {
            // It was there when this began, and may be back before the jobs have ended.
            if (e.code() != errc::unavailable && e.code() != errc::outcome_unknown)
                throw;
            trouble = e.what();
        }
        if (!trouble.empty())
            print_error(trouble);
        bool all = true;
        for (awaited_job const* const job : open) {
            all = all && job->ended;
            if (job->ended)
                print_ended(*job, o);
        }
        auto const passed =
            std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
        report.timed_out = !all && passed >= time;
        if (all || report.timed_out)
            break;
        co_await rest(at.executor(), std::min(interval, time - passed));
    }
    if (report.timed_out && !o.json)
        for (awaited_job const& job : report.jobs)
            if (!job.ended)
                print_error(
                    "job " + detail::quote(job.id) + " is " + std::string(to_string(job.state)) +
                    " after " + o.timeout
                );
    if (o.json)
        print_as_json(report);
    co_return code_of(report.jobs, report.timed_out);
}

}  // namespace

void add_wait(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<wait_flags>();
    CLI::App* const command = program.add_subcommand("wait", "Wait until jobs have ended");
    command->add_option("ID", o->ids, "The jobs; - reads ids from standard input")->required();
    command->add_option("--timeout", o->timeout, "At most so long: 30s; without it, for ever")
        ->type_name("TIME");
    command->add_flag("--json", o->json, "One line of JSON at the end: an id and a state each");
    command->add_flag("--jsonl", o->jsonl, "A line of JSON for each job, when it has ended");
    o->to.add_to(*command);
    command->callback([&chosen, o] {
        chosen = [o] {
            time_of(*o);
            return with_access(o->to, wait, *o);
        };
    });
}

}  // namespace work::tool
