// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

#include <work/error.hpp>

void const* category_seen_by_other_file()
{
    return &work::error_category();
}
