// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: describe the job with BOOST_DESCRIBE_STRUCT

#include <work/worker_pool.hpp>

struct send_email
{
    int user_id;
};

work::task<void> deliver(work::context&, send_email)
{
    co_return;
}

void serve(work::worker_pool& pool)
{
    pool.handle<send_email>(deliver);
}
