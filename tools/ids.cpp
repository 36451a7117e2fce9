// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include "ids.hpp"

#include <iostream>

namespace work::tool {

std::vector<std::string> ids_of(std::vector<std::string> const& given)
{
    std::vector<std::string> ids;
    for (std::string const& id : given) {
        if (id != "-") {
            ids.push_back(id);
            continue;
        }
        for (std::string line; std::getline(std::cin, line);) {
            if (!line.empty())
                ids.push_back(line);
        }
    }
    return ids;
}

}  // namespace work::tool
