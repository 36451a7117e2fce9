// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: name the plain types, without const and &

#include <work/values/arguments.hpp>

void read(boost::json::value const& args)
{
    (void)work::decode_arguments<int const&>(args);
}
