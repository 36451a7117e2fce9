// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: job_name must be 1 to 128 bytes without control characters

#include <work/job.hpp>

struct send_email
{
    static constexpr std::string_view job_name = "send\nemail";
};

constexpr std::string_view name = work::job_name_v<send_email>;
