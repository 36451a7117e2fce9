// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/memory/step.hpp>
#include <work/values/envelope_parts.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL memory_state::place memory_state::find(std::string_view id) const
{
    place at;
    std::pair<detail::scored_ids const*, job_state> const sets[] = {
        {&data_.scheduled, job_state::scheduled},
        {&data_.retry, job_state::retry},
        {&data_.dead, job_state::dead}
    };
    for (auto const& [set, state] : sets) {
        if (auto const when = set->find(id)) {
            at.state = state;
            at.when = *when;
            return at;
        }
    }
    claim_number const claim = data_.jobs.find(id)->second.claim;
    if (claim != 0) {
        at.state = job_state::active;
        at.claim = claim;
        at.when = data_.claims.find(claim)->second.lapses;
        return at;
    }
    at.state = job_state::pending;
    for (auto const& [number, group] : data_.groups) {
        for (auto const& [list, ids] : group) {
            if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
                at.state = job_state::suspect;
                at.group = number;
                return at;
            }
        }
    }
    return at;
}

// Takes a job out of the place where it waits, unless that is a list.
WORK_DECL void memory_state::take_from(place const& at, std::string_view id)
{
    switch (at.state) {
    case job_state::scheduled: data_.scheduled.remove(id); break;
    case job_state::retry: data_.retry.remove(id); break;
    case job_state::dead: data_.forget_dead(id); break;
    case job_state::suspect: data_.drop_suspect(at.group, id); break;
    default: break;
    }
}

WORK_DECL std::vector<admin_result> memory_state::cancel(
    std::vector<std::string> const& ids,
    std::int64_t
)
{
    data_.begin();
    std::vector<admin_result> codes;
    for (std::string const& id : ids) {
        detail::memory_job const* const job = data_.find_job(id);
        if (job == nullptr) {
            bool const aside = data_.set_aside.find(id) != data_.set_aside.end();
            codes.push_back(aside ? admin_result::done : admin_result::gone);
            if (aside) {
                data_.forget_aside(id);
                data_.forget_body(id);
            }
            continue;
        }
        codes.push_back(admin_result::done);
        place const at = find(id);
        detail::stored_bytes const bytes = job->bytes;
        auto const header = detail::read_header(bytes->envelope);
        take_from(at, id);
        if (at.state == job_state::active) {
            data_.leave_claim(at.claim, id);
            std::string const pool = data_.claims.find(at.claim)->second.pool;
            if (data_.pools_by_name.find(pool) != data_.pools_by_name.end()) {
                data_.cancels[pool].emplace(at.claim, id);
                data_.give_wakeup(pool);
            }
        } else if (at.state == job_state::pending) {
            if (!header) {
                data_.unlist(id);
            } else {
                detail::memory_list& list = data_.lists_of_jobs[std::string(header->list)];
                if (header->priority != 0 && list.ahead.remove(id)) {
                    data_.unready_if_empty(header->list);
                } else {
                    ++list.ghosts[id];
                    ++list.ghost_total;
                    data_.mark_mixed(header->list);
                }
            }
        }
        data_.forget_job(id);
        data_.forget_failures(id);
    }
    return codes;
}

// A set-aside record back into its list, with other bytes where they are given.
WORK_DECL admin_result
memory_state::bring_back(std::string_view id, std::optional<std::string> envelope, std::int64_t now)
{
    auto const found = data_.set_aside.find(id);
    if (found == data_.set_aside.end())
        return admin_result::gone;
    if (data_.find_job(id) != nullptr)
        return admin_result::already;
    std::string bytes = envelope ? *envelope : found->second;
    if (!detail::read_header(bytes))
        return admin_result::unreadable;
    data_.forget_aside(id);
    if (envelope)
        data_.forget_body(id);
    if (envelope && is_large_envelope(bytes)) {
        data_.bodies.insert_or_assign(std::string(id), std::string(body_of(bytes)));
        bytes = make_head(bytes);
    }
    auto stored = std::make_shared<detail::job_bytes const>(
        detail::job_bytes{std::string(id), std::move(bytes)}
    );
    auto const header = detail::read_header(stored->envelope);
    data_.jobs.insert_or_assign(std::string(id), detail::memory_job{stored, 0});
    data_.make_pending(id, *header, false, now);
    return admin_result::done;
}

WORK_DECL admin_result
memory_state::restore(std::string_view id, std::string envelope, std::int64_t us)
{
    data_.begin();
    admin_result const code = bring_back(id, std::move(envelope), us / 1000);
    data_.wake_woken();
    return code;
}

WORK_DECL std::vector<admin_result> memory_state::requeue(
    std::vector<std::string> const& ids,
    std::int64_t us
)
{
    data_.begin();
    std::vector<admin_result> codes;
    for (std::string const& id : ids) {
        detail::memory_job* const job = data_.find_job(id);
        if (job == nullptr) {
            codes.push_back(bring_back(id, std::nullopt, us / 1000));
            continue;
        }
        place const at = find(id);
        if (at.state == job_state::active) {
            codes.push_back(admin_result::active);
            continue;
        }
        if (at.state == job_state::pending || at.state == job_state::suspect) {
            codes.push_back(admin_result::already);
            continue;
        }
        take_from(at, id);
        detail::stored_bytes const bytes = job->bytes;
        auto const header = detail::read_header(bytes->envelope);
        if (!header) {
            std::vector<std::string> notes;
            data_.put_aside(id, us / 1000, notes);
            codes.push_back(admin_result::gone);
            continue;
        }
        if (at.state == job_state::dead)
            data_.rewrite(
                *job,
                detail::with_word(detail::with_attempts(bytes->envelope, 0), "s", std::nullopt)
            );
        data_.make_pending(id, *header, false, us / 1000);
        codes.push_back(admin_result::done);
    }
    data_.wake_woken();
    return codes;
}

}  // namespace work
