// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "user.hpp"

#include <array>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace work::tool {

std::string user()
{
    if (char const* const named = std::getenv("WORK_USER"))
        return named;
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    passwd const* const who = ::getpwuid(::geteuid());
    return (who != nullptr ? std::string(who->pw_name) : std::to_string(::geteuid())) + "@" +
           host.data();
}

}  // namespace work::tool
