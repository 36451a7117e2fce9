// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <vector>

namespace work::tool {

/// `-` among the ids stands for those on standard input, one a line.
std::vector<std::string> ids_of(std::vector<std::string> const& given);

}  // namespace work::tool
