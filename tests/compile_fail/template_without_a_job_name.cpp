// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a job that is a template needs a static constexpr std::string_view job_name

#include <work/job.hpp>

template <typename T>
struct resize
{
    T size{};
    BOOST_DESCRIBE_CLASS(resize, (), (size), (), ())
};

constexpr std::string_view name = work::job_name_v<resize<int>>;
