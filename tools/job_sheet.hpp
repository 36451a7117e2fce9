// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/job_info.hpp>

#include <string>
#include <string_view>

namespace work::tool {

/// What can be changed of a job, as text that a person edits.
struct job_sheet
{
    std::string queue;
    std::string priority;
    std::string at;  ///< when it runs, "" where it has no time
    std::string options;
    std::string args;
};

job_sheet sheet_of(job_info const& job);
std::string written(job_sheet const& sheet, job_info const& job);
/// A line that is left out stays as it was.
/// Errors: errc::invalid_option: a line is none of those that `written` makes
job_sheet read_sheet(std::string_view text, job_sheet before);
/// What makes the options `after` of those `before`: `null` for those that are gone.
std::string changed_options(std::string_view before, std::string_view after);

}  // namespace work::tool
