// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: this type can.t be an argument: it has no default constructor

#include <work/worker_pool.hpp>

struct uuid
{
    explicit uuid(int from) : bits(from) {}
    int bits;
};

template <>
struct work::as_argument<uuid>
{
    static int write(uuid const& id) { return id.bits; }
    static uuid read(int bits) { return uuid(bits); }
};

void serve(work::worker_pool& pool)
{
    pool.handle("a", [](work::context&, std::vector<uuid>) -> work::task<void> { co_return; });
}
