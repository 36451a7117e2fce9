// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <vector>

#include "top/frame.hpp"

namespace work::tool::top {

/// The rows of the page that is shown, at most so many with their title.
struct body
{
    std::vector<line> lines;
    std::size_t first = 0;  ///< of the rows, which is on top
    std::size_t shown = 0;
    std::size_t of = 0;
};
body body_of(state const& s, std::size_t width, std::size_t height);

}  // namespace work::tool::top
