// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/step.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <string_view>

namespace work::detail {

/// Takes jobs for a pool: a suspect group, or what its fetch order says and what it may discover.
class memory_claimer : memory_step
{
public:
    explicit memory_claimer(memory_call& call) : memory_step(call)
    {
        for (wanted_list const& w : request_.fetch_order) {
            if (w.dead_on_crash)
                lists_dead_on_crash_.emplace(w.list);
        }
    }

    WORK_DECL void claim();

private:
    bool full() const
    {
        return taken_.size() >= static_cast<std::size_t>(want_) || bytes_ >= request_.max_bytes;
    }
    bool dead_on_crash(std::string_view list) const
    {
        return lists_dead_on_crash_.find(list) != lists_dead_on_crash_.end() ||
               lists_dead_on_crash_.find("*" + std::string(list_job_name(list))) !=
                   lists_dead_on_crash_.end();
    }
    /// False: the job fits into no answer, and was set aside.
    WORK_DECL bool take(memory_job& job);
    std::int64_t room() const { return want_ - static_cast<std::int64_t>(taken_.size()); }
    WORK_DECL void claim_from(std::string_view served, std::int64_t at_most);
    WORK_DECL void claim_discovered();
    WORK_DECL std::int64_t pop(std::string_view list, std::int64_t at_most);
    WORK_DECL std::int64_t pop_queues(std::string const& name, std::int64_t at_most);
    WORK_DECL std::int64_t refuse(std::string_view list);
    WORK_DECL std::vector<std::int64_t> suspect_groups() const;
    WORK_DECL bool wants_to_be_alone(suspect_group const& group);
    WORK_DECL bool joins_groups() const;
    WORK_DECL bool may_be_joined(std::int64_t number, suspect_group const& group);
    WORK_DECL bool is_refused(std::string_view list);
    WORK_DECL void pop_suspects();
    WORK_DECL void store_claim();

    std::int64_t bytes_ = 0;
    std::int64_t stored_ = 0;
    std::set<std::string> back_;  // lists that waited at a limit, and need not
    text_set seen_;
    text_set drained_;  // nothing is left in them, or nothing may be taken: not looked at again
    text_set dead_lists_;
    text_set lists_dead_on_crash_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/claim.ipp>
#endif
