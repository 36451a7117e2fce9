// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/records.hpp>
#include <work/error.hpp>

#include <memory>
#include <utility>

namespace work::detail {

// As `scripts/parts/store.lua`.
WORK_DECL std::string memory_data::store(std::vector<new_job> const& some, std::int64_t now)
{
    auto const put = [&](new_job const& job, std::string envelope) {
        auto bytes =
            std::make_shared<job_bytes const>(job_bytes{std::string(job.id), std::move(envelope)});
        jobs.insert_or_assign(std::string(job.id), memory_job{std::move(bytes), 0});
    };
    mixed_lists const mixed(some);
    for (new_job const& job : some) {
        if (mixed.has(job))
            continue;
        put(job, std::string(job.envelope));
        auto list = lists_of_jobs.find(job.list);
        if (list == lists_of_jobs.end())
            list = lists_of_jobs.emplace(job.list, memory_list()).first;
        list->second.ids.emplace_back(job.id);
        if (list->second.ids.size() == 1)
            made_ready(job.list, now);
        woken.emplace(job.list);
    }
    std::string codes;
    for (std::size_t i = 0; i != some.size() && !mixed.empty(); ++i) {
        new_job const& job = some[i];
        if (!mixed.has(job))
            continue;
        if (job.chosen_id &&
            (find_job(job.id) != nullptr || traces.find(job.id).value_or(0) > now)) {
            codes += static_cast<char>(enqueue_code::duplicate);
            continue;
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
        std::int64_t const at =
            job.at_ms > 0 ? job.at_ms : (job.delay_ms > 0 ? now + job.delay_ms : 0);
        if (at > now) {
            envelope = with_word(envelope, "d", std::to_string(at));
            enter_until(scheduled, job.id, at);
        } else {
            auto const header = read_header(envelope);
            if (!header)
                throw error(errc::protocol, "the envelope of a new job can't be read");
            enter(job.id, *header, list_end::back, now);
        }
        put(job, std::move(envelope));
        codes += static_cast<char>(enqueue_code::stored);
    }
    return codes;
}

}  // namespace work::detail
