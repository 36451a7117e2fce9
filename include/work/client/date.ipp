// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker_clock.hpp>
#include <work/client/date.hpp>
#include <work/values/envelope.hpp>

#include <cstdint>

namespace work::detail {

WORK_DECL void date(broker const& by, new_job& job)
{
    if (job.undated_ms == 0)
        return;
    std::int64_t const now = by.now_ms();
    if (now == 0) {
        job.stamp = true;
        return;
    }
    set_created(job.envelope, now - (steady_ms() - job.undated_ms));
    job.undated_ms = 0;
}

}  // namespace work::detail
