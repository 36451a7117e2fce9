// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/memory/data.hpp>
#include <work/broker/memory/dump_keys.hpp>
#include <work/build_config.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace work::detail {

/// The state as the keys a Redis would have, without their prefix.
WORK_DECL std::map<std::string, std::string> dump(memory_data const& data, std::int64_t now_us);

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/broker/memory/dump.ipp>
#endif
