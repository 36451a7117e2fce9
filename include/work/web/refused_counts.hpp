// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace work::web {

/// Jobs that reports were counted for though the broker refused what they said, by list: the next
/// report takes them back.
///
/// \par Thread safety none; it lives on the server's executor.
class refused_counts
{
public:
    struct numbers
    {
        std::int64_t processed = 0, failed = 0;
    };
    using map = std::map<std::string, numbers>;

    void add(std::string const& list, bool failed)
    {
        numbers& of = by_list_[list];
        ++(failed ? of.failed : of.processed);
    }
    map take() { return std::exchange(by_list_, {}); }
    /// They could not be said.
    void put_back(map const& numbers_of)
    {
        for (auto const& [list, refused] : numbers_of) {
            by_list_[list].processed += refused.processed;
            by_list_[list].failed += refused.failed;
        }
    }

private:
    map by_list_;
};

}  // namespace work::web
