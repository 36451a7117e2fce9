// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/web/file.hpp>

#include <vector>

namespace work::tool {

/// The web UI that this program was built with; none where it was built without. Its source is
/// made while building: tools/ui/bundle.cmake.
std::vector<web_file> ui_files();

}  // namespace work::tool
