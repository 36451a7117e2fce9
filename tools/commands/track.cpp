// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/text.hpp>

#include <boost/describe/class.hpp>

#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "print.hpp"
#include "times.hpp"
#include "with_access.hpp"

namespace work::tool {

/// What `--json` prints.
struct tracking_row
{
    std::string id;
    admin_code code = admin_code::gone;
};
BOOST_DESCRIBE_STRUCT(tracking_row, (), (id, code))
struct tracking_rows
{
    std::vector<tracking_row> results;
};
BOOST_DESCRIBE_STRUCT(tracking_rows, (), (results))
struct tracked_rows
{
    std::vector<tracked_job> tracked;
};
BOOST_DESCRIBE_STRUCT(tracked_rows, (), (tracked))

namespace {

struct track_flags
{
    connection to;
    std::vector<std::string> ids;
    bool remove = false;
    bool json = false;
};

std::string_view track_outcome(bool remove, admin_code code)
{
    if (remove)
        return code == admin_code::done ? "is tracked no more" : "was not tracked";
    return code == admin_code::done      ? "is tracked"
           : code == admin_code::already ? "is tracked already"
                                         : "no such job";
}

task<int> track(access& at, track_flags const& o)
{
    std::string who = at.who();
    std::vector<std::string> ids = o.ids;
    std::vector<admin_code> codes;
    if (o.remove) {
        codes = co_await at.untrack(std::move(ids), std::move(who));
    } else {
        auto const results = co_await at.track(std::move(ids), std::move(who));
        for (admin_result const& one : results)
            codes.push_back(one.code);
    }
    tracking_rows told;
    bool missing = false;
    for (std::size_t i = 0; i != o.ids.size(); ++i) {
        missing = missing || codes.at(i) == admin_code::gone;
        told.results.push_back({o.ids[i], codes[i]});
        if (!o.json)
            print_line(
                detail::quote(o.ids[i]) + ": " + std::string(track_outcome(o.remove, codes[i]))
            );
    }
    if (o.json)
        print_as_json(told);
    co_return missing ? not_found : ok;
}

task<int> list_tracked_jobs(access& at, track_flags const& o)
{
    tracked_rows told;
    told.tracked = co_await at.tracked();
    std::int64_t const now = co_await at.now_ms();
    if (o.json) {
        print_as_json(told);
        co_return ok;
    }
    if (told.tracked.empty())
        print_line("no job is tracked (work track ID)");
    for (tracked_job const& one : told.tracked) {
        std::string text = printable(one.id) + "  " + std::string(to_string(one.state)) + "  " +
                           printable(one.name);
        if (one.queue != one.name)
            text += " in " + printable(one.queue);
        if (one.ended_ms > 0)
            text += "  ended " + absolute(one.ended_ms, now);
        if (!one.there)
            text += "  (nothing is kept of it)";
        text += "  tracked " + absolute(one.since_ms, now);
        if (!one.by.empty())
            text += " by " + printable(one.by);
        print_line(text);
    }
    co_return ok;
}

}  // namespace

void add_track(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<track_flags>();
    CLI::App* const command =
        program.add_subcommand("track", "Track jobs: work tracked shows their states");
    command->add_option("id", o->ids, "Their ids")->required();
    command->add_flag("--remove", o->remove, "Track them no more");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, track, *o); }; });

    auto const all = std::make_shared<track_flags>();
    CLI::App* const list = program.add_subcommand("tracked", "Jobs that are tracked, and where");
    list->add_flag("--json", all->json, "As one line of JSON");
    all->to.add_to(*list);
    list->callback([&chosen, all] {
        chosen = [all] { return with_access(all->to, list_tracked_jobs, *all); };
    });
}

}  // namespace work::tool
