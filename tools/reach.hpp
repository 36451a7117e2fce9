// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <string>

namespace work::tool {

/// Throws what is wrong with a server within 3 s: a person waits for the answer, where a client
/// goes on trying. What is in this process is always there.
task<void> reach(std::string url);

}  // namespace work::tool
