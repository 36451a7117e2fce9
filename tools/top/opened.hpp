// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <vector>

#include "top/frame.hpp"

namespace work::tool::top {

/// All that is known of the row that is chosen, in the place of the page.
std::vector<line> opened_lines(state const& s, std::size_t width);

}  // namespace work::tool::top
