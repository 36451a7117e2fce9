// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

namespace work::tool {

/// What the program ends with. Documented in docs/command-line.md.
enum exit_code : int {
    ok = 0,
    failed = 1,      ///< the operation failed: no broker, refused, a job is missing
    usage = 2,       ///< the command line can't be used
    not_found = 3,   ///< no such job
    moved_on = 4,    ///< a job is in another state than was asked for, and was left alone
    not_agreed = 5,  ///< the question was answered no, or could not be asked
};

}  // namespace work::tool
