// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/commit.hpp>

#include <memory>

namespace work {

// Several of one attempt are one.
inline outcome& committed_of(std::shared_ptr<outcome>& held)
{
    if (!held)
        held = std::make_shared<outcome>(done());
    return *held;
}

WORK_DECL commit::commit(context& job) : end_(committed_of(job.committed_)) {}

}  // namespace work
