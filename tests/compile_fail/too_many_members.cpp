// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: more arguments than the job has described members

#include <work/job.hpp>
#include <work/values/make_job.hpp>

struct send_email
{
    int user_id;
};
BOOST_DESCRIBE_STRUCT(send_email, (), (user_id))

send_email make()
{
    return work::make_job<send_email>(1, 2);
}
