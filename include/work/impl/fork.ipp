// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/fork.hpp>

#if __has_include(<pthread.h>)
#include <pthread.h>
#endif

namespace work::detail {

WORK_DECL std::atomic<std::uint32_t>& fork_count() noexcept
{
    static std::atomic<std::uint32_t> count{0};
#if __has_include(<pthread.h>)
    [[maybe_unused]] static int const registered =
        pthread_atfork(nullptr, nullptr, [] { count.fetch_add(1, std::memory_order_relaxed); });
#endif
    return count;
}

}  // namespace work::detail
