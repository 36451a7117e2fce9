// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/client.hpp>
#include <work/config.hpp>
#include <work/task.hpp>

#include <memory>
#include <string>
#include <vector>

namespace work {

/// Sees and steers what a broker keeps.
///
/// \par Errors errc::unavailable, errc::refused, errc::closed
/// \par Thread safety none: use it on the client's thread.
class inspector
{
public:
    WORK_DECL explicit inspector(client& of);

    /// One job: where it is, since when, its record, progress and failures.
    /// Redis: one short script; one more for every 64 claims of more than 32 jobs that are open.
    WORK_DECL task<job_record> job(std::string id);
    /// How much there is, by state and by list. Redis: O(lists) + O(active jobs), in short calls.
    WORK_DECL task<broker_counts> counts();
    /// The pools that showed a sign of life in the last 15 s.
    WORK_DECL task<std::vector<pool_status>> pools();
    /// Drops jobs in any state, set-aside records included; the handlers of running ones are
    /// cancelled.
    WORK_DECL task<std::vector<move_code>> cancel(std::vector<std::string> ids);
    /// Brings a set-aside record back into its list, with this envelope in the place of its bytes.
    WORK_DECL task<move_code> restore(std::string id, std::string envelope);
    /// Makes dead, retrying or scheduled jobs pending now. Dead ones start over with attempt 1.
    /// Brings set-aside records back that can be read again.
    WORK_DECL task<std::vector<move_code>> requeue(std::vector<std::string> ids);

private:
    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/inspector.ipp>
#endif
