// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: the handler of a described job takes that job: \(work::context&, Job\)

#include <work/worker_pool.hpp>

struct send_email
{
    int user_id;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id))

void serve(work::worker_pool& pool)
{
    pool.handle<send_email>([](work::context&, int) -> work::task<void> { co_return; });
}
