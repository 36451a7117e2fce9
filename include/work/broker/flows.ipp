// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/flows.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace work::detail {

WORK_DECL flow_record read_flow(std::string id, text_pairs const& fields)
{
    flow_record flow;
    flow.id = std::move(id);
    std::map<std::string_view, char> ends;
    std::pair<std::string_view, std::int64_t flow_record::*> const numbers[] = {
        {"{created", &flow_record::created_ms},
        {"{committed", &flow_record::committed_ms},
        {"{aborted", &flow_record::aborted_ms},
        {"{jobs", &flow_record::jobs},
        {"{left", &flow_record::left}
    };
    for (auto const& pair : fields) {
        std::string const& field = pair.first;
        std::string const& value = pair.second;
        auto const number =
            std::find_if(std::begin(numbers), std::end(numbers), [&](auto const& n) {
                return n.first == field;
            });
        if (number != std::end(numbers)) {
            std::from_chars(value.data(), value.data() + value.size(), flow.*(number->second));
        } else if (field == "{name") {
            flow.name = value;
        } else if (field.starts_with('{')) {
            ends.emplace(std::string_view(field).substr(1), value.empty() ? 'g' : value[0]);
        } else {
            flow_member& one = flow.members.emplace_back();
            one.id = field;
            std::size_t const space = std::min(value.find(' '), value.size());
            one.list = value.substr(0, space);
            for (std::size_t at = space + 1; at < value.size();) {
                std::size_t const comma = std::min(value.find(',', at), value.size());
                one.needs.push_back(value.substr(at, comma - at));
                at = comma + 1;
            }
        }
    }
    for (flow_member& one : flow.members) {
        auto const end = ends.find(one.id);
        if (end == ends.end())
            continue;
        one.over = true;
        one.ended = end->second == 'c'   ? job_state::completed
                    : end->second == 'd' ? job_state::dead
                    : end->second == 'q' ? job_state::set_aside
                    : end->second == 'g' ? job_state::unknown
                                         : job_state::cancelled;
    }
    std::sort(flow.members.begin(), flow.members.end(), [](auto const& a, auto const& b) {
        return a.id < b.id;
    });
    return flow;
}

}  // namespace work::detail
