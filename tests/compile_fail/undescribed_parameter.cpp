// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: this type can.t be an argument: describe it

#include <work/values/arguments.hpp>

struct point
{
    int x;
};

void read(boost::json::value const& args)
{
    (void)work::decode_arguments<point>(args);
}
