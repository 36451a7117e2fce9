// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/events.hpp>
#include <work/values/described.hpp>
#include <work/values/encode.hpp>
#include <work/values/text.hpp>

namespace work {

WORK_DECL std::string_view to_string(event what) noexcept
{
    return detail::enumerator_name(what);
}

WORK_DECL std::string encode_event(event_info what)
{
    constexpr auto all = std::string_view::npos;
    for (std::string* const text :
         {&what.pool_name, &what.name, &what.queue, &what.args, &what.job, &what.reason})
        *text = detail::sanitized_utf8(*text, all);
    if (what.failure) {
        what.failure->type = detail::sanitized_utf8(what.failure->type, max_failure_type);
        what.failure->message = detail::mended_utf8(what.failure->message, max_failure_message);
    }
    return to_json(what);
}

}  // namespace work
