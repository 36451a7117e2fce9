// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a handler takes its context as work::context&

#include <work/worker_pool.hpp>

void serve(work::worker_pool& pool)
{
    pool.handle("resize", [](work::context const&, int) -> work::task<void> { co_return; });
}
