// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>

namespace work::tool {

struct terminal_extent
{
    std::size_t width = 80;
    std::size_t height = 24;
};

/// That of the terminal which stdout is; 80 x 24 where it is none.
terminal_extent terminal_size();
bool output_is_terminal();
/// Whether colours may be used: a terminal, and no NO_COLOR.
bool output_has_colour();

}  // namespace work::tool
