// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// How deep the arrays and objects of a text nest that is meant to be JSON.
WORK_DECL std::size_t json_depth(std::string_view text) noexcept;

struct json_member
{
    std::string_view key;    ///< between its quotes, as written
    std::string_view value;  ///< as written, so that no digit is lost
};

/// The members of an object. Precondition: `text` is valid JSON and an object.
WORK_DECL std::vector<json_member> json_members(std::string_view text);
/// The elements of an array. Precondition: `text` is valid JSON and an array.
WORK_DECL std::vector<std::string_view> json_elements(std::string_view text);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/json_slices.ipp>
#endif
