// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/pool_info.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace work::web {

/// A worker pool that showed no more sign of life.
struct gone_pool
{
    std::string pool;
    std::string name;
    std::string host;
    std::int64_t pid = 0;
    std::string language;
    std::string state;  ///< the last that it said: one that was "stopping" meant to go
    std::int64_t started_at_ms = 0;
    std::int64_t heartbeat_at_ms = 0;  ///< the last one
};
BOOST_DESCRIBE_STRUCT(
    gone_pool,
    (),
    (pool, name, host, pid, language, state, started_at_ms, heartbeat_at_ms)
)

/// Which pools went in the last minutes, as far as somebody looked here meanwhile.
/// Thread safety: none; all on the executor, which runs one thing at a time.
class gone_pools
{
public:
    static constexpr std::int64_t kept_ms = 900'000;
    static constexpr std::size_t most = 200;

    /// Those that live now.
    void saw(std::vector<pool_info> const& now)
    {
        std::map<std::string, gone_pool> living;
        for (pool_info const& one : now) {
            living[one.pool] = {
                one.pool,
                one.name,
                one.host,
                one.pid,
                one.language,
                one.state,
                one.started_at_ms,
                one.heartbeat_at_ms
            };
            std::erase_if(gone_, [&](gone_pool const& other) { return other.pool == one.pool; });
        }
        for (auto& [id, one] : living_)
            if (!living.contains(id))
                gone_.push_back(std::move(one));
        living_ = std::move(living);
        if (gone_.size() > most)
            gone_.erase(gone_.begin(), gone_.end() - static_cast<std::ptrdiff_t>(most));
    }
    /// The last one first.
    std::vector<gone_pool> at(std::int64_t now_ms)
    {
        std::erase_if(gone_, [&](gone_pool const& one) {
            return now_ms - one.heartbeat_at_ms > kept_ms;
        });
        std::vector<gone_pool> all = gone_;
        std::stable_sort(all.begin(), all.end(), [](gone_pool const& a, gone_pool const& b) {
            return a.heartbeat_at_ms > b.heartbeat_at_ms;
        });
        return all;
    }

private:
    std::map<std::string, gone_pool> living_;
    std::vector<gone_pool> gone_;
};

}  // namespace work::web
