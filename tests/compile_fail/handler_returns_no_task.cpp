// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a handler must return work::task<void>, work::task<R> or work::task<work::outcome>

#include <work/worker_pool.hpp>

void serve(work::worker_pool& pool)
{
    pool.handle("resize", [](work::context&, int) {});
}
