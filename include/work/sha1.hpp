// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <string>
#include <string_view>

namespace work {

/// The SHA-1 of `data` in lower-case hexadecimal: the name EVALSHA knows a script by. It guards
/// nothing. (Boost's own lives in a detail namespace and changed its result type in 1.86.)
WORK_DECL std::string sha1(std::string_view data);

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/sha1.ipp>
#endif
