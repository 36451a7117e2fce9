// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// What a user builds. run.sh builds it the ways users build.

#include <work/work.hpp>

int main()
{
    return make_error_code(work::errc::closed).message().empty() ? 1 : 0;
}
