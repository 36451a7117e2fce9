// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/error.hpp>
#include <work/values/durability.hpp>

namespace work {

struct durable_answer
{
    enqueue_answer stored;
    work::safety safety;
};

namespace detail {

[[noreturn]] inline void refuse_durability()
{
    throw error(
        errc::invalid_option,
        "jobs in memory can't be enqueued durably: they have no replicas and no file, and end with "
        "this process; nothing was stored: use enqueue, or a Redis server"
    );
}

}  // namespace detail
}  // namespace work
