// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <vector>

namespace work {

/// An operation on many jobs as a broker keeps it: for a day after the last one was kept.
struct operation_note
{
    std::string id;
    std::string text{};  ///< as it was kept last: JSON
    bool stop = false;   ///< somebody wants it to stop
};

/// Keeps an operation as it stands now, and forgets others.
struct operation_change
{
    std::string id;
    std::string text{};
    std::vector<std::string> forgotten{};
};

/// Lines of the audit, from the newest (0) on.
struct audit_range
{
    int from = 0;
    int count = 50;
};

}  // namespace work
