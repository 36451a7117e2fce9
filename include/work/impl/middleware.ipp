// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/middleware.hpp>

#include <stdexcept>
#include <string>

namespace work::detail {

inline std::string name_layer(chain const& all, std::size_t layer, context const& job)
{
    return "middleware " + std::to_string(layer) + " of " + std::to_string(all.layers.size()) +
           " around " + std::string(job.name());
}

WORK_DECL std::string describe_second_go(chain const& all, std::size_t layer, context const& job)
{
    return name_layer(all, layer, job) +
           " awaited go() again, though the handler had not failed: it would run twice; await go() "
           "once, and again only after it threw";
}

WORK_DECL void refuse_empty_task(chain const& all, std::size_t layer, context const& job)
{
    throw std::logic_error(
        name_layer(all, layer, job) + " returned an empty task; make it a coroutine, or return go()"
    );
}

}  // namespace work::detail
