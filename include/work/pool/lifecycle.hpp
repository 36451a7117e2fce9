// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <atomic>
#include <string_view>

namespace work::detail {

/// What a pool is doing.
enum class phase : unsigned char {
    stopped,  ///< it did not begin, or has ended: nothing is sent any more
    running,
    quiet,     ///< claims nothing any more; running jobs go on
    stopping,  ///< gives back what did not start; the others end
};

/// The phases of a pool, and which may follow which. Written by the pool's thread.
///
/// \par Thread safety what is const: any thread
class lifecycle
{
public:
    phase now() const noexcept { return now_.load(std::memory_order_relaxed); }
    bool claims() const noexcept { return now() == phase::running; }
    /// It was told to stop, or has.
    bool ending() const noexcept { return now() == phase::stopping || stopped(); }
    bool stopped() const noexcept { return now() == phase::stopped; }

    /// False, and nothing changes, when `next` may not follow.
    bool to(phase next) noexcept
    {
        if (!may_follow(now(), next))
            return false;
        now_.store(next, std::memory_order_relaxed);
        return true;
    }

    static constexpr bool may_follow(phase from, phase next) noexcept
    {
        switch (from) {
        case phase::stopped: return next == phase::running;
        case phase::running: return next != phase::running;
        case phase::quiet: return next != phase::quiet;
        case phase::stopping: return next == phase::stopped;
        }
        return false;
    }

    static constexpr std::string_view text(phase of) noexcept
    {
        switch (of) {
        case phase::stopped: return "stopped";
        case phase::running: return "running";
        case phase::quiet: return "quiet";
        case phase::stopping: return "stopping";
        }
        return "?";
    }

private:
    std::atomic<phase> now_{phase::stopped};
};

}  // namespace work::detail
