// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <charconv>

namespace work::detail {

// As `scripts/parts/flows.lua`.
inline std::int64_t number_in(flow_hash const& fields, std::string_view name)
{
    auto const found = fields.find(name);
    std::int64_t number = 0;
    if (found != fields.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
    return number;
}

inline std::int64_t add_to(flow_hash& fields, std::string const& name, std::int64_t more)
{
    std::int64_t const number = number_in(fields, name) + more;
    fields[name] = std::to_string(number);
    return number;
}

WORK_DECL void memory_data::wait_at_gate(
    std::string const& gate,
    std::string const& flow,
    std::int64_t now
)
{
    flow_hash& fields = flow_fields[gate];
    if (fields.emplace("{created", std::to_string(now)).second) {
        uncommitted.put(gate, now + policy::commit_ms);
        enter_until(scheduled, "{flow " + gate, now + policy::commit_ms);
        if (gate == flow)
            flows.put(flow, now);
        else
            fields["{gate"] = "1";
    }
    if (gate != flow)
        add_to(fields, "{jobs", 1);
}

WORK_DECL void memory_data::join_flow(
    std::string const& id,
    std::string_view list,
    job_links const& links,
    std::int64_t now
)
{
    flow_hash& fields = flow_fields[links.flow];
    if (fields.emplace("{created", std::to_string(now)).second) {
        flows.put(links.flow, now);
        fields["{committed"] = std::to_string(now);
    }
    std::string member(list);
    for (std::size_t i = 0; i != links.needs.size() && i != policy::shown_parents; ++i)
        member.append(i == 0 ? " " : ",").append(links.needs[i].id);
    fields[id] = std::move(member);
    add_to(fields, "{jobs", 1);
    add_to(fields, "{left", 1);
    flows_ended.remove(links.flow);
}

WORK_DECL void memory_data::member_ended(
    std::string const& flow,
    std::string_view id,
    char letter,
    std::int64_t now
)
{
    auto const found = flow_fields.find(flow);
    if (found == flow_fields.end())
        return;
    std::string const field = "{" + std::string(id);
    bool const known = found->second.contains(field);
    found->second[field] = std::string(1, letter);
    if (!known && add_to(found->second, "{left", -1) <= 0)
        flows_ended.put(flow, now);
}

WORK_DECL void memory_data::member_again(std::string const& flow, std::string_view id)
{
    auto const found = flow_fields.find(flow);
    if (found == flow_fields.end() || found->second.erase("{" + std::string(id)) == 0)
        return;
    add_to(found->second, "{left", 1);
    flows_ended.remove(flow);
}

WORK_DECL void memory_data::close_flow(std::string const& flow)
{
    uncommitted.remove(flow);
    scheduled.remove("{flow " + flow);
}

WORK_DECL void memory_data::abort_flow(std::string const& flow, std::int64_t now)
{
    close_flow(flow);
    if (auto const found = flow_fields.find(flow); found != flow_fields.end()) {
        if (found->second.contains("{gate"))
            flow_fields.erase(found);
        else
            found->second["{aborted"] = std::to_string(now);
    }
    ended("{" + flow, 'a', {}, now);
}

WORK_DECL enqueued memory_data::commit_flow(job_links const& links, std::int64_t now)
{
    auto const found = flow_fields.find(links.gate);
    if (found != flow_fields.end() && found->second.contains("{committed"))
        return {};
    bool const there = found != flow_fields.end() && found->second.contains("{jobs");
    bool const aborted = found != flow_fields.end() && found->second.contains("{aborted");
    if (!there || aborted || number_in(found->second, "{jobs") != links.commits) {
        if (there && !aborted)
            abort_flow(links.gate, now);
        return {enqueue_code::unmet, "{" + links.gate};
    }
    if (found->second.contains("{gate")) {
        flow_fields.erase(found);
    } else {
        found->second["{committed"] = std::to_string(now);
        if (!links.flow_name.empty())
            found->second["{name"] = links.flow_name;
    }
    close_flow(links.gate);
    ended("{" + links.gate, 'c', {}, now);
    return {};
}

WORK_DECL void memory_data::fire_timer(std::string_view timer, std::int64_t now)
{
    std::string_view const of = timer.substr(std::min(timer.size(), timer.find(' ') + 1));
    if (timer.starts_with("{tell ")) {
        std::int64_t number = 0;
        std::from_chars(of.data(), of.data() + of.size(), number);
        tell_more(number, now);
    } else if (timer.starts_with("{flow ")) {
        auto const found = flow_fields.find(of);
        if (found == flow_fields.end() || !found->second.contains("{committed"))
            abort_flow(std::string(of), now);
    }
}

WORK_DECL void memory_data::trim_flows(std::int64_t now)
{
    for (int i = 0; i != policy::trimmed_flows && !flows_ended.empty(); ++i) {
        auto const [at, flow] = *flows_ended.order().begin();
        if (at > now - policy::flow_kept_ms &&
            static_cast<std::int64_t>(flows_ended.size()) <= policy::flows_kept)
            return;
        flows_ended.remove(flow);
        flows.remove(flow);
        flow_fields.erase(flow_fields.find(flow));
    }
}

}  // namespace work::detail
