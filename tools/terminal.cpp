// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "terminal.hpp"

#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace work::tool {

terminal_extent terminal_size()
{
    terminal_extent size;
    ::winsize seen{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &seen) != 0 || !output_is_terminal())
        return size;
    if (seen.ws_col != 0)
        size.width = seen.ws_col;
    if (seen.ws_row != 0)
        size.height = seen.ws_row;
    return size;
}

bool output_is_terminal()
{
    return ::isatty(STDOUT_FILENO) == 1;
}

bool output_has_colour()
{
    char const* const none = std::getenv("NO_COLOR");
    return output_is_terminal() && (none == nullptr || *none == '\0');
}

}  // namespace work::tool
