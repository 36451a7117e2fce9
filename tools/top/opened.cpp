// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/opened.hpp"

#include <work/printable.hpp>

#include <string>
#include <string_view>

#include "layout.hpp"
#include "print.hpp"
#include "times.hpp"
#include "top/rows.hpp"

namespace work::tool::top {
namespace {

constexpr std::size_t margin = 16;

/// Lines with a title each; what has no text has no line.
class sheet
{
public:
    explicit sheet(std::size_t width) : width_(width) {}

    void add(std::string_view title, std::string const& text, style how = style::plain)
    {
        if (text.empty())
            return;
        std::string first = " " + fitted(title, margin - 1);
        std::size_t const room = width_ > margin + 9 ? width_ - margin - 1 : 8;
        for (std::string const& one : wrapped(printable(text, 2'048), room, "")) {
            lines_.push_back({first + one, how});
            first.assign(margin, ' ');
        }
    }
    std::vector<line> done() const { return lines_; }

private:
    std::size_t width_;
    std::vector<line> lines_;
};

void add_queue(sheet& to, queue_view const& view, std::int64_t now_ms)
{
    to.add("queue", view.row.queue, style::strong);
    to.add("state", view.state);
    for (pause_info const& one : view.pauses)
        to.add("paused", words_of(one, now_ms));
    to.add("pending", grouped(view.row.pending));
    to.add("active", grouped(view.row.active));
    to.add("oldest", since(view.row.oldest_ms, now_ms));
    to.add("done", grouped(view.row.processed));
    to.add("failed", grouped(view.row.failed) + " attempts");
    for (web::list_row const& one : view.row.lists)
        to.add(
            "jobs named",
            one.name + ": pending " + grouped(one.pending) + ", active " + grouped(one.active) +
                ", done " + grouped(one.processed) + (one.paused ? ", paused" : "")
        );
}

void add_name(sheet& to, name_view const& view, state const& s)
{
    std::int64_t const now_ms = s.seen->counts.now_ms;
    to.add("name", view.name, style::strong);
    to.add("state", view.state());
    to.add("pools", grouped(view.pools) + " running, with a handler for it");
    to.add("pending", grouped(view.pending));
    to.add("active", grouped(view.active));
    to.add("oldest", since(view.oldest_ms, now_ms));
    to.add("done", grouped(view.processed));
    to.add("failed", grouped(view.failed) + " attempts");
    for (queue_info const& one : s.seen->counts.lists)
        if (one.name == view.name)
            to.add(
                "in queue",
                one.queue + ": pending " + grouped(one.pending) + ", active " +
                    grouped(one.active) + (one.paused ? ", paused" : "")
            );
}

void add_pool(sheet& to, pool_info const& p, std::int64_t now_ms)
{
    to.add("pool", p.pool, style::strong);
    to.add("name", p.name);
    to.add("host:pid", p.host + ":" + std::to_string(p.pid));
    to.add("state", p.state);
    to.add("busy", grouped(p.busy) + " of " + grouped(p.concurrency));
    to.add("began", relative(p.started_at_ms, now_ms));
    to.add("seen", relative(p.heartbeat_at_ms, now_ms));
    to.add("trouble", p.trouble, style::bad);
    to.add("lease", grouped(p.lease_ms) + " ms");
    to.add("round trip", grouped(p.round_trip_us) + " us");
    to.add("memory", grouped(p.rss_kb) + " KiB");
    std::string names;
    for (std::string const& one : p.job_names)
        names += (names.empty() ? "" : ", ") + one;
    to.add("handles", names);
}

void add_job(sheet& to, job_row const& row, std::int64_t now_ms)
{
    to.add("job", row.id, style::strong);
    to.add("name", row.name);
    to.add("queue", row.queue);
    to.add("state", std::string(to_string(row.state)));
    to.add(row.state == job_state::dead ? "died" : "lease until", relative(row.when_ms, now_ms));
    to.add("created", relative(row.created_ms, now_ms));
    to.add("failed", grouped(row.failed_attempts) + " attempts");
    to.add("pool", row.pool);
    std::string tags;
    for (std::string const& one : row.tags)
        tags += (tags.empty() ? "" : ", ") + one;
    to.add("tags", tags);
    if (row.failure)
        to.add("last failure", row.failure->type + ": " + row.failure->message, style::bad);
    to.add("unreadable", row.unreadable, style::bad);
    to.add("args", row.args);
    if (static_cast<std::int64_t>(row.args.size()) < row.args_bytes)
        to.add("", "of " + grouped(row.args_bytes) + " bytes; work args has them whole");
}

}  // namespace

std::vector<line> opened_lines(state const& s, std::size_t width)
{
    sheet to(width);
    std::int64_t const now_ms = s.seen->counts.now_ms;
    if (s.page == page_kind::queues)
        for (queue_view const& one : s.queues)
            if (one.row.queue == s.chosen)
                add_queue(to, one, now_ms);
    if (s.page == page_kind::names)
        for (name_view const& one : s.names)
            if (one.name == s.chosen)
                add_name(to, one, s);
    if (s.page == page_kind::pools)
        for (pool_info const& one : s.seen->pools)
            if (one.pool == s.chosen)
                add_pool(to, one, now_ms);
    if (s.page == page_kind::busy || s.page == page_kind::dead)
        for (job_row const& one : listed_jobs(s))
            if (one.id == s.chosen)
                add_job(to, one, s.jobs->now_ms);
    if (to.done().empty())
        to.add("", "it is not there any more; Enter goes back", style::warning);
    return to.done();
}

}  // namespace work::tool::top
