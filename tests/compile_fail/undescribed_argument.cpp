// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: this type can.t be an argument: describe it

#include <work/values/encode.hpp>

struct point
{
    int x;
};

std::string text()
{
    return work::to_json(point{1});
}
