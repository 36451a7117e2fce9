// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "place.hpp"

#include <work/printable.hpp>

#include <cstdio>
#include <string>
#include <unistd.h>

#include "terminal.hpp"

namespace work::tool {

void name_place(connection const& at)
{
    if (at.environment.empty())
        return;
    bool const red = at.is_production() && ::isatty(STDERR_FILENO) == 1 && output_has_colour();
    std::string const place = printable(at.place());
    // lint-allow(raw-output): made printable above; the rest are our colours
    std::fprintf(stderr, red ? "\x1b[1;31m%s\x1b[0m\n" : "%s\n", place.c_str());
}

}  // namespace work::tool
