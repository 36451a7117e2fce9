// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: as_boost_json needs both tag_invoke\(value_from_tag

#include <work/as_boost_json.hpp>
#include <work/worker_pool.hpp>

struct uuid
{
    int bits = 0;
};

template <>
struct work::as_argument<uuid> : work::as_boost_json<uuid>
{};

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&, uuid) -> work::task<void> { co_return; });
}
