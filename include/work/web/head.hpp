// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/web/options.hpp>
#include <work/web/request.hpp>

#include <string>
#include <string_view>

namespace work::web {

/// Reads a request's line and fields, the empty line included, and refuses all that two readers
/// could take for two things: obsolete folding, lone CR or LF, a length beside an encoding or given
/// twice, white space before a colon, targets that are no path.
///
/// Errors: `problem` 400, 414, 431, 501 or 505, after each of which the connection must end.
WORK_DECL web_request read_head(std::string_view head, web_limits const& limits);

/// Undoes percent-encoding once. False: an escape is no two hexadecimal digits.
WORK_DECL bool percent_decode(std::string_view text, std::string& out);
/// With everything but `[A-Za-z0-9._~-]` escaped.
WORK_DECL std::string percent_encode(std::string_view text);

/// May a value stand in a path? Others go into the query.
WORK_DECL bool fits_path(std::string_view value) noexcept;

WORK_DECL std::string lower(std::string_view text);

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/head.ipp>
#endif
