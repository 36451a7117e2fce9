// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/pool/job_type.hpp>
#include <work/pool/late_job.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/pool/worker.hpp>
#include <work/values/pool_info.hpp>
#include <work/values/running_jobs.hpp>
#include <work/values/stored_options.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace work::detail {

/// What the workers of a pool run, also while its thread can't say so.
///
/// \par Thread safety any thread
class worker_watch
{
public:
    /// All that is needed of such a job is copied while its worker is locked: the pool's thread
    /// may go on at any moment.
    struct found
    {
        late_job job;
        failed_attempt attempt;
        job_type const* type = nullptr;
        std::optional<stored_options> own;
        std::chrono::milliseconds timeout{};
        std::chrono::milliseconds ran{};
        std::optional<std::int64_t> wait_ms{};
    };

    void add(worker& who)
    {
        std::lock_guard const lock(mutex_);
        workers_.push_back(&who);
    }
    /// By job name, in any order.
    WORK_DECL std::vector<running_jobs> running(std::int64_t now_ms);
    /// What keeps the thread on which all of them run: `first`, whose handler has waited for
    /// nothing so far, if there is one.
    WORK_DECL std::optional<blocked_thread> blocked(worker const* first, std::int64_t now_ms);
    /// Marks those as given up that should have been before then.
    WORK_DECL std::vector<found> give_up(std::chrono::steady_clock::time_point before);

private:
    std::mutex mutex_;
    std::vector<worker*> workers_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/pool/worker_watch.ipp>
#endif
