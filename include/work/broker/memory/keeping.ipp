// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>
#include <work/values/envelope_parts.hpp>

namespace work::detail {

WORK_DECL void memory_data::forget_aside(std::string_view id)
{
    auto const found = set_aside.find(id);
    if (found != set_aside.end())
        set_aside.erase(found);
    set_aside_at.remove(id);
    set_aside_bytes.forget(id);
}

WORK_DECL void memory_data::forget_dead(std::string_view id)
{
    dead.remove(id);
    dead_bytes.forget(id);
}

WORK_DECL void memory_data::keep(
    std::string_view id,
    std::string_view list,
    std::string_view text,
    std::string_view envelope,
    std::int64_t most,
    std::int64_t now
)
{
    drop_kept(id, true);
    std::string record(text);
    record.append("\n").append(shortened_envelope(envelope));
    kept_bytes.set(id, static_cast<std::int64_t>(record.size()));
    kept.insert_or_assign(std::string(id), std::move(record));
    scored_ids& done = completed_by_list[std::string(list)];
    done.put(id, now);
    completed.put(id, now);
    if (static_cast<std::int64_t>(done.size()) > most)
        drop_kept(std::string(done.order().begin()->second));
}

WORK_DECL void memory_data::drop_kept(std::string_view id, bool keeps_log)
{
    auto const found = kept.find(id);
    if (found != kept.end()) {
        std::string_view const record = found->second;
        if (auto const header = read_header(body_of(record))) {
            auto const list = completed_by_list.find(header->list);
            if (list != completed_by_list.end() && list->second.remove(id) && list->second.empty())
                completed_by_list.erase(list);
            // Its id may be that of a new job by now.
            if ((header->flags & envelope_flags::failed) != 0 && !keeps_log &&
                find_job(id) == nullptr)
                forget_log(id);
        }
        kept.erase(found);
        kept_bytes.forget(id);
    }
    completed.remove(id);
}

WORK_DECL bool memory_data::trim_kept(
    retention_limits const& limits,
    std::int64_t now,
    std::vector<std::string>& notes
)
{
    constexpr std::int64_t many = policy::trimmed_jobs;
    constexpr std::int64_t much = policy::trimmed_bytes;
    bool more = false;
    int gone = 0;
    for (; gone < many && !completed.empty(); ++gone) {
        auto const& [at, id] = *completed.order().begin();
        if (kept_bytes.total() <= limits.completed_bytes && at > now - limits.completed_ms)
            break;
        drop_kept(std::string(id));
    }
    more = gone == many;
    auto const trim = [&](char const* what,
                          scored_ids const& order,
                          counted_bytes const& bytes,
                          std::int64_t most,
                          std::int64_t most_bytes,
                          auto drop) {
        std::int64_t const before = bytes.total();
        std::string last;
        int dropped = 0;
        while (!order.empty() &&
               (static_cast<std::int64_t>(order.size()) > most || bytes.total() > most_bytes)) {
            if (dropped == many || before - bytes.total() >= much) {
                more = true;
                break;
            }
            last = order.order().begin()->second;
            drop(last);
            ++dropped;
        }
        if (dropped > 0)
            notes.push_back(
                std::string(what) + " jobs above " + std::to_string(most) + " or " +
                std::to_string(most_bytes) + " bytes: the oldest " + std::to_string(dropped) +
                " dropped, the last of them " + last
            );
    };
    trim("dead", dead, dead_bytes, limits.dead, limits.dead_bytes, [&](std::string const& id) {
        forget_dead(id);
        finish(id, finish_as::dropped);
    });
    trim(
        "set aside",
        set_aside_at,
        set_aside_bytes,
        limits.set_aside,
        limits.set_aside_bytes,
        [&](std::string const& id) {
            forget_aside(id);
            if (find_job(id) == nullptr)
                forget_body(id);
        }
    );
    return more;
}

}  // namespace work::detail
