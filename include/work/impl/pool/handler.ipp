// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/core.hpp>
#include <work/pool/handler.hpp>

namespace work::detail {

WORK_DECL slot& slot_of(context& job)
{
    return slot::of(job);
}

WORK_DECL args_parser& parser_of(context& job)
{
    return slot::of(job).core->parser();
}

}  // namespace work::detail
