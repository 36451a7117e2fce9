// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace work::web {

/// Which claims and reports of pools are under way at this server.
///
/// \par Thread safety none; it lives on the server's executor.
class worker_traffic
{
public:
    /// The same claim may be under way more than once: its caller came again.
    /// False: another one of the pool is.
    bool begin_claim(std::string const& pool, std::int64_t number)
    {
        auto& [under_way, times] = claims_[pool];
        if (times > 0 && under_way != number)
            return false;
        under_way = number;
        ++times;
        return true;
    }
    void end_claim(std::string const& pool)
    {
        auto const found = claims_.find(pool);
        if (found != claims_.end() && --found->second.second == 0)
            claims_.erase(found);
    }

    /// False: as many are under way as may be.
    bool begin_report(std::string const& pool)
    {
        constexpr int most = 3;
        int& under_way = reports_[pool];
        if (under_way == most)
            return false;
        ++under_way;
        return true;
    }
    void end_report(std::string const& pool)
    {
        auto const found = reports_.find(pool);
        if (found != reports_.end() && --found->second == 0)
            reports_.erase(found);
    }

private:
    std::map<std::string, std::pair<std::int64_t, int>> claims_;
    std::map<std::string, int> reports_;
};

/// Ends what was begun, however the request ends.
class traffic_guard
{
public:
    traffic_guard(
        worker_traffic& of,
        std::string pool,
        void (worker_traffic::*end)(std::string const&)
    )
        : of_(of),
          pool_(std::move(pool)),
          end_(end)
    {}
    traffic_guard(traffic_guard const&) = delete;
    traffic_guard& operator=(traffic_guard const&) = delete;
    ~traffic_guard() { (of_.*end_)(pool_); }

private:
    worker_traffic& of_;
    std::string pool_;
    void (worker_traffic::*end_)(std::string const&);
};

}  // namespace work::web
