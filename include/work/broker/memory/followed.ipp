// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>

namespace work {

WORK_DECL std::vector<admin_result> memory_state::follow(
    std::vector<std::string> const& ids,
    std::string_view follower
)
{
    data_.begin();
    std::vector<admin_result> results;
    for (std::string const& id : ids) {
        place const at = look_up(id);
        admin_result result{admin_code::gone, at.state};
        if (detail::ended_states.contains(at.state))
            result.code = admin_code::moved_on;
        else if (at.state != job_state::unknown)
            result.code = follow(at, id, follower);
        results.push_back(result);
    }
    return results;
}

WORK_DECL std::vector<job_state> memory_state::states(std::vector<std::string> const& ids) const
{
    std::vector<job_state> all;
    for (std::string const& id : ids)
        all.push_back(look_up(id).state);
    return all;
}

WORK_DECL detail::text_pairs memory_state::given(std::string_view id) const
{
    auto const all = data_.given.find(id);
    if (all == data_.given.end())
        return {};
    return {all->second.of.begin(), all->second.of.end()};
}

WORK_DECL flow_record memory_state::flow(std::string_view id) const
{
    auto const fields = data_.flow_fields.find(id);
    detail::text_pairs pairs;
    if (fields != data_.flow_fields.end())
        pairs.assign(fields->second.begin(), fields->second.end());
    return detail::read_flow(std::string(id), pairs);
}

WORK_DECL flow_list memory_state::flows(std::int64_t from, int count) const
{
    flow_list found;
    found.of = static_cast<std::int64_t>(data_.flows.size());
    auto at = data_.flows.order().rbegin();
    for (std::int64_t i = 0; i != from + count && at != data_.flows.order().rend(); ++i, ++at) {
        if (i < from)
            continue;
        flow_record one = flow(at->second);
        one.members.clear();
        found.flows.push_back(std::move(one));
    }
    return found;
}

WORK_DECL admin_code
memory_state::follow(place const& at, std::string_view id, std::string_view follower)
{
    detail::memory_job& job = *data_.find_job(id);
    detail::stored_bytes const bytes = job.bytes;
    auto const header = detail::read_header(bytes->envelope);
    if (!header)
        return admin_code::unreadable;
    std::string who(detail::word_of(bytes->envelope, "w").value_or(""));
    if (("," + who + ",").find("," + std::string(follower) + ",") != who.npos)
        return admin_code::already;
    bool const many = std::count(who.begin(), who.end(), ',') >= policy::followers - 1;
    if (many && follower[0] != '{')
        return admin_code::moved_on;
    who.append(who.empty() ? "" : ",").append(follower);
    data_.rewrite(
        job,
        detail::with_flags(
            detail::with_word(bytes->envelope, "w", who),
            header->flags | envelope_flags::followed
        )
    );
    if (at.state == job_state::active)
        data_.claims.find(at.claim)->second.followed.emplace(id);
    return admin_code::done;
}

}  // namespace work
