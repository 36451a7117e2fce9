// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/cron/fields.hpp>

#include <string>

namespace work::detail {

/// The fields in words: "at 03:00 on Monday".
WORK_DECL std::string describe_cron(cron_fields const& fields);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/cron/describe.ipp>
#endif
