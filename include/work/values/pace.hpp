// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace work::detail {

/// How fast jobs end, or are stored, and the broker answers, smoothed: what says how many jobs to
/// fetch ahead, and how many requests are worth being under way.
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
        shortest_now_ = std::min(shortest_now_, took.count());
        if (++trips_ % 64 == 0)
            shortest_ = std::exchange(shortest_now_, took.count());
    }
    std::int64_t round_trip_us() const noexcept
    {
        return static_cast<std::int64_t>(round_trip_ * 1e6);
    }
    /// As many as end while an exchange is on its way, and within 50 ms; at most `most`.
    int ahead(int most) const noexcept
    {
        double const ended = rate_ * std::min(round_trip_, 0.05);
        return static_cast<int>(std::min(ended, static_cast<double>(most)));
    }
    /// How many requests for so many jobs each keep the broker busy: one for each of them that ends
    /// on a journey without a queue, one that it carries out, one that it finds when it is done
    /// with that, and one that is being taken here.
    int in_flight(int jobs, int most) const noexcept
    {
        double const journey = std::min({shortest_, shortest_now_, round_trip_});
        double const full = rate_ * journey / std::max(jobs, 1) + 0.5;
        return static_cast<int>(std::min(3 + full, static_cast<double>(most)));
    }

private:
    double rate_ = 0;  // jobs finished per second
    double round_trip_ = 0.001;
    double shortest_ = 1;  // of 64 before, and of those since
    double shortest_now_ = 1;
    std::int64_t trips_ = 0;
    std::int64_t finished_ = 0;
    time_point since_{};
};

}  // namespace work::detail
