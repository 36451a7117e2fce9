// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: as_argument writes the type as itself

#include <work/worker_pool.hpp>

struct uuid
{
    int bits = 0;
};

template <>
struct work::as_argument<uuid>
{
    static std::optional<uuid> write(uuid const& id) { return id; }
    static uuid read(std::optional<uuid> id) { return *id; }
};

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&, std::vector<uuid>) -> work::task<void> { co_return; });
}
