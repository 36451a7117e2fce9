// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/cron_watch.hpp>
#include <work/web/exposition.hpp>
#include <work/web/routes/metrics_pools.ipp>

#include <algorithm>
#include <cstdint>

namespace work::web::detail_of_metrics {

/// The first 200 by name, the others together where that says something.
inline void write_crons(exposition& out, all_cron_figures const& all)
{
    out.family(
        "work_crons",
        "gauge",
        "Cron entries: those that wait for their time, or are paused."
    );
    out.value(all.count - all.paused, {{"state", "scheduled"}});
    out.value(all.paused, {{"state", "paused"}});
    out.family(
        "work_cron_last_fire_timestamp_seconds",
        "gauge",
        "When a cron entry fired last, since 1970; 0: never."
    );
    for (cron_figures const& one : all.named)
        out.value(seconds(one.fired_ms), {{"cron", one.name}});
    out.family(
        "work_cron_next_fire_timestamp_seconds",
        "gauge",
        "When it is due next, since 1970; 0: it is paused, or never due again."
    );
    for (cron_figures const& one : all.named)
        out.value(seconds(one.next_ms), {{"cron", one.name}});
    out.family(
        "work_cron_overdue_seconds",
        "gauge",
        "How long it is due and nobody has fired it; 0: it is not."
    );
    for (cron_figures const& one : all.named) {
        std::int64_t const late = one.next_ms == 0 ? 0 : all.now_ms - one.next_ms;
        out.value(seconds(std::max<std::int64_t>(0, late)), {{"cron", one.name}});
    }
    if (all.count > static_cast<std::int64_t>(all.named.size()))
        out.value(seconds(all.overdue_ms), {{"cron", "other"}});
    out.family(
        "work_cron_missed",
        "gauge",
        "Times that were passed over, of the last 100 that it fired."
    );
    for (cron_figures const& one : all.named)
        if (one.missed >= 0)
            out.value(one.missed, {{"cron", one.name}});
}

}  // namespace work::web::detail_of_metrics
