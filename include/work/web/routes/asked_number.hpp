// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/text.hpp>
#include <work/web/problem.hpp>
#include <work/web/request.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace work::web {

/// A whole number; `usual` where the text is empty.
/// Errors: `problem` 400 bad-parameter: names it, its value and the range
inline std::int64_t asked_number(
    std::string_view text,
    std::string_view name,
    std::int64_t usual,
    std::int64_t low,
    std::int64_t high
)
{
    if (text.empty())
        return usual;
    std::int64_t n = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failed != std::errc() || end != text.data() + text.size() || n < low || n > high)
        throw problem(
            400,
            "bad-parameter",
            std::string(name) + " is " + detail::quote(text) + ", it must be " +
                std::to_string(low) + " to " + std::to_string(high) + ".",
            std::string(name)
        );
    return n;
}

/// The query's.
inline std::int64_t asked_number(
    web_request const& request,
    std::string_view name,
    std::int64_t usual,
    std::int64_t low,
    std::int64_t high
)
{
    return asked_number(request.asked(name), name, usual, low, high);
}

}  // namespace work::web
