// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace work::web {

/// How many requests each token may still send: so many a second, and as many at once.
/// \par Thread safety none; it lives on the server's executor.
class request_rates
{
public:
    /// False: it has sent too many. Time by a steady clock.
    bool take(std::string const& whose, int per_second, std::int64_t now_ms)
    {
        double const most = per_second;
        auto const [found, fresh] = left_.try_emplace(whose, left{most, now_ms});
        left& of = found->second;
        double const gained = static_cast<double>(now_ms - of.at_ms) * most / 1'000;
        of.requests = std::min(most, of.requests + gained);
        of.at_ms = now_ms;
        if (of.requests < 1)
            return false;
        --of.requests;
        return true;
    }

private:
    struct left
    {
        double requests;
        std::int64_t at_ms;
    };

    std::map<std::string, left> left_;  ///< as many as there are tokens
};

}  // namespace work::web
