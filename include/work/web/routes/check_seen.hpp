// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/etag.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>

#include <optional>
#include <string>
#include <utility>

namespace work::web {

/// What a caller changes is what it saw, or is not there yet, where it asks for that. `now` is what
/// is there, `what` begins the sentence that refuses.
/// Errors: `problem` 412 changed
template <typename T, typename Tag>
void check_seen(
    web_request const& request,
    std::optional<T> const& now,
    Tag tag_of,
    std::string what
)
{
    std::optional<std::string> tag;
    if (now)
        tag = tag_of(*now);
    if (fits_tags(request, tag))
        return;
    what += now ? " changed since it was looked at: look again." : " is there no more.";
    throw problem(412, "changed", std::move(what));
}

}  // namespace work::web
