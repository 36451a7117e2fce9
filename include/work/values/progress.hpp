// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace work {

/// The most that is kept of one check-in, in bytes of JSON.
inline constexpr std::size_t max_progress = 4096;

namespace detail {

/// {"message", "percent"}: at most `max_progress` bytes, whatever the message. A NaN is no
/// percentage; others are moved into 0..100. `mended` becomes true when the message was changed.
WORK_DECL std::string encode_progress(std::string_view message, double percent, bool& mended);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/values/progress.ipp>
#endif
