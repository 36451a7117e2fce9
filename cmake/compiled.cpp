// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// The one file of work::compiled: every definition that need not be a template.
#include <work/src.hpp>
