// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/context.hpp>
#include <work/values/encode.hpp>

#include <stdexcept>

namespace work {

WORK_DECL std::string_view context::header(std::string_view name) const noexcept
{
    for (auto const& [key, value] : headers_) {
        if (key == name)
            return value;
    }
    return {};
}

WORK_DECL task<checkin_result> context::checkin(std::string message)
{
    std::string text = "{\"message\":";
    append_json(text, message);
    text += '}';
    port_->checked_in(*slot_, std::move(text));
    co_return checkin_result(stopping_.has_value(), &told_);
}

WORK_DECL task<checkin_result> context::checkin(std::string message, double percent)
{
    std::string text = "{\"message\":";
    append_json(text, message);
    text += ",\"percent\":";
    append_json(text, percent < 0 ? 0.0 : percent > 100 ? 100.0 : percent);
    text += '}';
    port_->checked_in(*slot_, std::move(text));
    co_return checkin_result(stopping_.has_value(), &told_);
}

WORK_DECL void* context::user_object(std::type_info const& type) const
{
    for (user_entry const& entry : user_) {
        if (*entry.type == type)
            return entry.object.get();
    }
    throw std::logic_error(std::string("work: no object of type ") + type.name() +
                           " was provided; call pool.provide<T>(...) before the pool runs");
}

}  // namespace work
