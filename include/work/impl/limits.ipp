// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/policy.hpp>
#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/limits.hpp>
#include <work/values/text.hpp>

#include <work/impl/kept_operation.hpp>

#include <utility>

namespace work {
namespace detail {

inline audit_entry limit_entry(limit_change const& change)
{
    audit_entry entry;
    entry.by = change.who;
    entry.action = change.remove ? "remove limit" : "set limit";
    entry.what = "limit " + change.name;
    if (!change.remove)
        entry.what += ": " + std::to_string(change.slots);
    entry.asked = 1;
    return entry;
}

inline task<limit_code> change_limit(std::shared_ptr<client_core> core, limit_change change)
{
    audit_entry entry = limit_entry(change);
    std::string const name = change.name;
    limit_code const code = co_await core->broker->change_limit(std::move(change));
    if (code == limit_code::full)
        throw error(
            errc::too_many,
            "limit " + quote(name) + " was not set: there are " +
                std::to_string(policy::most_limits) + " limits, or " +
                std::to_string(policy::limits_of_one) +
                " of one of its queues or names; remove one first"
        );
    entry.done = code == limit_code::done ? 1 : 0;
    co_await tell_audit(core, std::move(entry));
    co_return code;
}

inline task<bool> remove_limit(std::shared_ptr<client_core> core, limit_change change)
{
    limit_code const code = co_await change_limit(std::move(core), std::move(change));
    co_return code == limit_code::done;
}

inline task<std::vector<limit_state>> read_limits(
    std::shared_ptr<client_core> core,
    limit_query query
)
{
    limits_answer answer = co_await core->broker->limits(std::move(query));
    co_return std::move(answer.limits);
}

inline task<std::optional<limit_state>> read_limit(
    std::shared_ptr<client_core> core,
    limit_query query
)
{
    limits_answer answer = co_await core->broker->limits(std::move(query));
    std::optional<limit_state> found;
    if (!answer.limits.empty())
        found = std::move(answer.limits.front());
    co_return found;
}

}  // namespace detail

WORK_DECL limits::limits(client& of) : core_(of.core()) {}

WORK_DECL task<limit_code> limits::set(std::string name, limit_options options)
{
    if (options.slots < 0 || options.slots > detail::most_slots)
        throw error(
            errc::invalid_option,
            "limit_options::slots is " + std::to_string(options.slots) + ", it must be 0 to " +
                std::to_string(detail::most_slots)
        );
    detail::limit_key(name);
    if (options.scope)
        detail::scope_text(*options.scope);
    limit_change change;
    change.name = std::move(name);
    change.slots = options.slots;
    change.scope = std::move(options.scope);
    change.who = std::move(options.by);
    return core_->here(detail::change_limit(core_, std::move(change)));
}

WORK_DECL task<bool> limits::remove(std::string name, std::string by)
{
    detail::limit_key(name);
    limit_change change;
    change.name = std::move(name);
    change.remove = true;
    change.who = std::move(by);
    return core_->here(detail::remove_limit(core_, std::move(change)));
}

WORK_DECL task<std::vector<limit_state>> limits::list()
{
    return core_->here(detail::read_limits(core_, limit_query()));
}

WORK_DECL task<std::optional<limit_state>> limits::get(std::string name)
{
    detail::limit_key(name);
    limit_query query;
    query.name = std::move(name);
    return core_->here(detail::read_limit(core_, std::move(query)));
}

}  // namespace work
