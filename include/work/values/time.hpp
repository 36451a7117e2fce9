// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace work {

/// Reads a time like `2026-03-01T12:30:00.250Z` or `2026-03-01 12:30:00+02:00` as ms since 1970;
/// digits past the ms are cut. A leap second counts as the second before it.
WORK_DECL std::optional<std::int64_t> parse_rfc3339(std::string_view text);

namespace detail {
/// The same with the digits past the ms, in ns: 0..999 999; those past the ns are cut.
WORK_DECL std::optional<std::int64_t> parse_rfc3339(std::string_view text, std::int64_t& ns);
}  // namespace detail

/// The time in RFC 3339, in UTC with ms: `2026-03-01T12:30:00.250Z`.
WORK_DECL std::string format_rfc3339(std::int64_t time_ms);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/time.ipp>
#endif
