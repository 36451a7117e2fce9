// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace work::web {

/// What a server answered, for its metrics. Routes are named by their paths in the table, which
/// outlives this.
class served_requests
{
public:
    /// The upper ends of the buckets of a histogram, ms; the last bucket has none.
    static constexpr std::array<std::int64_t, 8>
        bounds_ms{1, 5, 25, 100, 250, 1'000, 5'000, 30'000};

    struct durations
    {
        std::array<std::uint64_t, bounds_ms.size() + 1> counts{};  ///< each bucket's own
        std::int64_t sum_ms = 0;
    };

    void add(std::string_view route, int status, std::int64_t took_ms)
    {
        ++answers_[{route, status}];
        durations& of = durations_[route];
        std::size_t bucket = 0;
        while (bucket != bounds_ms.size() && took_ms > bounds_ms[bucket])
            ++bucket;
        ++of.counts[bucket];
        of.sum_ms += took_ms;
    }

    /// Something was refused before a route ran: `reason` is the word of its problem, or what a
    /// connection was ended for.
    void refuse(std::string_view reason)
    {
        auto const found = refused_.find(reason);
        if (found != refused_.end())
            ++found->second;
        else
            refused_.emplace(reason, 1);
    }
    std::map<std::string, std::uint64_t, std::less<>> const& refused() const noexcept
    {
        return refused_;
    }

    std::map<std::pair<std::string_view, int>, std::uint64_t> const& answers() const noexcept
    {
        return answers_;
    }
    std::map<std::string_view, durations> const& by_route() const noexcept { return durations_; }

    /// Counts a stream for as long as what is returned lives; nullptr: there are `most`.
    std::shared_ptr<void> open_stream(std::size_t most)
    {
        if (streams() >= most)
            return nullptr;
        return streams_;
    }
    /// The same of who waits for a job.
    std::shared_ptr<void> open_wait(std::size_t most)
    {
        if (static_cast<std::size_t>(waits_.use_count()) > most)
            return nullptr;
        return waits_;
    }
    std::size_t streams() const noexcept
    {
        return static_cast<std::size_t>(streams_.use_count() - 1);
    }

private:
    std::map<std::pair<std::string_view, int>, std::uint64_t> answers_;
    std::map<std::string_view, durations> durations_;
    std::map<std::string, std::uint64_t, std::less<>> refused_;
    std::shared_ptr<int> streams_ = std::make_shared<int>();
    std::shared_ptr<int> waits_ = std::make_shared<int>();
};

}  // namespace work::web
