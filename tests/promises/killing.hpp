// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "scene.hpp"

namespace promises {

/// Kills the oldest pool now and then, and starts another in its place; on a slow machine less
/// often, since between two kills some job must have moved.
class killing
{
public:
    killing(scene& at, fleet& pools, std::chrono::milliseconds every)
        : at_(at),
          pools_(pools),
          every_(every),
          next_(std::chrono::steady_clock::now() + every)
    {}

    /// Call it again and again.
    void go_on()
    {
        auto const now = std::chrono::steady_clock::now();
        if (now < next_)
            return;
        std::error_code none;
        auto const written = std::filesystem::file_size(at_.journal_path, none);
        if (none || written == written_)
            return;
        written_ = written;
        next_ = now + every_;
        pools_.kill(pools_.living().front());
        pools_.start();
        ++kills_;
    }
    std::int64_t kills() const { return kills_; }

private:
    scene& at_;
    fleet& pools_;
    std::chrono::milliseconds every_;
    std::chrono::steady_clock::time_point next_;
    std::uintmax_t written_ = 0;
    std::int64_t kills_ = 0;
};

}  // namespace promises
