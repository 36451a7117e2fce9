// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/inspector.hpp>
#include <work/values/duration.hpp>
#include <work/values/text.hpp>
#include <work/web/hidden.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "commands.hpp"
#include "print.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct job_flags
{
    connection to;
    std::string id;
    bool json = false;
};

/// "50.5", "100": as people write it, to one digit behind the point.
std::string percentage(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", std::clamp(value, 0.0, 100.0));
    std::string_view const shown(text);
    return std::string(shown.ends_with(".0") ? shown.substr(0, shown.size() - 2) : shown);
}

std::string_view name_of_when(job_state state)
{
    switch (state) {
    case job_state::scheduled:
    case job_state::retry: return "due";
    case job_state::dead: return "died";
    case job_state::waiting: return "since";
    case job_state::active: return "lease until";
    default: return {};
    }
}

void line(std::string_view title, std::string_view value)
{
    std::string out(title);
    out.resize(14, ' ');
    print_line(out.append(printable(value)));
}

void print_ending(job_info const& job)
{
    job_ending const& end = *job.ended;
    line("ended", absolute(end.at_ms, job.now_ms) + " " + end.outcome);
    if (end.attempt > 0)
        line("ran", std::to_string(end.run_us) + " us, attempt " + std::to_string(end.attempt));
    if (!end.reason.empty())
        line("reason", end.reason);
    if (!end.by.empty())
        line("by", end.by);
    if (!end.result_fault.empty())
        line("no result", end.result_fault);
}

/// So many of them, and how many more there are.
std::string listed(std::vector<std::string> const& words, std::int64_t of)
{
    constexpr std::size_t most = 10;
    std::string text;
    std::size_t const shown = std::min(words.size(), most);
    for (std::size_t i = 0; i != shown; ++i)
        text += (i == 0 ? "" : ", ") + words[i];
    auto const more = of - static_cast<std::int64_t>(shown);
    return more > 0 ? text + " and " + std::to_string(more) + " more" : text;
}

/// Its flow, whom it waits for, who waits for it, what it was given.
void print_bindings(job_bindings const& bound)
{
    if (!bound.flow.empty())
        line("flow", bound.flow);
    std::vector<std::string> needs;
    for (job_bond const& one : bound.waits_for)
        needs.push_back(
            one.id + (one.as.empty() ? "" : " as " + detail::quote(one.as)) +
            (one.otherwise == "cancel" ? "" : " (else " + one.otherwise + ")")
        );
    if (!needs.empty())
        line("waits for", listed(needs, bound.waits_for_count));
    if (!bound.needed_by.empty())
        line("needed by", listed(bound.needed_by, bound.needed_by_count));
    for (job_gift const& one : bound.given) {
        std::string text = one.from + " " + one.state;
        std::string const& left = one.result.empty() ? one.reason : one.result;
        line("given", left.empty() ? text : text + ": " + left);
    }
}

std::string until_words(std::string const& until)
{
    return until == "ended" ? "succeeded or is dead" : until;
}

void print_record(job_info const& job)
{
    line("name", job.name);
    if (job.queue != job.name)
        line("queue", job.queue);
    line("created", absolute(job.created_ms, job.now_ms));
    if (job.failed_attempts > 0)
        line("failed", std::to_string(job.failed_attempts) + " attempt(s)");
    if (job.stages > 0)
        line("stage", std::to_string(job.stages + 1));
    if (job.args_version > 1)
        line("args are of", "version " + std::to_string(job.args_version));
    if (job.snoozes > 0)
        line("snoozed", std::to_string(job.snoozes) + " time(s)");
    if (job.unique)
        line(
            "unique",
            (job.unique->until == "time" ? std::string("for a while")
                                         : "until it has " + until_words(job.unique->until)) +
                ", by the key " + job.unique->digest
        );
    if (job.bound)
        print_bindings(*job.bound);
    if (job.options.text != "{}")
        line("options", job.options.text);
    print_line(
        job.cut_from > 0 ? "args (the beginning; all were " + std::to_string(job.cut_from) +
                               " bytes, options included)"
                         : "args"
    );
    print_line(indented_json(job.args, "  "));
    if (!job.result.empty()) {
        print_line("result");
        print_line(indented_json(job.result, "  "));
    }
    if (!job.failures.empty())
        print_line("failures");
    for (failure const& one : job.failures) {
        print_line(
            "  attempt " + std::to_string(one.attempt) + "  " + absolute(one.at_ms, job.now_ms) +
            "  " + printable(one.type)
        );
        std::string where;
        if (one.run_ms)
            where += "ran " + format_duration(std::chrono::milliseconds(*one.run_ms));
        if (one.wait_ms)
            where += std::string(where.empty() ? "" : ", ") + "waited " +
                     format_duration(std::chrono::milliseconds(*one.wait_ms));
        if (!one.pool.empty())
            where += std::string(where.empty() ? "" : ", ") + "in " + printable(one.pool);
        if (!where.empty())
            print_line("    " + where);
        print_line("    " + printable(one.message));
    }
    if (!job.history.empty())
        print_line("what people did");
    for (past_action const& one : job.history) {
        std::string out = "  " + absolute(one.at_ms, job.now_ms) + "  " + printable(one.by) + ": " +
                          printable(one.action);
        if (!one.what.empty())
            out += (one.action == "move" ? " to " : " ") + printable(one.what);
        out += ", it was " + printable(one.was);
        print_line(out + (one.reason.empty() ? "" : ": " + printable(one.reason)));
    }
}

void print_job(job_info const& job)
{
    line("id", job.id);
    line("state", to_string(job.state));
    if (auto const when = name_of_when(job.state); !when.empty())
        line(when, absolute(job.when_ms, job.now_ms));
    if (job.state == job_state::active) {
        line("pool", job.pool);
        line("fence", std::to_string(job.fence));
        if (job.cancelling)
            line(
                job.cancelling->killed ? "killed" : "cancelled",
                absolute(job.cancelling->asked_ms, job.now_ms) +
                    (job.cancelling->by.empty() ? "" : " by " + job.cancelling->by) +
                    (job.cancelling->reason.empty() ? "" : ": " + job.cancelling->reason) +
                    "; it ends when its handler has returned"
            );
    }
    if (job.progress) {
        auto const& percent = job.progress->percent;
        line(
            "progress",
            job.progress->message + (percent ? " (" + percentage(*percent) + " %)" : "")
        );
    }
    if (job.ended)
        print_ending(job);
    if (job.unreadable.empty()) {
        print_record(job);
        return;
    }
    line("unreadable", job.unreadable);
    line("bytes", job.bytes);
}

int report_unknown(job_flags const& o)
{
    print_error(
        "no job " + detail::quote(o.id) + " in namespace " + detail::quote(o.to.ns) +
        ": it never existed, or it finished and is no longer kept; see work stats"
    );
    return not_found;
}

task<int> show(access& at, job_flags const& o)
{
    job_info const job = co_await at.job(o.id);
    if (job.state == job_state::unknown)
        co_return report_unknown(o);
    o.json ? print_as_json(job) : print_job(job);
    co_return ok;
}

// The bytes as stored and nothing else: for a file, or for another program.
task<int> show_args(access& at, job_flags const& o)
{
    job_info const job = co_await at.job(o.id);
    if (job.state == job_state::unknown)
        co_return report_unknown(o);
    if (job.args == web::hidden_text) {  // no arguments: it is no JSON
        print_error("job " + detail::quote(o.id) + ": what jobs hold is hidden from you here");
        co_return failed;
    }
    if (!job.unreadable.empty() || job.cut_from > 0) {
        print_error(
            "job " + detail::quote(o.id) +
            (job.cut_from > 0 ? " ended, and only the beginning of its arguments is kept"
                              : ": its record can't be read") +
            "; see work job " + o.id
        );
        co_return failed;
    }
    // lint-allow(raw-output): the bytes as stored are what is asked for
    std::fwrite(job.args.data(), 1, job.args.size(), stdout);
    co_return ok;
}

}  // namespace

void add_job(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<job_flags>();
    CLI::App* const command = program.add_subcommand("job", "Show one job");
    command->add_option("ID", o->id, "Its id")->required();
    command->add_flag("--json", o->json, "As one line of JSON; the arguments as text in a string");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, show, *o); }; });
    auto const of = std::make_shared<job_flags>();
    CLI::App* const args =
        program.add_subcommand("args", "Write the arguments of a job as they are stored");
    args->add_option("ID", of->id, "Its id")->required();
    of->to.add_to(*args);
    args->callback([&chosen, of] { chosen = [of] { return with_access(of->to, show_args, *of); }; }
    );
}

}  // namespace work::tool
