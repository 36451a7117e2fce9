// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/state.hpp>
#include <work/broker/policy.hpp>

#include <algorithm>
#include <utility>

namespace work {

WORK_DECL bool memory_state::keep_operation(operation_change const& change, std::int64_t us)
{
    detail::memory_operation& one = data_.operations[change.id];
    one.text = change.text;
    bool const stop = one.stop;
    for (std::string const& id : change.forgotten)
        data_.operations.erase(id);
    data_.operations_expire = us / 1000 + policy::operations_kept_ms;
    data_.first_expiry = std::min(data_.first_expiry, data_.operations_expire);
    return stop;
}

WORK_DECL std::vector<operation_note> memory_state::operations() const
{
    std::vector<operation_note> all;
    for (auto const& [id, one] : data_.operations)
        all.push_back(operation_note{id, one.text, one.stop});
    return all;
}

WORK_DECL admin_code memory_state::stop_operation(std::string_view id)
{
    auto const found = data_.operations.find(id);
    if (found == data_.operations.end())
        return admin_code::gone;
    return std::exchange(found->second.stop, true) ? admin_code::already : admin_code::done;
}

WORK_DECL void memory_state::write_audit(std::string line)
{
    data_.audit.push_front(std::move(line));
    if (static_cast<std::int64_t>(data_.audit.size()) > policy::audit_lines)
        data_.audit.pop_back();
}

WORK_DECL std::vector<std::string> memory_state::read_audit(audit_range range) const
{
    std::size_t const from = std::min(static_cast<std::size_t>(range.from), data_.audit.size());
    std::size_t const most = data_.audit.size() - from;
    std::size_t const count = std::min(static_cast<std::size_t>(range.count), most);
    auto const begin = data_.audit.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace work
