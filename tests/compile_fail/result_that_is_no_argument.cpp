// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: the result of a handler must be a type that can be an argument

#include <work/worker_pool.hpp>

struct point
{
    int x = 0;
};

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&) -> work::task<point> { co_return point(); });
}
