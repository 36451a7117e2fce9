// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/frame.hpp"

#include <work/printable.hpp>
#include <work/values/time.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "layout.hpp"
#include "times.hpp"
#include "top/body.hpp"

namespace work::tool::top {
namespace {

std::string milliseconds(double ms)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), ms < 10 ? "%.2f ms" : "%.0f ms", ms);
    return text.data();
}

// "14:02:31Z", UTC as the broker has it; or by the clock of this machine, with its zone.
std::string clock(std::int64_t time_ms)
{
    return times_shown() == times::local ? moment(time_ms).substr(11)
                                         : format_rfc3339(time_ms).substr(11, 8) + "Z";
}

std::string head(state const& s, std::size_t width)
{
    std::string left = " work top  " + printable(s.place) + "  " + printable(s.broker);
    std::string right;
    if (s.seen)
        right = "look " + milliseconds(s.took_ms) + "  " + clock(s.seen->counts.now_ms) + " ";
    std::size_t const room = width - std::min(width, columns_of(right) + 1);
    return fitted(left, room) + " " + right;
}

std::string totals(state const& s)
{
    broker_counts const& c = s.seen->counts;
    std::int64_t workers = 0;
    for (pool_info const& pool : s.seen->pools)
        workers += pool.concurrency;
    std::string text = " pending " + grouped(c.pending) + "  active " + grouped(c.active) + "/" +
                       grouped(workers) + "  retry " + grouped(c.retry) + "  dead " +
                       grouped(c.dead) + "  scheduled " + grouped(c.scheduled) + "  suspect " +
                       grouped(c.suspect);
    if (c.waiting != 0)
        text += "  waiting " + grouped(c.waiting);
    if (c.set_aside != 0)
        text += "  set aside " + grouped(c.set_aside);
    return text;
}

std::string speeds(state const& s, std::size_t width)
{
    std::vector<double> done;
    std::vector<double> failed;
    for (rates const& one : s.past) {
        done.push_back(one.done);
        failed.push_back(one.failed);
    }
    auto const newest = [](std::vector<double> const& all) {
        return fitted(all.empty() ? "-" : rate(all.back()), 8);
    };
    std::size_t const bars = (width - std::min<std::size_t>(width, 40)) / 2;
    return " done/s " + newest(done) + " " + fitted(sparkline(done, bars), bars) + "  fail/s " +
           newest(failed) + " " + sparkline(failed, bars);
}

std::string tabs(state const& s, std::size_t width)
{
    static constexpr std::string_view names[] =
        {"1 queues", "2 names", "3 pools", "4 busy", "5 dead", "6 broker"};
    std::string text;
    for (std::size_t i = 0; i != std::size(names); ++i) {
        bool const here = static_cast<std::size_t>(s.page) == i + 1;
        text.append(here ? "[" : " ").append(names[i]).append(here ? "]" : " ");
    }
    std::string right = "/ filter  s sort";
    if (s.filtering || !s.filter.empty())
        right = "/ " + printable(s.filter) + (s.filtering ? "_" : "");
    std::size_t const room = width - std::min(width, columns_of(text) + 2);
    right = cut(right, room);
    return fitted(text, width - columns_of(right) - 1) + right + " ";
}

line trouble_line(state const& s, std::int64_t wall_ms)
{
    std::string text = " away for " + age(s.away_since_ms, wall_ms) + "; ";
    if (s.seen)
        text += "numbers are from " + clock(s.seen->counts.now_ms) + "; ";
    text += printable(s.trouble);
    return {text, style::bad};
}

line no_pool_line(state const& s)
{
    std::size_t count = 0;
    std::string some;
    for (name_view const& name : s.names) {
        if (name.state() != "NO POOL")
            continue;
        if (++count <= 3)
            some += (some.empty() ? "" : ", ") + printable(name.name) + " (" +
                    grouped(name.pending) + ")";
    }
    if (count == 0)
        return {};
    return {
        " " + std::to_string(count) + (count == 1 ? " name has" : " names have") +
            " pending jobs and no pool: " + some + (count > 3 ? ", ..." : ""),
        style::warning
    };
}

/// What can be done with the row that is chosen.
std::string acts_on(page_kind page)
{
    switch (page) {
    case page_kind::queues: return "  P pause or resume it";
    case page_kind::names: return "  P pause or resume it in all queues";
    case page_kind::busy: return "  K kill  P pause its queue";
    case page_kind::dead: return "  R requeue  P pause its queue";
    case page_kind::pools:
    case page_kind::broker: break;
    }
    return "";
}

line foot(state const& s, body const& rows, std::int64_t wall_ms)
{
    if (s.asked)
        return {" " + printable(question_line(s)), s.alarming ? style::bad : style::warning};
    if (!s.told.empty())
        return {" " + printable(s.told), style::warning};
    if (!s.trouble.empty())
        return trouble_line(s, wall_ms);
    if (s.filtering)
        return {" Enter keeps the filter, Esc drops it", style::faint};
    if (s.paused)
        return {" paused: the picture stays; p goes on", style::warning};
    if (!s.seen)
        return {" looking ...", style::faint};
    if (s.opened)
        return {" Enter goes back" + acts_on(s.page), style::faint};
    if (line const text = no_pool_line(s); !text.text.empty() && s.chosen.empty())
        return text;
    std::string text = " q quit  p pause";
    if (!s.chosen.empty())
        text = " Enter opens it" + acts_on(s.page);
    else if (rows.of != 0)
        text += "  j k choose a row";
    if (rows.shown < rows.of)
        text += "  rows " + grouped(static_cast<std::int64_t>(rows.first + 1)) + "-" +
                grouped(static_cast<std::int64_t>(rows.first + rows.shown)) + " of " +
                grouped(static_cast<std::int64_t>(rows.of));
    return {text, style::faint};
}

}  // namespace

std::vector<line> frame(state const& s, std::size_t width, std::size_t height, std::int64_t wall_ms)
{
    std::vector<line> lines;
    body rows;
    lines.push_back({head(s, width), s.alarming ? style::bad : style::strong});
    if (s.seen) {
        lines.push_back({totals(s), style::plain});
        lines.push_back({speeds(s, width), style::plain});
    }
    lines.push_back({tabs(s, width), style::chosen});
    if (s.seen && height > lines.size() + 1)
        rows = body_of(s, width, height - lines.size() - 1);
    lines.insert(lines.end(), rows.lines.begin(), rows.lines.end());
    if (height > 0 && lines.size() > height - 1)
        lines.resize(height - 1);
    if (height > 0)
        lines.push_back(foot(s, rows, wall_ms));
    for (line& one : lines)
        one.text = cut(one.text, width);
    return lines;
}

}  // namespace work::tool::top
