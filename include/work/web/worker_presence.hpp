// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/broker.hpp>
#include <work/build_config.hpp>
#include <work/task.hpp>
#include <work/values/running_jobs.hpp>
#include <work/web/worker_registration.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// What a pool has claimed.
struct held_work
{
    int busy = 0;               ///< jobs
    std::int64_t since_ms = 0;  ///< when it claimed the first of them; 0: there is none
    std::vector<claim_number> claims{};
};

/// Shows the pools that speak through this server, and remembers what it told the broker of them.
/// What it remembers spares requests and decides nothing: another server, or this one after a
/// restart, tells the broker once more.
///
/// \par Thread safety none; it lives on the server's executor.
class worker_presence
{
public:
    /// Of more jobs ids and names are not looked up.
    static constexpr int most_named = 256;

    WORK_DECL worker_presence(boost::asio::any_io_executor on, std::shared_ptr<broker> to);

    /// The pool is alive.
    /// \par Redis SET, at most every 4 s for a pool; where it has at most `most_named` jobs, before
    ///            that two pipelines for their ids and names
    WORK_DECL task<void> show(
        std::string pool,
        worker_registration const& is,
        held_work has,
        std::string_view state
    );
    /// Must the broker be told what the pool serves? Once, then when that changed, and each hour.
    WORK_DECL bool must_say(std::string const& pool, std::string_view registered) const;
    WORK_DECL void said(std::string const& pool, std::string_view registered);
    WORK_DECL void forget(std::string const& pool);
    /// How many pools of a user were heard of here within the last hour.
    WORK_DECL std::size_t pools_of(std::string_view user) const;
    /// Of the jobs of this name that were done in this second, is this one of the few to be kept?
    WORK_DECL bool is_sample(std::string const& name);
    void close() { port_->close(); }

private:
    struct seen
    {
        std::string user;
        std::string said;
        std::int64_t said_ms = 0;
        std::int64_t shown_ms = 0;  ///< by `steady_ms`, as all of them
    };
    struct samples
    {
        std::int64_t second = 0;
        int count = 0;
    };
    /// What they are, by name; nothing where that is not known.
    WORK_DECL task<std::vector<running_jobs>> look_up(held_work has);
    WORK_DECL void forget_old(std::int64_t now);

    std::shared_ptr<broker> broker_;
    std::unique_ptr<lease_port> port_;
    std::map<std::string, seen> pools_;
    std::map<std::string, samples> samples_;
    std::size_t sweep_at_ = 1'000;
};

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/worker_presence.ipp>
#endif
