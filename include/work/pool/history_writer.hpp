// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/pool/turn.hpp>
#include <work/task.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace work::detail {

/// Keeps what was measured until the broker has it, each number once.
///
/// What was sent and not answered is sent again under the same number, until that could count
/// twice: after an hour the broker may have forgotten the number. Of a broker that is away for long
/// minutes are put together, the oldest first.
/// \par Thread safety none; it lives on the executor of its broker.
class history_writer
{
public:
    using clock = std::chrono::steady_clock;

    history_writer(work::broker& to, std::string writer) : to_(to), writer_(std::move(writer)) {}
    history_writer(history_writer const&) = delete;
    history_writer& operator=(history_writer const&) = delete;

    /// What was measured until now, by the broker's clock.
    WORK_DECL void add(std::vector<history_row> rows, std::int64_t now_ms);
    /// False: not all of it is written, and it may go better later. Does not throw.
    WORK_DECL task<bool> write(std::chrono::milliseconds deadline);
    /// Rows that wait.
    std::size_t waiting() const noexcept { return rows_; }

    static constexpr std::size_t most_waiting = 4'096;
    static constexpr std::chrono::minutes repeated_for{50};

private:
    struct minute
    {
        std::int64_t at_ms = 0;
        std::map<std::string, history_counts> rows{};
    };

    WORK_DECL bool next();

    work::broker& to_;
    std::string writer_;
    std::deque<minute> minutes_;
    std::size_t rows_ = 0;
    std::int64_t number_ = 0;
    std::optional<history_write> sent_;  ///< and not answered
    clock::time_point sent_at_{};
    bool writing_ = false;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/history_writer.ipp>
#endif
