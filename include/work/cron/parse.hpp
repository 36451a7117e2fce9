// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/cron/fields.hpp>
#include <work/values/parsed.hpp>

#include <string_view>

namespace work::detail {

/// Reads a cron spec without white space around it. The fields have a day on which they are due.
WORK_DECL parsed<cron_fields> parse_cron_fields(std::string_view spec);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/cron/parse.ipp>
#endif
