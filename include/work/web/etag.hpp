// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/request.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace work::web {

/// Whether an If-Match or If-None-Match names the tag, which has its quotes: it is in the list, or
/// the list is `*`.
inline bool names_tag(std::string_view list, std::string_view tag)
{
    return list == "*" || list.find(tag) != list.npos;
}

/// Whether what is there is what the caller saw, or is not there yet, if it asks for that by
/// If-Match or If-None-Match. `now`: the tag of what is there; nothing: nothing is.
inline bool fits_tags(web_request const& request, std::optional<std::string> const& now)
{
    std::string_view const wanted = request.field("if-match");
    std::string_view const unwanted = request.field("if-none-match");
    return (wanted.empty() || (now && names_tag(wanted, *now))) &&
           (unwanted.empty() || !now || !names_tag(unwanted, *now));
}
inline bool asks_for_tags(web_request const& request)
{
    return request.has("if-match") || request.has("if-none-match");
}

}  // namespace work::web
