// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <string>

namespace work {
namespace detail {

inline std::string history_key(std::string_view list, history_step step, std::int64_t period)
{
    std::string key(list);
    return key.append(":").append(to_text(step)).append(":").append(std::to_string(period));
}

}  // namespace detail

WORK_DECL void memory_state::end_histories(std::int64_t now)
{
    auto& ends = data_.history_ends;
    for (; !ends.empty() && ends.begin()->first <= now; ends.erase(ends.begin()))
        for (std::string const& key : ends.begin()->second)
            data_.history.erase(key);
    if (!data_.historians.empty())
        std::erase_if(data_.historians, [&](auto const& one) { return one.second.expires <= now; });
}

WORK_DECL void memory_state::add_history(
    std::string_view list,
    history_counts const& counts,
    std::int64_t at,
    std::int64_t now
)
{
    for (history_step const step : history_steps) {
        std::int64_t const length = length_ms(step);
        std::int64_t const period = at / length;
        std::int64_t const over = (period + 1) * length + kept_ms(step);
        if (over <= now)
            continue;
        std::string key = detail::history_key(list, step, period);
        auto const [found, made] = data_.history.try_emplace(key);
        detail::add_saturated(found->second, counts);
        if (made)
            data_.history_ends[over].push_back(std::move(key));
    }
}

// As `series_of` in `scripts/history.lua`.
WORK_DECL std::string memory_state::history_of(std::string const& list, std::int64_t today)
{
    auto& known = data_.histories;
    std::erase_if(known, [&](auto const& one) { return one.second < today - 90; });
    std::string_view const name = detail::list_job_name(list);
    std::int64_t used = 0;
    std::int64_t of_name = 0;
    for (auto const& [one, day] : known) {
        if (one == history_of_others)
            continue;
        ++used;
        of_name += detail::list_job_name(one) == name;
    }
    std::string series = list;
    if (of_name >= policy::history_queues && !known.contains(list))
        series = "*" + std::string(name);
    if (!known.contains(series) && used >= policy::history_lists)
        series = history_of_others;
    return series;
}

WORK_DECL void memory_state::write_history(history_write const& what, std::int64_t us)
{
    data_.begin();
    if (what.rows.empty())
        return;
    std::int64_t const now = us / 1000;
    detail::memory_historian& last = data_.historians[what.writer];
    if (last.number >= what.number)
        return;
    std::int64_t const today = now / policy::ms_per_day;
    std::int64_t const at = std::min(what.at_ms, now);
    history_counts all;
    for (history_row const& row : what.rows) {
        std::string const series =
            data_.histories.contains(row.list) ? row.list : history_of(row.list, today);
        data_.histories[series] = today;
        add_history(series, row.counts, at, now);
        all.add(row.counts);
    }
    add_history(history_of_all, all, at, now);
    last = detail::memory_historian{what.number, now + policy::historian_ms};
}

WORK_DECL std::vector<std::string> memory_state::forget_lists(
    std::vector<std::string> const& lists,
    std::int64_t us
)
{
    std::vector<std::string> held;
    for (std::string const& list : lists) {
        // Where jobs were cancelled their ghosts stand still: nobody is there who would meet them.
        detail::memory_list* const found = data_.find_list(list);
        if (found != nullptr && found->ahead.empty() && !found->ids.empty() &&
            found->pending() == 0) {
            found->ids.clear();
            found->ghosts.clear();
            found->ghost_total = 0;
            data_.unready(list);
        }
        if (!data_.forget_list(list, us / 1000)) {
            held.push_back(list);
            continue;
        }
        data_.histories.erase(list);
        std::erase_if(data_.history, [&](auto const& one) {
            std::string_view key = one.first;
            key = key.substr(0, key.rfind(':'));
            return key.substr(0, key.rfind(':')) == list;
        });
    }
    return held;
}

WORK_DECL history_lists memory_state::histories(std::int64_t us) const
{
    history_lists all;
    all.now_ms = us / 1000;
    for (auto const& [list, day] : data_.histories)
        all.lists.push_back(history_lists::entry{list, day});
    return all;
}

WORK_DECL std::vector<history_cell> memory_state::read_history(
    history_request const& request,
    std::int64_t
) const
{
    std::vector<history_cell> all;
    for (std::size_t i = 0; i != request.lists.size(); ++i) {
        for (std::int64_t period = request.first; period < request.first + request.periods;
             ++period) {
            auto const found =
                data_.history.find(detail::history_key(request.lists[i], request.step, period));
            if (found != data_.history.end())
                all.push_back(history_cell{i, period, found->second});
        }
    }
    return all;
}

}  // namespace work
