// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/pool/job_type.hpp>
#include <work/pool/late_job.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/pool/worker.hpp>
#include <work/values/stored_options.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

namespace work::detail {

/// Finds jobs past their timeout while the pool's thread can't say so.
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
    };

    void add(worker& who)
    {
        std::lock_guard const lock(mutex_);
        workers_.push_back(&who);
    }
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
