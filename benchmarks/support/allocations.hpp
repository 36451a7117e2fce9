// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#pragma once

// Counts what this thread allocates, at malloc itself, so that operator new and C code are both
// seen. For one file of a program; glibc only, elsewhere the counts stay 0.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace bench::detail {
inline thread_local constinit std::uint64_t allocation_count = 0;
}

namespace bench {
/// Allocations of this thread since it began.
inline std::uint64_t allocations() noexcept
{
    return detail::allocation_count;
}
}  // namespace bench

#ifdef __GLIBC__
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size)
{
    ++bench::detail::allocation_count;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size)
{
    ++bench::detail::allocation_count;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size)
{
    ++bench::detail::allocation_count;
    return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    ++bench::detail::allocation_count;
    return __libc_memalign(alignment, size);
}
}
#endif
