// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: a std::string_view or pointer would dangle: use std::string

#include <work/values/arguments.hpp>

void read(boost::json::value const& args)
{
    (void)work::decode_arguments<int, std::string_view>(args);
}
