// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: as_argument must read what it writes

#include <work/worker_pool.hpp>

struct uuid
{
    int bits = 0;
};

template <>
struct work::as_argument<uuid>
{
    static int write(uuid const& id) { return id.bits; }
};

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&, uuid) -> work::task<void> { co_return; });
}
