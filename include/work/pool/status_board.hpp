// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/pool/heartbeat_port.hpp>
#include <work/task.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace work::detail {

/// The statuses of a client's pools, shown by whichever heartbeat is the first whose time has come:
/// one command for all. A pool that is alone shows its own, as long as it never had company.
///
/// \par Thread safety all of it: any thread
class status_board
{
public:
    using clock = std::chrono::steady_clock;

    explicit status_board(std::string home) : home_(std::move(home)) {}

    WORK_DECL void add(
        heartbeat_port& pool,
        std::string const& id,
        std::chrono::milliseconds heartbeat
    );
    WORK_DECL void remove(heartbeat_port const& pool);
    /// The store lost where the pool shows its status.
    WORK_DECL void tell_again(heartbeat_port const& pool);

    /// Shows on `port` what is due, and returns how long to wait until the next call.
    WORK_DECL static task<std::chrono::milliseconds> show(
        std::shared_ptr<status_board> self,
        heartbeat_port& pool,
        lease_port& port
    );

private:
    struct shown_pool
    {
        heartbeat_port* pool = nullptr;
        std::string id;
        std::chrono::milliseconds heartbeat{};
        bool joined = false;  ///< it shows its status with others from now on
        bool told = false;    ///< and the store knows
        bool unsure = false;  ///< alone: it may have been forgotten meanwhile
    };
    struct turn
    {
        bool alone = false;
        std::optional<shared_status> shows;
        std::chrono::milliseconds shown_for{};
        std::chrono::milliseconds pause{};
    };

    /// However it ends, others may go on.
    class under_way
    {
    public:
        explicit under_way(status_board& board) noexcept : board_(&board) {}
        ~under_way()
        {
            if (board_)
                board_->failed();
        }
        under_way(under_way const&) = delete;
        under_way& operator=(under_way const&) = delete;
        void done() noexcept { board_ = nullptr; }

    private:
        status_board* board_;
    };

    WORK_DECL turn take_turn(heartbeat_port& pool, clock::time_point now);
    WORK_DECL void shown(shared_status const& what, bool known, clock::time_point began);
    WORK_DECL void failed();
    WORK_DECL std::chrono::milliseconds shown_alone(
        heartbeat_port const& pool,
        bool ok,
        bool known
    );
    WORK_DECL shown_pool* find(heartbeat_port const& pool);

    static constexpr std::chrono::milliseconds pause_after_failure{1'000};

    std::string const home_;
    std::mutex mutex_;
    std::vector<shown_pool> pools_;
    std::vector<std::string> left_;  // the store is still to be told
    bool under_way_ = false;
    bool fresh_ = true;    // nothing is shown
    bool unsure_ = false;  // whether the pools were forgotten
    clock::time_point began_{};
    clock::time_point not_before_{};
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/status_board.ipp>
#endif
