// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/error.hpp>
#include <work/values/check_option.hpp>
#include <work/values/durability.hpp>

namespace work {

WORK_DECL void durability::validate() const
{
    using std::chrono::milliseconds;
    detail::check_integer("durability::replicas", replicas, 0, 1000);
    detail::check_duration(
        "durability::at_most",
        at_most,
        milliseconds(1),
        milliseconds(std::chrono::minutes(1))
    );
    if (replicas == 0 && !aof)
        throw error(
            errc::invalid_option,
            "durability asks for 0 replicas and no append-only file, which is what any enqueue "
            "gives: set replicas or aof, or call enqueue"
        );
}

}  // namespace work
