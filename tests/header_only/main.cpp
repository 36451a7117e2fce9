// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// A header-only program of two files: it links, so each definition is inline, and both files see
// the same objects.

#include <work/work.hpp>

#include <cstdio>

void const* category_seen_by_other_file();

int main()
{
    if (category_seen_by_other_file() == &work::error_category())
        return 0;
    std::puts("two files of one program see two error categories");
    return 1;
}
