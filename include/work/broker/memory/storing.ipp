// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/batch_plan.hpp>
#include <work/broker/memory/data.hpp>
#include <work/broker/records.hpp>
#include <work/error.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace work::detail {

// As `scripts/parts/store.lua`.
WORK_DECL std::vector<enqueued> memory_data::store(
    std::vector<new_job> const& some,
    std::int64_t now,
    bound_check* asked
)
{
    auto const put = [&](new_job const& job, std::string envelope) {
        auto bytes =
            std::make_shared<job_bytes const>(job_bytes{std::string(job.id), std::move(envelope)});
        jobs.insert_or_assign(std::string(job.id), memory_job{std::move(bytes), 0});
    };
    // What is bound to others comes last, since it may need what is stored with it.
    std::vector<std::size_t> order;
    order.reserve(some.size());
    batch_plan const plan(some);
    auto const add = [&](std::vector<std::size_t> const& alike) {
        order.insert(order.end(), alike.begin(), alike.end());
    };
    for (std::vector<std::size_t> const& list : plan.plain_by_list())
        add(list);
    add(plan.all(told_as::chosen));
    for (std::vector<std::size_t> const& place : plan.priorities_by_place())
        add(place);
    std::vector<std::size_t> const due = plan.all(told_as::due);
    add(due);
    auto const told_due = [&](std::size_t index) {
        return std::binary_search(due.begin(), due.end(), index);
    };
    add(plan.all(told_as::alone));
    // What bounds say of a job that would be pending now.
    auto const refuse = [&](new_job const& job) {
        return asked == nullptr ? std::nullopt : asked->refuse(job.list);
    };
    std::vector<enqueued> answers(some.size());
    for (std::size_t const index : order) {
        new_job const& job = some[index];
        if (job.plain()) {
            if (std::optional<enqueued> no = refuse(job)) {
                answers[index] = *std::move(no);
                continue;
            }
            put(job, std::string(job.envelope));
            auto list = lists_of_jobs.find(job.list);
            if (list == lists_of_jobs.end())
                list = lists_of_jobs.emplace(job.list, memory_list()).first;
            list->second.ids.emplace_back(job.id);
            if (list->second.ids.size() == 1)
                made_ready(job.list, now);
            woken.emplace(job.list);
            continue;
        }
        if (job.links != nullptr && job.links->commits > 0) {
            answers[index] = commit_flow(*job.links, now);
            continue;
        }
        if (job.links != nullptr && !job.links->more_of.empty()) {
            answers[index] = need_more(*job.links, now);
            continue;
        }
        if (job.chosen_id &&
            (find_job(job.id) != nullptr || traces.find(job.id).value_or(0) > now)) {
            answers[index].code = enqueue_code::duplicate;
            continue;
        }
        std::int64_t const at =
            job.at_ms > 0 ? job.at_ms : (job.delay_ms > 0 ? now + job.delay_ms : 0);
        job_ties const ties = job.links != nullptr ? bind(*job.links, now) : job_ties();
        if (ties.code) {
            answers[index] = *ties.code;
            continue;
        }
        if (!job.lock.key.empty()) {
            std::string const owner = lock_owner(job.lock.key, now);
            if (!owner.empty()) {
                answers[index] = resolve_conflict(owner, job, at, now);
                continue;
            }
        }
        // A flow is whole: it asks no bound. Nor is what was to be due later turned away.
        if (at <= now && job.links == nullptr && !told_due(index)) {
            if (std::optional<enqueued> no = refuse(job)) {
                answers[index] = *std::move(no);
                continue;
            }
        }
        std::string envelope(job.envelope);
        if (job.stamp)
            set_created(envelope, now);
        if (job.chosen_id) {
            traces.remove(job.id);
            forget_log(job.id);
            if (set_aside.find(job.id) != set_aside.end()) {
                forget_aside(job.id);
                forget_body(job.id);
            }
        }
        if (job.large()) {
            bodies.insert_or_assign(std::string(job.id), std::string(body_of(envelope)));
            envelope = make_head(envelope);
        }
        if (!job.lock.key.empty())
            take_lock(job.id, job.lock.mode, job.lock.key, now + job.lock.time_ms);
        if (at > now)
            envelope = with_word(envelope, "d", std::to_string(at));
        if (!ties.after.empty())
            envelope = needed(envelope);
        auto const header = read_header(envelope);
        if (!header)
            throw error(errc::protocol, "the envelope of a new job can't be read");
        put(job, envelope);
        tag(job.id, envelope);
        if (job.links != nullptr && tie(job.id, header->list, ties, *job.links, now)) {
            // It waits for others.
        } else if (at > now) {
            enter_until(scheduled, job.id, at);
        } else {
            enter(job.id, *header, list_end::back, now);
        }
    }
    return answers;
}

}  // namespace work::detail
