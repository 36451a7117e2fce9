// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>

#include "connection.hpp"

namespace work::tool {

/// Whether the person at the terminal says yes: in *production* by typing the
/// namespace. Without a terminal nobody does.
bool agreed(connection const& to, std::string const& question);

}  // namespace work::tool
