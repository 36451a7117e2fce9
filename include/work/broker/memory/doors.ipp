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
        if (paused_lists.find(header.list) == paused_lists.end() && !is_parked(header.list))
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
    memory_claim& of = claims.find(claim)->second;
    of.left.emplace(id);
    free_slot(claim, of.limits, id);
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
    constexpr unsigned stays = envelope_flags::chosen_id | envelope_flags::failed |
                               envelope_flags::holds | envelope_flags::followed;
    std::string record = large ? make_head(envelope) : std::string(envelope);
    auto to = read_header(record);
    if (!to)
        throw error(errc::protocol, "the envelope of a stage can't be read");
    stored_bytes const before = find_job(id)->bytes;
    unsigned flags = (to->flags & ~stays) | (header.flags & stays);
    bool held = word_of(record, "t").has_value();
    for (char const* const key : {"u", "n", "f"})
        held = held || ((header.flags & envelope_flags::holds) != 0 &&
                        word_of(before->envelope, key).has_value());
    flags = held ? flags | envelope_flags::holds : flags & ~unsigned(envelope_flags::holds);
    record = with_flags(record, flags);
    std::pair<char const*, unsigned> const words[] = {
        {"u", envelope_flags::holds},
        {"n", envelope_flags::holds},
        {"f", envelope_flags::holds},
        {"w", envelope_flags::followed}
    };
    for (auto const& [key, flag] : words)
        record = with_word(
            record,
            key,
            (header.flags & flag) != 0 ? word_of(before->envelope, key)
                                       : std::optional<std::string_view>()
        );
    to = read_header(record);
    untag(id, before->envelope);
    tag(id, record);
    rewrite(*find_job(id), record);
    if (due > now)
        enter_until(scheduled, id, due);
    else
        enter(id, *to, list_end::back, now);
}

WORK_DECL void memory_data::finish(std::string_view id, finish_as end, std::string_view text)
{
    auto const found = jobs.find(id);
    stored_bytes const bytes = found == jobs.end() ? nullptr : found->second.bytes;
    if (bytes != nullptr && end != finish_as::dead)
        tell(id, bytes->envelope, end, text);
    if (bytes != nullptr)
        release_lock(
            id,
            bytes->envelope,
            end == finish_as::dead ? lock_release::dead : lock_release::ended
        );
    if (end == finish_as::dead)
        return;
    if (auto const left = given.find(id); left != given.end())
        given.erase(left);
    if (bytes != nullptr)
        untag(id, bytes->envelope);
    if (bytes != nullptr)
        jobs.erase(found);
    forget_failures(id);
    if (end != finish_as::kept && end != finish_as::cancelled)
        forget_log(id);
    if (end != finish_as::set_aside)
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
    tell(id, job.bytes->envelope, finish_as::dead, text);
    rewrite(
        job,
        unfollowed(with_word(with_failures(job.bytes->envelope, attempts), "x", std::nullopt))
    );
    add_failure(id, text);
    dead.put(id, now);
    dead_bytes.set(id, stored_bytes_of(job.bytes->envelope));
    finish(id, finish_as::dead);
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
    finish(id, finish_as::set_aside);
}

}  // namespace work::detail
