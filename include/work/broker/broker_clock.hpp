// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace work {

/// The clock of this machine, in ms: for what needs a time before the broker was heard.
inline std::int64_t wall_ms() noexcept
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch()
    )
        .count();
}

/// A clock of this machine that nobody sets, in ms.
inline std::int64_t steady_ms() noexcept
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch()
    )
        .count();
}

/// The broker's clock as last heard, carried on by the local steady clock.
/// For showing and for guesses only; what decides is decided by the broker.
///
/// \par Thread safety all functions may be called from any thread.
class broker_clock
{
public:
    void heard(std::int64_t now_ms) noexcept
    {
        if (now_ms > 0)
            offset_ms_.store(now_ms - steady_ms(), std::memory_order_relaxed);
    }
    /// 0: nothing was heard yet.
    std::int64_t now_ms() const noexcept
    {
        std::int64_t const offset = offset_ms_.load(std::memory_order_relaxed);
        return offset == unset ? 0 : offset + steady_ms();
    }

private:
    static constexpr std::int64_t unset = INT64_MIN;

    std::atomic<std::int64_t> offset_ms_{unset};
};

}  // namespace work
