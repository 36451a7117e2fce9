// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace work::web {

/// Whether an If-Match or If-None-Match names the tag, which has its quotes: it is in the list, or
/// the list is `*`.
inline bool names_tag(std::string_view list, std::string_view tag)
{
    return list == "*" || list.find(tag) != list.npos;
}

}  // namespace work::web
