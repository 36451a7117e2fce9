// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <chrono>
#include <thread>

namespace work::testing {

/// For what has no signal: that nothing happens, or that something was long enough ago.
inline void pause_for(std::chrono::milliseconds time)
{
    std::this_thread::sleep_for(time);
}

/// Asks until it is so, for as long.
template <typename Condition>
bool soon(Condition met, std::chrono::milliseconds limit = std::chrono::seconds(30))
{
    for (auto const until = std::chrono::steady_clock::now() + limit; !met();) {
        if (std::chrono::steady_clock::now() > until)
            return false;
        pause_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace work::testing
