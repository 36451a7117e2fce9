// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/job_name.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace work::detail {

/// Which type a job name belongs to, for one client. Names are derived from types without their
/// namespaces: were two types of one name let in, the jobs of one would run in the other's handler.
///
/// \par Thread safety any thread
class name_owners
{
public:
    /// The first type seen under a derived name owns it; types that state their `job_name` share.
    /// \par Errors errc::invalid_name, naming both types
    void claim(job_identity const& who)
    {
        // Identities are objects of static storage, so that one seen before costs one load.
        auto& place = seen_[(reinterpret_cast<std::uintptr_t>(&who) >> 4) % seen_.size()];
        if (place.load(std::memory_order_relaxed) == &who)
            return;
        check(who);
        place.store(&who, std::memory_order_relaxed);
    }

private:
    WORK_DECL void check(job_identity const& who);

    std::array<std::atomic<job_identity const*>, 256> seen_{};
    std::mutex mutex_;
    std::map<std::string, job_identity const*, std::less<>> owners_;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/client/name_owners.ipp>
#endif
