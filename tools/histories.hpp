// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_stats.hpp>
#include <work/task.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"

namespace work::tool {

/// What is asked for of histories, as it was written.
struct history_flags
{
    std::string range;
    std::string step;
    std::string name;
    std::string queue;
    std::vector<std::string> names;  ///< these alone
    std::string sort = "done";
    int limit = 50;
    bool json = false;
    bool jsonl = false;
};

/// Period by period. Errors: errc::invalid_option that names the option
task<int> show_history(access& at, history_flags of);
/// Name by name. Errors: the same
task<int> show_name_histories(access& at, history_flags of);

/// "38ms", "1.2s", "4m12s"; "-" for none.
std::string lasted(std::int64_t ms, bool any);

}  // namespace work::tool
