// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <work/diagnosis.hpp>
#include <work/inspector.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "layout.hpp"
#include "print.hpp"
#include "terminal.hpp"
#include "with_access.hpp"

namespace work::tool {
namespace {

struct doctor_flags
{
    connection to;
    bool repair = false;
    bool strict = false;
    bool quick = false;
    bool json = false;
};

constexpr std::string_view sign(std::string_view level) noexcept
{
    return level == "ok"        ? "ok  "
           : level == "unseen"  ? "--  "
           : level == "warning" ? "??  "
                                : "!!  ";
}

// "ok  strays      none: every job is in a list, a claim or a set"
void print_finding(finding const& one)
{
    std::string first = std::string(sign(one.level)) + one.check;
    std::replace(first.begin(), first.end(), '_', ' ');
    first.resize(16, ' ');
    std::string const margin(first.size(), ' ');
    std::string text = printable(one.sentence, 2'048);
    if (one.level == "warning" || one.level == "problem")
        text += " (docs/" + one.runbook + ")";
    // What is read by programs is one line a finding.
    std::size_t const width = output_is_terminal()
                                  ? terminal_size().width - std::min<std::size_t>(margin.size(), 20)
                                  : text.size() + 1;
    for (std::string const& line : wrapped(text, std::max<std::size_t>(width, 40), ""))
        print_line(std::exchange(first, margin) + line);
}

task<int> doctor(access& at, doctor_flags const& o)
{
    doctor_options how;
    how.repair = o.repair;
    how.strays = !o.quick || o.repair;
    diagnosis const found = co_await at.doctor(how);
    if (o.json)
        print_as_json(found);
    else
        for (finding const& one : found.findings)
            print_finding(one);
    std::string_view const worst = found.worst();
    co_return worst == "problem" || (o.strict && worst == "warning") ? failed : ok;
}

}  // namespace

void add_doctor(CLI::App& program, action& chosen)
{
    auto const o = std::make_shared<doctor_flags>();
    CLI::App* const command =
        program.add_subcommand("doctor", "Looks for what is wrong with server and jobs");
    command->add_flag("--repair", o->repair, "Gives jobs that are in no place back to their lists");
    command->add_flag("--strict", o->strict, "Exits with 1 for warnings, too");
    command->add_flag("--quick", o->quick, "Does not look through all jobs for strays");
    command->add_flag("--json", o->json, "As one line of JSON");
    o->to.add_to(*command);
    command->callback([&chosen, o] { chosen = [o] { return with_access(o->to, doctor, *o); }; });
}

}  // namespace work::tool
