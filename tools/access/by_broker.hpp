// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/client.hpp>

#include <memory>

#include "access/access.hpp"

namespace work::tool {

/// Over the broker itself. The client must outlive it.
std::unique_ptr<access> access_by_broker(client& at);

}  // namespace work::tool
