// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <utility>

namespace work {

// As `scripts/cron.lua` and `scripts/fire.lua`.

WORK_DECL std::vector<cron_record> memory_state::crons() const
{
    std::vector<cron_record> all;
    for (auto const& [name, record] : data_.crons)
        all.push_back(record);
    return all;
}

WORK_DECL cron_details memory_state::cron(std::string_view name, std::int64_t us) const
{
    cron_details details;
    details.now_ms = us / 1000;
    if (auto const found = data_.crons.find(name); found != data_.crons.end())
        details.record = found->second;
    if (auto const fires = data_.fires.find(name); fires != data_.fires.end())
        details.fires.assign(fires->second.begin(), fires->second.end());
    return details;
}

WORK_DECL due_crons memory_state::ask_due_crons(std::size_t most, std::int64_t us) const
{
    due_crons answer;
    answer.now_ms = us / 1000;
    for (auto const& [at, name] : data_.crons_due.order()) {
        if (at > answer.now_ms || answer.due.size() == most) {
            answer.next_ms = at;
            break;
        }
        answer.due.push_back(data_.crons.find(name)->second);
    }
    return answer;
}

namespace detail {

inline bool was_seen(
    cron_record const* record,
    std::int64_t revision,
    std::int64_t next_ms
) noexcept
{
    return (record == nullptr ? 0 : record->revision) == revision &&
           (record == nullptr ? 0 : record->next_ms) == next_ms;
}

}  // namespace detail

WORK_DECL cron_answer memory_state::change_cron(cron_change const& change, std::int64_t us)
{
    cron_answer answer;
    answer.now_ms = us / 1000;
    auto const found = data_.crons.find(change.name);
    cron_record* const before = found == data_.crons.end() ? nullptr : &found->second;
    if (!detail::was_seen(before, change.seen_revision, change.seen_next_ms)) {
        answer.code = cron_code::moved_on;
        if (before != nullptr)
            answer.record = *before;
        return answer;
    }
    if (change.remove) {
        data_.crons.erase(change.name);
        data_.crons_due.remove(change.name);
        data_.fires.erase(change.name);
        return answer;
    }
    if (before == nullptr && static_cast<std::int64_t>(data_.crons.size()) >= policy::most_crons) {
        answer.code = cron_code::too_many;
        return answer;
    }
    cron_record after = before == nullptr ? cron_record() : *before;
    after.name = change.name;
    after.revision = ++data_.last_cron;
    after.next_ms = change.next_ms;
    after.paused_ms = change.paused_ms == -1 ? answer.now_ms : change.paused_ms;
    after.text = change.text;
    data_.put_cron(after);
    answer.record = std::move(after);
    return answer;
}

WORK_DECL cron_answer memory_state::fire_cron(cron_fire const& fire, std::int64_t us)
{
    data_.begin(us / 1000);
    cron_answer answer;
    answer.now_ms = us / 1000;
    auto const found = data_.crons.find(fire.name);
    cron_record const* const before = found == data_.crons.end() ? nullptr : &found->second;
    if (before == nullptr || !detail::was_seen(before, fire.seen_revision, fire.seen_next_ms)) {
        answer.code = cron_code::moved_on;
        if (before != nullptr)
            answer.record = *before;
        return answer;
    }
    cron_record after = *before;
    after.next_ms = fire.next_ms;
    if (fire.unless_live && !after.last_job.empty() && data_.find_job(after.last_job) != nullptr &&
        !data_.dead.find(after.last_job)) {
        answer.code = cron_code::overlapped;
    } else if (!fire.jobs.empty()) {
        std::vector<enqueued> const went = data_.store(fire.jobs, answer.now_ms);
        bool const any = std::any_of(went.begin(), went.end(), [](enqueued const& one) {
            return one.code == enqueue_code::stored;
        });
        if (!any)
            answer.code = cron_code::known;
        data_.wake_woken();
        if (data_.soonest != 0)
            data_.due_at(data_.soonest, answer.now_ms, false);
        after.fired_ms = answer.now_ms;
        after.last_job = fire.job;
    }
    data_.put_cron(after);
    auto& fires = data_.fires[fire.name];
    fires.push_front(detail::cron_fire_value(answer.now_ms, answer.code, fire.text));
    if (static_cast<std::int64_t>(fires.size()) > policy::fires_kept)
        fires.pop_back();
    answer.record = std::move(after);
    return answer;
}

namespace detail {

WORK_DECL void memory_data::put_cron(cron_record const& record)
{
    if (record.next_ms == 0)
        crons_due.remove(record.name);
    else
        crons_due.put(record.name, record.next_ms);
    crons[record.name] = record;
}

}  // namespace detail
}  // namespace work
