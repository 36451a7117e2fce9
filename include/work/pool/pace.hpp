// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace work::detail {

/// How fast jobs end and the broker answers, smoothed: what says how many jobs to fetch ahead.
class pace
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    void begin(time_point now, std::int64_t finished)
    {
        rate_ = 0;
        since_ = now;
        finished_ = finished;
    }
    /// `finished` jobs have ended by now.
    void look(time_point now, std::int64_t finished)
    {
        double const seconds = std::chrono::duration<double>(now - since_).count();
        if (seconds <= 0.005)
            return;
        rate_ += (static_cast<double>(finished - finished_) / seconds - rate_) / 4;
        finished_ = finished;
        since_ = now;
    }
    void round_trip(std::chrono::duration<double> took)
    {
        round_trip_ += (took.count() - round_trip_) / 8;
    }
    std::int64_t round_trip_us() const noexcept
    {
        return static_cast<std::int64_t>(round_trip_ * 1e6);
    }
    /// As many as end while an exchange is on its way, at most `most`.
    int ahead(int most) const noexcept
    {
        return static_cast<int>(std::min(rate_ * round_trip_, static_cast<double>(most)));
    }

private:
    double rate_ = 0;  // jobs finished per second
    double round_trip_ = 0.001;
    std::int64_t finished_ = 0;
    time_point since_{};
};

}  // namespace work::detail
