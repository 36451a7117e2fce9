// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "job_sheet.hpp"

#include <work/error.hpp>
#include <work/values/text.hpp>
#include <work/values/time.hpp>
#include <work/web/json_slices.hpp>

#include <algorithm>
#include <utility>

#include "print.hpp"

namespace work::tool {

using web::json_member;
using web::json_members;

namespace {

std::string* member_named(job_sheet& of, std::string_view name)
{
    if (name == "queue")
        return &of.queue;
    if (name == "priority")
        return &of.priority;
    if (name == "at")
        return &of.at;
    return name == "options" ? &of.options : nullptr;
}

}  // namespace

job_sheet sheet_of(job_info const& job)
{
    job_sheet sheet;
    sheet.queue = job.queue == job.name ? "" : job.queue;
    sheet.priority = std::to_string(job.priority);
    if (job.state == job_state::scheduled || job.state == job_state::retry)
        sheet.at = format_rfc3339(job.when_ms);
    sheet.options = job.options.text;
    sheet.args = indented_json(job.args, "");
    return sheet;
}

std::string written(job_sheet const& sheet, job_info const& job)
{
    std::string out = "# Job " + job.id + ", " + job.name + ", " +
                      std::string(to_string(job.state)) + ". Change what follows, and save.\n";
    out += "queue: " + sheet.queue + "\n";
    out += "priority: " + sheet.priority + "\n";
    if (!sheet.at.empty())
        out += "at: " + sheet.at + "\n";
    out += "options: " + sheet.options + "\n";
    return out + "args:\n" + sheet.args + "\n";
}

job_sheet read_sheet(std::string_view text, job_sheet sheet)
{
    while (!text.empty()) {
        std::string_view const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        std::string_view const said = detail::trimmed(line);
        if (said.empty() || said.front() == '#')
            continue;
        auto const colon = said.find(':');
        std::string_view const name = said.substr(0, colon);
        if (name == "args" && colon != said.npos) {
            sheet.args =
                detail::trimmed(std::string(said.substr(colon + 1)) + "\n" + std::string(text));
            return sheet;
        }
        std::string* const into = colon == said.npos ? nullptr : member_named(sheet, name);
        if (into == nullptr)
            throw error(
                errc::invalid_option,
                "the line " + detail::quote(line) +
                    " can't be read: there are queue, priority, at, options, and args behind them"
            );
        *into = detail::trimmed(said.substr(colon + 1));
    }
    return sheet;
}

std::string changed_options(std::string_view before, std::string_view after)
{
    if (!after.starts_with('{') || !after.ends_with('}'))
        return std::string(after);  // it is no object, as whoever reads it says
    std::string out(after.substr(0, after.size() - 1));
    auto const now = json_members(after);
    bool first = now.empty();
    for (json_member const& old : json_members(before)) {
        bool const stays = std::any_of(now.begin(), now.end(), [&](json_member const& one) {
            return one.key == old.key;
        });
        if (stays)
            continue;
        out += std::exchange(first, false) ? "" : ",";
        detail::append_json_string(out, old.key);
        out += ":null";
    }
    return out + "}";
}

}  // namespace work::tool
