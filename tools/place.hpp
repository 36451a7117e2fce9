// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection.hpp"

namespace work::tool {

/// Before something is changed: which environment that is in, on stderr, where the configuration
/// gives it a name.
void name_place(connection const& at);

}  // namespace work::tool
