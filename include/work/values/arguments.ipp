// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/arguments.hpp>

namespace work::detail {

WORK_DECL bool check_count(
    std::size_t least,
    std::size_t most,
    std::size_t found,
    json_path const& at,
    decode_report& report
)
{
    if (found >= least && found <= most)
        return true;
    std::string expected = std::to_string(least);
    if (least != most)
        expected += " to " + std::to_string(most);
    return report.fail_text(at, expected, std::to_string(found));
}

}  // namespace work::detail
