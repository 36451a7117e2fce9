// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: this type can.t be an argument

#include <work/values/encode.hpp>

std::string text()
{
    return work::encode_positional('x');
}
