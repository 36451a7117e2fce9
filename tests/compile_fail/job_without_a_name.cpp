// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: describe this job with BOOST_DESCRIBE_STRUCT

#include <work/job.hpp>

struct send_email
{};

constexpr std::string_view name = work::job_name_v<send_email>;
