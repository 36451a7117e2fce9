// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// The version of the library, as text. CMakeLists.txt says the same, and looks that it does.
#define WORK_VERSION "0.1.0"
