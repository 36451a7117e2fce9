// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>

namespace work::detail {

WORK_DECL void memory_data::enter(
    std::string_view id,
    envelope_header const& header,
    list_end where,
    std::int64_t now
)
{
    memory_list& list = lists_of_jobs[std::string(header.list)];
    if (header.priority != 0) {
        list.ahead.put(id, header.score());
        made_ready(header.list, now);
        if (paused_lists.find(header.list) == paused_lists.end())
            mark_mixed(header.list);
    } else {
        if (where == list_end::front)
            list.ids.emplace_front(id);
        else
            list.ids.emplace_back(id);
        if (list.ids.size() == 1)
            made_ready(header.list, now);
    }
    woken.emplace(header.list);
}

WORK_DECL void memory_data::enter_until(scored_ids& set, std::string_view id, std::int64_t due)
{
    set.put(id, due);
    soonest = soonest == 0 ? due : std::min(soonest, due);
}

WORK_DECL void memory_data::enter_front(
    std::string const& list_name,
    std::vector<std::string> const& ids,
    std::int64_t now
)
{
    memory_list& list = lists_of_jobs[list_name];
    bool const was_empty = list.ids.empty();
    list.ids.insert(list.ids.begin(), ids.begin(), ids.end());
    if (was_empty)
        made_ready(list_name, now);
    woken.emplace(list_name);
}

WORK_DECL void memory_data::leave(claim_number claim, std::string_view id)
{
    claims.find(claim)->second.left.emplace(id);
    if (memory_job* const job = find_job(id))
        job->claim = 0;
}

WORK_DECL void memory_data::advance(
    std::string_view id,
    envelope_header const& header,
    std::string_view envelope,
    std::int64_t due,
    std::int64_t now
)
{
    bool const large = is_large_envelope(envelope);
    if (large)
        bodies.insert_or_assign(std::string(id), std::string(body_of(envelope)));
    else
        forget_body(id);
    constexpr unsigned stays = envelope_flags::chosen_id | envelope_flags::failed;
    std::string record = large ? make_head(envelope) : std::string(envelope);
    auto to = read_header(record);
    if (!to)
        throw error(errc::protocol, "the envelope of a stage can't be read");
    record = with_flags(record, (to->flags & ~stays) | (header.flags & stays));
    to = read_header(record);
    rewrite(*find_job(id), record);
    if (due > now)
        enter_until(scheduled, id, due);
    else
        enter(id, *to, list_end::back, now);
}

WORK_DECL void memory_data::finish(std::string_view id, job_end end)
{
    if (end == job_end::dead)
        return;
    auto const found = jobs.find(id);
    if (found != jobs.end())
        jobs.erase(found);
    forget_failures(id);
    if (end != job_end::kept && end != job_end::cancelled)
        forget_log(id);
    if (end != job_end::set_aside)
        forget_body(id);
}

WORK_DECL void memory_data::bury(
    std::string_view id,
    int attempts,
    std::string_view text,
    std::int64_t now
)
{
    memory_job& job = *find_job(id);
    rewrite(job, with_word(with_failures(job.bytes->envelope, attempts), "x", std::nullopt));
    add_failure(id, text);
    dead.put(id, now);
    dead_bytes.set(id, stored_bytes_of(job.bytes->envelope));
    finish(id, job_end::dead);
}

WORK_DECL void memory_data::put_aside(
    std::string_view id,
    std::int64_t now,
    std::vector<std::string>& notes,
    std::string_view why
)
{
    auto const found = jobs.find(id);
    set_aside.insert_or_assign(std::string(id), found->second.bytes->envelope);
    set_aside_at.put(id, now);
    set_aside_bytes.set(id, stored_bytes_of(found->second.bytes->envelope));
    notes.push_back(std::string(why).append(" set aside: ").append(id));
    finish(id, job_end::set_aside);
}

}  // namespace work::detail
