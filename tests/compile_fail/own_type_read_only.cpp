// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: as_argument must read what it writes: it needs static Written write\(T const&\)

#include <work/worker_pool.hpp>

struct uuid
{
    int bits = 0;
};

template <>
struct work::as_argument<uuid>
{
    static uuid read(int bits) { return {bits}; }
};

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&, uuid) -> work::task<void> { co_return; });
}
