// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>

namespace work::tool {

/// Who sits before the program: WORK_USER, or user@host.
std::string user();

}  // namespace work::tool
