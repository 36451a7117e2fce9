// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace work {

/// The longest line a logger is given, in bytes.
inline constexpr std::size_t max_log_line = 8192;

/// Text from outside, made fit for one line of a log or of a terminal.
///
/// The result is valid UTF-8 on one line. Bytes that are no UTF-8, control characters (C0, DEL,
/// C1), line and paragraph separators, and characters that turn the direction of writing are
/// escaped: `\n`, `\x1b`, `\u202e`. A text longer than `limit` bytes is cut, and its size is said:
/// `... (1048576 bytes)`.
///
/// Every line that the library logs went through this, and every message of a `work::error`.
WORK_DECL std::string printable(std::string_view text, std::size_t limit = std::string_view::npos);

namespace detail {

/// Length of the UTF-8 sequence of one code point that begins at `at`; 0 when there is no valid one
/// (overlong forms, surrogates and code points past U+10FFFF are not valid).
WORK_DECL std::size_t utf8_length(std::string_view text, std::size_t at) noexcept;

/// Length of the code point at `at` when it can be shown as it is; 0 when it must be escaped.
WORK_DECL std::size_t shown_length(std::string_view text, std::size_t at) noexcept;

/// Appends what stands at `at` escaped, and returns how many bytes that were.
/// Precondition: `shown_length` is 0 there, and `at` is within the text.
WORK_DECL std::size_t append_escaped(std::string& out, std::string_view text, std::size_t at);

}  // namespace detail
}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/printable.ipp>
#endif
