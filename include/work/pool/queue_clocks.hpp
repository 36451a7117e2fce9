// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/pool/run_clock.hpp>
#include <work/values/run_times.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work::detail {

/// How long jobs of one name waited and ran, in one queue.
struct queue_clock
{
    std::string queue;
    run_clock ran{};
    run_clock waited{};  ///< of first attempts, from when they were due to their claim
};

/// Those of the queues in which jobs of a name were met: of the first `most`, and of all others.
/// They are never forgotten, so that what they count only grows.
/// \par Thread safety one thread calls `of` and counts, any reads
class queue_clocks
{
public:
    static constexpr std::size_t most = 32;
    /// Of the others together.
    static constexpr std::string_view others = "other";

    queue_clock& of(std::string_view queue)
    {
        std::size_t const size = size_.load(std::memory_order_relaxed);
        for (std::size_t i = 0; i != size; ++i)
            if (clocks_[i]->queue == queue)
                return *clocks_[i];
        if (size > most)
            return *clocks_[most];
        std::string name(size == most ? others : queue);
        clocks_[size] = std::make_unique<queue_clock>();
        clocks_[size]->queue = std::move(name);
        size_.store(size + 1, std::memory_order_release);
        return *clocks_[size];
    }
    /// Appends what `which` counted, of each queue.
    void read(std::string const& name, run_clock queue_clock::* which, std::vector<run_times>& to)
        const
    {
        std::size_t const size = size_.load(std::memory_order_acquire);
        for (std::size_t i = 0; i != size; ++i) {
            to.push_back((clocks_[i].get()->*which).read(name));
            to.back().queue = clocks_[i]->queue;
        }
    }

private:
    std::array<std::unique_ptr<queue_clock>, most + 1> clocks_{};
    std::atomic<std::size_t> size_{0};
};

}  // namespace work::detail
