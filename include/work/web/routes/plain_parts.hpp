// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/values/pool_info.hpp>
#include <work/web/head.hpp>
#include <work/web/html.hpp>
#include <work/web/queue_rows.hpp>
#include <work/web/routes/job_rows.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace work::web::detail_of_plain {

// What several pages show.

inline constexpr std::size_t most_queues = 50;

inline html_cell number(std::int64_t n)
{
    return {std::to_string(n), "", true};
}

inline void add_paused(html_page& page, broker_counts const& counts)
{
    for (pause_info const& one : detail_of_queues::paused_now(counts)) {
        std::string text = one.kind == pause_kind::queue ? "The queue " : "Jobs of the name ";
        text += one.name + (one.kind == pause_kind::queue ? " is" : " are") + " paused by " +
                one.by + " " + relative_time(one.since_ms, counts.now_ms);
        if (!one.reason.empty())
            text += ": " + one.reason;
        text += one.until_ms == 0 ? "; until it is resumed."
                                  : "; goes on " + relative_time(one.until_ms, counts.now_ms) + ".";
        page.paragraph(text);
    }
}

inline void add_queues(html_page& page, broker_counts const& counts)
{
    std::vector<queue_row> rows;
    for (auto& [name, row] : detail_of_queues::rows(counts, ""))
        if (row.pending + row.active > 0 || row.paused)
            rows.push_back(std::move(row));
    std::size_t const all = rows.size();
    std::stable_sort(rows.begin(), rows.end(), [](queue_row const& a, queue_row const& b) {
        return a.pending + a.active > b.pending + b.active;
    });
    rows.resize(std::min(all, most_queues));
    std::vector<std::vector<html_cell>> cells;
    for (queue_row const& row : rows)
        cells.push_back(
            {{row.queue, "api/v1/queue?queue=" + percent_encode(row.queue)},
             {row.paused ? "paused" : ""},
             number(row.pending),
             number(row.active),
             {relative_time(row.oldest_ms, counts.now_ms)},
             number(row.processed),
             number(row.failed)}
        );
    page.heading("Queues that hold jobs");
    if (cells.empty())
        page.paragraph("None: nothing waits, and nothing runs.");
    else
        page.table({"Queue", "", "Pending", "Active", "Oldest", "Done", "Failed"}, cells);
    if (all > rows.size())
        page.paragraph(
            "The " + std::to_string(rows.size()) + " with most of " + std::to_string(all) + "."
        );
}

inline std::vector<std::vector<html_cell>> pool_cells(
    std::vector<pool_info> const& pools,
    std::int64_t now_ms
)
{
    std::vector<std::vector<html_cell>> cells;
    for (pool_info const& one : pools)
        cells.push_back(
            {{one.pool, "api/v1/pool?pool=" + percent_encode(one.pool)},
             {one.host + ":" + std::to_string(one.pid)},
             {one.state + (one.trouble.empty() ? "" : ": " + one.trouble)},
             {std::to_string(one.busy) + " of " + std::to_string(one.concurrency), "", true},
             {relative_time(one.heartbeat_at_ms, now_ms)},
             {one.language.empty() ? "C++" : one.language}}
        );
    return cells;
}

inline std::vector<std::string> const
    pool_columns{"Worker pool", "Host and process", "State", "Busy", "Seen", "Language"};

}  // namespace work::web::detail_of_plain
