// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/error.hpp>
#include <work/inspector.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "with_client.hpp"

namespace work::tool {
namespace {

struct doctor_flags
{
    connection to;
    bool repair = false;
    bool json = false;
};

/// What was looked at, and what it came to.
struct findings
{
    std::string server;  ///< what is wrong with it, "" if nothing is
    broker_counts counts;
    std::size_t pools = 0;
    std::vector<std::string> strays;
    std::int64_t taken_back = 0;
};

task<findings> look_at(client& at, bool repair)
{
    findings found;
    try {
        co_await at.check();
    } catch (error const& e) {
        found.server = e.what();
    }
    inspector look{at};
    found.counts = co_await look.counts();
    std::vector<pool_info> const pools = co_await look.pools();
    found.pools = pools.size();
    found.strays = co_await look.strays();
    if (!repair || found.strays.empty())
        co_return found;
    std::vector<std::string> ids = found.strays;
    std::vector<admin_code> const codes = co_await look.take_back(std::move(ids));
    found.taken_back = std::count(codes.begin(), codes.end(), admin_code::done);
    co_return found;
}

std::string jobs(std::int64_t count)
{
    return std::to_string(count) + (count == 1 ? " job" : " jobs");
}

void print_findings(findings const& f, doctor_flags const& o)
{
    auto const line = [](std::string const& what, std::string const& text) {
        print_line(what + std::string(12 - what.size(), ' ') + text);
    };
    broker_counts const& c = f.counts;
    line(
        "server",
        f.server.empty() ? "answers, is new enough, evicts nothing, and lets this user "
                           "do what is needed"
                         : f.server
    );
    line(
        "pools",
        f.pools > 0                 ? std::to_string(f.pools) + " alive"
        : c.pending + c.suspect > 0 ? "none is alive, and " + jobs(c.pending + c.suspect) + " wait"
                                    : "none is alive"
    );
    line(
        "suspects",
        c.suspect > 0 ? jobs(c.suspect) + " may have killed their processes, and are "
                                          "tried a few at a time"
                      : "none"
    );
    line(
        "set aside",
        c.set_aside > 0
            ? std::to_string(c.set_aside) + " records can't be read; see work job, restore, cancel"
            : "none"
    );
    if (c.forgotten > 0)
        line(
            "restored",
            jobs(c.forgotten) + " ran again since the store was restored from an "
                                "older copy, or keys were overwritten"
        );
    std::int64_t const strays = static_cast<std::int64_t>(f.strays.size());
    if (strays == 0)
        line("strays", "none: every job is in a list, a claim or a set");
    else if (!o.repair)
        line(
            "strays",
            jobs(strays) + " in no list, claim or set, as after keys were deleted by "
                           "hand; work doctor --repair gives them back"
        );
    else
        line(
            "strays",
            jobs(f.taken_back) + " given back; " + jobs(strays - f.taken_back) + " had only moved"
        );
}

/// What `--json` prints.
struct doctor_report
{
    std::string server;
    std::int64_t pools = 0;
    std::int64_t waiting = 0;
    std::int64_t suspect = 0;
    std::int64_t set_aside = 0;
    std::int64_t forgotten = 0;
    std::vector<std::string> strays;
    std::int64_t taken_back = 0;
};
BOOST_DESCRIBE_STRUCT(
    doctor_report,
    (),
    (server, pools, waiting, suspect, set_aside, forgotten, strays, taken_back)
)

void print_findings_json(findings const& f)
{
    doctor_report report;
    report.server = f.server;
    report.pools = static_cast<std::int64_t>(f.pools);
    report.waiting = f.counts.pending + f.counts.suspect;
    report.suspect = f.counts.suspect;
    report.set_aside = f.counts.set_aside;
    report.forgotten = f.counts.forgotten;
    report.strays = f.strays;
    report.taken_back = f.taken_back;
    print_as_json(report);
}

task<int> doctor(client& at, doctor_flags const& o)
{
    findings const found = co_await look_at(at, o.repair);
    o.json ? print_findings_json(found) : print_findings(found, o);
    bool const strays = !found.strays.empty() && !o.repair;
    co_return found.server.empty() && !strays ? ok : failed;
}

}  // namespace

void add_doctor(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<doctor_flags>();
    CLI::App* const command =
        program.add_subcommand("doctor", "Looks for what is wrong with server and jobs");
    command->add_flag("--repair", o->repair, "Gives jobs that are in no place back to their lists");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_client(o->to, doctor, *o); }; });
}

}  // namespace work::tool
