// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: an optional argument whose value may be null itself

#include <work/worker_pool.hpp>

#include <optional>

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](std::optional<std::optional<int>>) -> work::task<void> { co_return; });
}
