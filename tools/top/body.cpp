// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "top/body.hpp"

#include <work/printable.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "layout.hpp"
#include "times.hpp"
#include "top/opened.hpp"
#include "top/rows.hpp"

namespace work::tool::top {
namespace {

class page_lines
{
public:
    page_lines(state const& s, std::size_t width, std::size_t height)
        : state_(s),
          width_(width),
          height_(height)
    {}

    /// A line for each row, as far as there is room.
    template <typename Row>
    body make(
        std::vector<Row> const& rows,
        std::vector<table::column> columns,
        auto const& cells_of,
        auto const& style_of,
        auto const& key_of,
        std::string_view none
    ) const
    {
        body made;
        made.of = rows.size();
        std::size_t const room = height_ - std::min<std::size_t>(height_, 1);
        std::size_t const last = rows.size() - std::min(rows.size(), room);
        made.first = std::min(state_.first, last);
        made.shown = std::min(room, rows.size() - made.first);
        if (rows.empty()) {
            std::string text = " ";
            text +=
                state_.filter.empty() ? none : "nothing here has the filter's text; Esc drops it";
            made.lines.push_back({text, style::faint});
            return made;
        }
        table shown(std::move(columns));
        for (std::size_t i = 0; i != made.shown; ++i)
            shown.add(cells_of(rows[made.first + i]));
        auto texts = shown.lines(width_ - std::min<std::size_t>(width_, 1));
        for (std::size_t i = 0; i != texts.size(); ++i) {
            style how = style::strong;
            if (i != 0) {
                Row const& row = rows[made.first + i - 1];
                bool const chosen = !state_.chosen.empty() && key_of(row) == state_.chosen;
                how = chosen ? style::chosen : style_of(row);
                // Seen without colours, too.
                texts[i].insert(0, chosen ? ">" : " ");
            } else {
                texts[i].insert(0, " ");
            }
            made.lines.push_back({std::move(texts[i]), how});
        }
        return made;
    }

    body queues() const
    {
        auto const rows = listed_queues(state_);
        std::int64_t const now_ms = state_.seen->counts.now_ms;
        return make(
            rows,
            {{"QUEUE", false, 0},
             {"PENDING", true},
             {"ACTIVE", true},
             {"OLDEST", true},
             {"DONE/S", true},
             {"FAIL/S", true},
             {"STATE", false}},
            [&](queue_view const& v) -> std::vector<std::string> {
                return {
                    v.row.queue,
                    grouped(v.row.pending),
                    grouped(v.row.active),
                    since(v.row.oldest_ms, now_ms),
                    v.speed ? rate(v.speed->done) : "-",
                    v.speed ? rate(v.speed->failed) : "-",
                    v.state
                };
            },
            [](queue_view const& v) { return style_of(v.state); },
            [](queue_view const& v) { return v.row.queue; },
            "no queue has jobs"
        );
    }

    body names() const
    {
        auto const rows = listed_names(state_);
        std::int64_t const now_ms = state_.seen->counts.now_ms;
        return make(
            rows,
            {{"NAME", false, 0},
             {"PENDING", true},
             {"ACTIVE", true},
             {"POOLS", true},
             {"OLDEST", true},
             {"DONE", true},
             {"FAILED", true},
             {"STATE", false}},
            [&](name_view const& v) -> std::vector<std::string> {
                return {
                    v.name,
                    grouped(v.pending),
                    grouped(v.active),
                    grouped(v.pools),
                    since(v.oldest_ms, now_ms),
                    grouped(v.processed),
                    grouped(v.failed),
                    v.state()
                };
            },
            [](name_view const& v) { return style_of(v.state()); },
            [](name_view const& v) { return v.name; },
            "no name has jobs or a pool"
        );
    }

    body pools() const
    {
        auto const rows = listed_pools(state_);
        std::int64_t const now_ms = state_.seen->counts.now_ms;
        return make(
            rows,
            {{"POOL", false, 22},
             {"HOST:PID", false, 0},
             {"STATE", false},
             {"BUSY", true},
             {"SEEN", true},
             {"TROUBLE", false, 24}},
            [&](pool_info const& p) -> std::vector<std::string> {
                return {
                    p.name.empty() ? p.pool : p.name,
                    p.host + ":" + std::to_string(p.pid),
                    p.state,
                    grouped(p.busy) + "/" + grouped(p.concurrency),
                    since(p.heartbeat_at_ms, now_ms),
                    p.trouble
                };
            },
            [](pool_info const& p) {
                return !p.trouble.empty()     ? style::bad
                       : p.state != "running" ? style::warning
                                              : style::plain;
            },
            [](pool_info const& p) { return p.pool; },
            "no pool has shown a sign of life in the last 15 s"
        );
    }

    body jobs(bool dead) const
    {
        bool const here = state_.jobs && state_.jobs_of == state_.page;
        if (!here)
            return {{{" looking ...", style::faint}}, 0, 0, 0};
        auto const rows = listed_jobs(state_);
        std::int64_t const now_ms = state_.jobs->now_ms;
        return make(
            rows,
            {{"ID", false, 22},
             {"NAME", false, dead ? 16u : 24u},
             {dead ? "DIED" : "CREATED", true},
             {"FAILED", true},
             {dead ? "FAILURE" : "POOL", false, 0}},
            [&](job_row const& row) -> std::vector<std::string> {
                std::string const failure =
                    row.failure ? row.failure->type + ": " + row.failure->message : "";
                return {
                    row.id,
                    row.name,
                    since(dead ? row.when_ms : row.created_ms, now_ms),
                    grouped(row.failed_attempts),
                    dead ? failure : row.pool
                };
            },
            [](job_row const&) { return style::plain; },
            [](job_row const& row) { return row.id; },
            dead ? "no job is dead" : "no job runs"
        );
    }

    body broker() const
    {
        broker_counts const& c = state_.seen->counts;
        body made;
        auto const add = [&](std::string_view title, std::string const& text) {
            made.lines.push_back({" " + fitted(title, 18) + printable(text), style::plain});
        };
        add("broker", state_.broker);
        add("look", rate(state_.took_ms) + " ms, from asking to the last answer");
        add("lists", grouped(static_cast<std::int64_t>(c.lists.size())));
        add("paused", grouped(static_cast<std::int64_t>(c.paused.size())));
        add("done", grouped(c.processed) + ", today (UTC) " + grouped(c.processed_today));
        add("failed attempts", grouped(c.failed) + ", today (UTC) " + grouped(c.failed_today));
        add("set aside", grouped(c.set_aside));
        add("forgotten", grouped(c.forgotten) + " given back after the store went back in time");
        if (made.lines.size() > height_)
            made.lines.resize(height_);
        return made;
    }

    static style style_of(std::string_view queue_state)
    {
        return queue_state == "NO POOL"  ? style::bad
               : queue_state == "paused" ? style::warning
                                         : style::plain;
    }

private:
    state const& state_;
    std::size_t width_;
    std::size_t height_;
};

}  // namespace

body body_of(state const& s, std::size_t width, std::size_t height)
{
    if (s.opened) {
        body made;
        made.lines = opened_lines(s, width);
        if (made.lines.size() > height)
            made.lines.resize(height);
        return made;
    }
    page_lines const page(s, width, height);
    switch (s.page) {
    case page_kind::queues: return page.queues();
    case page_kind::names: return page.names();
    case page_kind::pools: return page.pools();
    case page_kind::busy: return page.jobs(false);
    case page_kind::dead: return page.jobs(true);
    case page_kind::broker: return page.broker();
    }
    return {};
}

}  // namespace work::tool::top
