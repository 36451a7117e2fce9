// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: upcast must be static void upcast\(int from, boost::json::value& arguments\)

#include <work/worker_pool.hpp>

struct charge
{
    int amount = 0;
    static constexpr int args_version = 2;
    static boost::json::value upcast(int, boost::json::value old) { return old; }
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount))

void serve(work::worker_pool& pool)
{
    pool.handle<charge>([](charge) -> work::task<void> { co_return; });
}
