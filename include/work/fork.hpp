// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <atomic>
#include <cstdint>
#include <sys/types.h>
#include <unistd.h>

namespace work::detail {

/// Counts the forks between this process and the one that first asked. A relaxed load where
/// getpid() would be a system call.
WORK_DECL std::atomic<std::uint32_t>& fork_count() noexcept;

/// Remembers the process it was made in.
class process_mark
{
public:
    process_mark() noexcept { renew(); }
    process_mark(process_mark const&) = delete;
    process_mark& operator=(process_mark const&) = delete;

    /// What was written before is seen by a thread that is told that this is the process.
    void renew() noexcept
    {
        pid_.store(::getpid(), std::memory_order_relaxed);
        forks_.store(fork_count().load(std::memory_order_relaxed), std::memory_order_release);
    }
    /// Is this a child, made by fork()?
    bool elsewhere() const noexcept
    {
        return forks_.load(std::memory_order_acquire) !=
               fork_count().load(std::memory_order_relaxed);
    }
    /// The same at the price of a system call, for children that were made behind the C library.
    bool surely_elsewhere() const noexcept
    {
        return elsewhere() || pid_.load(std::memory_order_relaxed) != ::getpid();
    }

private:
    std::atomic<std::uint32_t> forks_{0};
    std::atomic<::pid_t> pid_{0};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/impl/fork.ipp>
#endif
