// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a handler must be a function or a callable with one operator\(\), without auto

#include <work/worker_pool.hpp>

void serve(work::worker_pool& pool)
{
    pool.handle("resize", [](work::context&, auto) -> work::task<void> { co_return; });
}
