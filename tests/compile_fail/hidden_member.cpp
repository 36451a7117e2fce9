// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a member of a described base is hidden by one of the same name

#include <work/enqueuer.hpp>

struct base
{
    int id = 0;
};
BOOST_DESCRIBE_STRUCT(base, (), (id))

struct derived : base
{
    std::string id;
};
BOOST_DESCRIBE_STRUCT(derived, (base), (id))

work::task<work::job_handle> store(work::enqueuer& to, derived const& job)
{
    return to.enqueue(job);
}
