// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "top/state.hpp"

namespace work::tool::top {

enum class style { plain, strong, faint, good, warning, bad, chosen };

/// A line of the picture, fit to be shown: no control characters, no wider than was asked for.
struct line
{
    std::string text;
    style how = style::plain;
};

/// The picture: at most `height` lines of at most `width` columns; the last one says what matters.
std::vector<line> frame(
    state const& s,
    std::size_t width,
    std::size_t height,
    std::int64_t wall_ms
);

}  // namespace work::tool::top
