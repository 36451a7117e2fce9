// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "agreement.hpp"

#include <iostream>
#include <unistd.h>

#include "print.hpp"

namespace work::tool {

bool agreed(connection const& to, std::string const& question)
{
    if (::isatty(STDIN_FILENO) == 0) {
        print_error("there is no terminal to ask at: --yes says that it is meant");
        return false;
    }
    std::string const wanted = to.is_production() ? to.ns : "y";
    print_error(
        to.place() + ": " + question +
        (to.is_production() ? " Type the namespace, " + to.ns + ":" : " [y/N]")
    );
    std::string answer;
    std::getline(std::cin, answer);
    return answer == wanted || (!to.is_production() && answer == "yes");
}

}  // namespace work::tool
