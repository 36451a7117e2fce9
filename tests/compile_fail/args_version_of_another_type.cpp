// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: args_version must be a static constexpr int from 1 to 1 000 000

#include <work/make.hpp>

struct charge
{
    int amount = 0;
    static constexpr unsigned args_version = 2;
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount))

work::new_job made = work::make<charge>(5);
