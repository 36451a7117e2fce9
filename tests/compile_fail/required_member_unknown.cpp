// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: required_members names a member that is not described

#include <work/job.hpp>
#include <work/values/arguments.hpp>

#include <array>

struct charge
{
    int amount = 0;
    static constexpr std::array<std::string_view, 1> required_members{"amonut"};
};
BOOST_DESCRIBE_STRUCT(charge, (), (amount))

void read(boost::json::value const& args)
{
    (void)work::decode_arguments<charge>(args);
}
