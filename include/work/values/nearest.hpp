// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <span>
#include <string>
#include <string_view>

namespace work::detail {

/// The name that was meant, as far as spelling can tell: the one with the fewest letters to change,
/// when those are less than half of the longer of both. Empty: none is near.
WORK_DECL std::string_view nearest_name(
    std::string_view text,
    std::span<std::string_view const> names
);

/// " (did you mean amount?)", or nothing.
WORK_DECL std::string did_you_mean(std::string_view text, std::span<std::string_view const> names);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/values/nearest.ipp>
#endif
