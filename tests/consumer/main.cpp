// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a user builds. run.sh builds it the ways users build.

#include <work/work.hpp>

void const* category_seen_by_other_file();

int main()
{
    // Both files of the program see the same objects.
    if (category_seen_by_other_file() != &work::error_category())
        return 2;
    return make_error_code(work::errc::closed).message().empty() ? 1 : 0;
}
