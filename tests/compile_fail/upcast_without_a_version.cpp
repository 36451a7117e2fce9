// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a job with an upcast needs a static constexpr int args_version above 1

#include <work/worker_pool.hpp>

struct charge
{
    int amount = 0;
    static void upcast(int, boost::json::value&) {}
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount))

void serve(work::worker_pool& pool)
{
    pool.handle<charge>([](charge) -> work::task<void> { co_return; });
}
