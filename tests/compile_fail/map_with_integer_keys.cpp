// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
// expect: work: the keys of a map argument must be std::string

#include <work/values/encode.hpp>

#include <map>

std::string text(std::map<int, int> const& map)
{
    return work::to_json(map);
}
