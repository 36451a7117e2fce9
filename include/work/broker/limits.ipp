// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/limits.hpp>
#include <work/broker/pause.hpp>
#include <work/values/name.hpp>

#include <algorithm>
#include <set>

namespace work::detail {

WORK_DECL std::string limit_key(std::string_view name)
{
    bool const own = name.starts_with(own_limit);
    std::string_view const rest = own ? name.substr(own_limit.size()) : name;
    validate_name(own ? "job name of a limit" : "limit name", rest);
    return std::string(own ? own_limit : "") + encode_name(rest);
}

WORK_DECL std::string limit_name(std::string_view key)
{
    bool const own = key.starts_with(own_limit);
    return std::string(own ? own_limit : "") +
           decode_name(own ? key.substr(own_limit.size()) : key);
}

WORK_DECL std::vector<std::string> limit_names(std::string_view keys)
{
    std::vector<std::string> names;
    while (!keys.empty()) {
        std::string_view const one = keys.substr(0, keys.find(' '));
        if (!one.empty())
            names.push_back(limit_name(one));
        keys.remove_prefix(std::min(keys.size(), one.size() + 1));
    }
    std::sort(names.begin(), names.end());
    return names;
}

WORK_DECL std::string scope_text(limit_scope const& scope)
{
    std::set<std::string> targets;
    for (std::string const& queue : scope.queues) {
        validate_name("queue of a limit", queue);
        targets.insert("queue:" + encode_name(queue));
    }
    for (std::string const& name : scope.names) {
        validate_name("job name of a limit", name);
        targets.insert("name:" + encode_name(name));
    }
    std::string text;
    for (std::string const& one : targets)
        text.append(text.empty() ? "" : " ").append(one);
    return text;
}

WORK_DECL limit_scope read_scope(std::string_view text)
{
    limit_scope scope;
    while (!text.empty()) {
        std::string_view const one = text.substr(0, text.find(' '));
        auto const colon = one.find(':');
        if (colon != one.npos)
            (one.starts_with("queue:") ? scope.queues : scope.names)
                .push_back(decode_name(one.substr(colon + 1)));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
    }
    return scope;
}

WORK_DECL limit_state
make_limit(std::string_view key, std::int64_t slots, std::string_view by, std::string_view scope)
{
    limit_state one;
    one.name = limit_name(key);
    one.slots = slots;
    one.by = by == "pool" ? limit_origin::pool : limit_origin::hand;
    limit_scope on = read_scope(scope);
    one.queues = std::move(on.queues);
    one.names = std::move(on.names);
    return one;
}

WORK_DECL void sort_limits(std::vector<limit_state>& limits)
{
    std::sort(limits.begin(), limits.end(), [](limit_state const& a, limit_state const& b) {
        return a.name < b.name;
    });
}

WORK_DECL bool applies_to(limit_state const& limit, std::string_view list)
{
    auto const is = [&](char const* kind, std::string const& name) {
        return is_of(list, kind + encode_name(name));
    };
    return std::any_of(
               limit.queues.begin(),
               limit.queues.end(),
               [&](std::string const& queue) { return is("queue:", queue); }
           ) ||
           std::any_of(limit.names.begin(), limit.names.end(), [&](std::string const& name) {
               return is("name:", name);
           });
}

}  // namespace work::detail
