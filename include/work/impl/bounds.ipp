// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/bounds.hpp>
#include <work/broker/policy.hpp>
#include <work/client/client_core.hpp>
#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>
#include <work/values/text.hpp>

#include <work/impl/kept_operation.hpp>

#include <utility>

namespace work {
namespace detail {

inline task<bound_code> change_bound(std::shared_ptr<client_core> core, bound_change change)
{
    audit_entry entry;
    entry.by = change.who;
    entry.action = change.remove ? "remove bound" : "set bound";
    entry.what = "queue " + change.queue;
    if (!change.remove)
        entry.what +=
            ": " + std::to_string(change.most) + ", " + std::string(to_string(change.full));
    entry.asked = 1;
    std::string const queue = change.queue;
    bound_code const code = co_await core->broker->change_bound(std::move(change));
    if (code == bound_code::full)
        throw error(
            errc::too_many,
            "queue " + quote(queue) + " was not bounded: " + std::to_string(policy::most_bounds) +
                " queues are; remove a bound first"
        );
    entry.done = code == bound_code::done ? 1 : 0;
    co_await tell_audit(core, std::move(entry));
    co_return code;
}

inline task<bool> remove_bound(std::shared_ptr<client_core> core, bound_change change)
{
    bound_code const code = co_await change_bound(std::move(core), std::move(change));
    co_return code == bound_code::done;
}

inline task<std::vector<bound_state>> read_bounds(
    std::shared_ptr<client_core> core,
    std::string queue
)
{
    bounds_answer answer = co_await core->broker->bounds(std::move(queue));
    co_return std::move(answer.bounds);
}

inline task<std::optional<bound_state>> read_bound(
    std::shared_ptr<client_core> core,
    std::string queue
)
{
    bounds_answer answer = co_await core->broker->bounds(std::move(queue));
    std::optional<bound_state> found;
    if (!answer.bounds.empty())
        found = std::move(answer.bounds.front());
    co_return found;
}

}  // namespace detail

WORK_DECL bounds::bounds(client& of) : core_(of.core()) {}

WORK_DECL task<bound_code> bounds::set(std::string queue, bound_options options)
{
    detail::check_integer("bound_options::most", options.most, 1, 1'000'000'000);
    validate_name("queue", queue);
    bound_change change;
    change.queue = std::move(queue);
    change.most = options.most;
    change.full = options.full;
    change.who = std::move(options.by);
    return core_->here(detail::change_bound(core_, std::move(change)));
}

WORK_DECL task<bool> bounds::remove(std::string queue, std::string by)
{
    validate_name("queue", queue);
    bound_change change;
    change.queue = std::move(queue);
    change.remove = true;
    change.who = std::move(by);
    return core_->here(detail::remove_bound(core_, std::move(change)));
}

WORK_DECL task<std::vector<bound_state>> bounds::list()
{
    return core_->here(detail::read_bounds(core_, std::string()));
}

WORK_DECL task<std::optional<bound_state>> bounds::get(std::string queue)
{
    validate_name("queue", queue);
    return core_->here(detail::read_bound(core_, std::move(queue)));
}

}  // namespace work
