// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client_options.hpp>
#include <work/values/check_option.hpp>
#include <work/values/name.hpp>

namespace work {

WORK_DECL void client_options::validate() const
{
    using namespace std::chrono_literals;
    validate_name("namespace", ns);
    detail::check_integer("max_payload", static_cast<std::int64_t>(max_payload), 1024, 16 << 20);
    detail::check_integer(
        "max_buffered_jobs",
        static_cast<std::int64_t>(max_buffered_jobs),
        1,
        100'000'000
    );
    detail::check_integer(
        "max_buffered_bytes",
        static_cast<std::int64_t>(max_buffered_bytes),
        1 << 20,
        std::int64_t(1) << 36
    );
    detail::check_duration("enqueue_deadline", enqueue_deadline, 10ms, std::chrono::hours(1));
    detail::check_duration("full_queue_wait", full_queue_wait, 0ms, std::chrono::hours(24));
    detail::check_duration("id_retention", id_retention, 0ms, std::chrono::hours(24 * 365));
}

}  // namespace work
