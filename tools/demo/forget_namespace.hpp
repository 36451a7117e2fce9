// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/task.hpp>

#include <string>
#include <vector>

namespace work::tool {

/// Removes the keys of a namespace that knew one job name, whose jobs are all gone and whose pools
/// have stopped. The keys are known, so that nothing is searched in a server that may hold much
/// else.
task<void> forget_namespace(
    std::string url,
    std::string ns,
    std::string list,
    std::vector<std::string> pools,
    std::string producer
);

}  // namespace work::tool
