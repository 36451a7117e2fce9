// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <regex>
#include <string>

#include "support/redis_server.hpp"

namespace promises {

/// Commands the server carried out, those inside scripts included.
inline std::int64_t commands(work::testing::redis_server const& server)
{
    std::string const text = server.ask("INFO commandstats");
    std::regex const calls("calls=(\\d+)");
    std::int64_t sum = 0;
    for (std::sregex_iterator it(text.begin(), text.end(), calls), end; it != end; ++it)
        sum += std::stoll((*it)[1]);
    return sum;
}

}  // namespace promises
