// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/step.hpp>
#include <work/build_config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// Moves what the clock moves: `scripts/parts/reap.lua`, and due jobs into their lists.
class memory_reaper : memory_step
{
public:
    explicit memory_reaper(memory_call& call) : memory_step(call) {}

    WORK_DECL void reap_lapsed();
    WORK_DECL std::int64_t promote(scored_ids& set);

private:
    /// Claims whose jobs are still to go somewhere.
    using lapsed_claims = std::vector<std::pair<claim_number, memory_claim>>;

    WORK_DECL bool extended(memory_claim const& claim) const;
    WORK_DECL std::size_t settle_fallen(claim_number number, memory_claim const& claim);
    WORK_DECL void look_for_vanished();
    WORK_DECL bool some_vanished(std::int64_t at, std::int64_t lease) const;
    WORK_DECL void settle_third_crash(memory_claim const& claim);
    WORK_DECL void to_be_alone(std::string_view id);
    WORK_DECL void solo(suspect const& who, memory_claim const& claim);
    WORK_DECL bool storm(
        std::int64_t at,
        std::int64_t lease,
        std::string_view process,
        std::string_view id
    ) const;
    WORK_DECL void reap(claim_number number, memory_claim const& claim);
    WORK_DECL void bury_crashed(
        std::string const& id,
        envelope_header const& header,
        std::string text
    );
    WORK_DECL void to_front(std::string_view id, envelope_header const& header);
    WORK_DECL void fall(memory_claim const& claim, fallen_job job);
    WORK_DECL claim_number keep_claim(memory_claim claim);
    WORK_DECL memory_job* readable(std::string_view id);
    void suspect_groups(std::vector<suspect> const& members, std::size_t size)
    {
        data_.new_groups(members, size);
        made_suspect_ = true;
    }
    WORK_DECL void note_deaths();
    WORK_DECL void hasten();
    WORK_DECL void deliver();

    std::vector<std::pair<std::string, std::vector<std::string>>> fronts_;
    std::vector<std::pair<std::string, std::int64_t>> told_;  // claims by pool
    std::vector<std::pair<std::string, std::int64_t>> died_;  // when, by process
    /// Claims of kind `fallen` made in this step; true: not to be settled before their time.
    std::vector<std::pair<claim_number, bool>> new_fallen_;
    std::vector<memory_claim> verdicts_;
    bool made_suspect_ = false;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/promote.ipp>
#include <work/broker/memory/reap.ipp>
#endif
