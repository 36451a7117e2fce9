// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/records.hpp>
#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/job_info.hpp>
#include <work/task.hpp>
#include <work/values/pool_info.hpp>

#include <memory>
#include <string>
#include <vector>

namespace work {

/// Sees and steers what a broker keeps.
///
/// Functions that take ids answer one `admin_result` for each, in their order; how many there may
/// be is not limited, they are sent in parts.
///
/// \par Errors        errc::unavailable: nothing of it was done, it may go better later;
///                    errc::outcome_unknown: the answer did not come within 10 s; all of it may be
///                    repeated; errc::refused, errc::closed, errc::forked
/// \par Cancellation  terminal ends a call with operation_aborted; what it was to change may be
///                    changed nevertheless.
/// \par Thread safety as its client
class inspector
{
public:
    WORK_DECL explicit inspector(client& of);

    /// One job: where it is, since when, its record, progress and failures. Of a job that never
    /// was, or is kept no longer, the state is `unknown`.
    /// \par Redis one short script; one more for every 64 claims of more than 32 jobs that are open
    WORK_DECL task<job_info> job(std::string id);
    /// How much there is, by state and by list.
    /// \par Redis O(lists) + O(active jobs), in short calls
    WORK_DECL task<broker_counts> counts();
    /// The pools that showed a sign of life in the last 15 s, or three of their heartbeats, by id.
    /// One whose status can't be read has its id and a `trouble`.
    /// \par Redis SMEMBERS and one MGET: O(pools)
    WORK_DECL task<std::vector<pool_info>> pools();
    /// Drops jobs in any state, set-aside records included. The handlers of running ones are
    /// cancelled as soon as their pool hears of it: with its next exchange, at most a third of a
    /// lease later. `gone`: there is no such job.
    /// \par Redis a script for 64 of them, about 10 commands a job
    WORK_DECL task<std::vector<admin_result>> cancel(std::vector<std::string> ids);
    /// Brings a set-aside record back into its list, with this envelope in the place of its bytes
    /// (docs/protocol.md has its form). `unreadable`: it can't be read either, and nothing changed.
    /// \par Redis one script
    WORK_DECL task<admin_result> restore(std::string id, std::string envelope);
    /// Makes dead, retrying or scheduled jobs pending now. Dead ones start over with attempt 1.
    /// Brings set-aside records back that can be read again. `active` and `already`: it runs, or is
    /// pending, and nothing changed.
    /// \par Redis a script for 64 of them, about 10 commands a job
    WORK_DECL task<std::vector<admin_result>> requeue(std::vector<std::string> ids);

    /// Ids of jobs that are stored and in no list, claim or set, so that nothing will run them:
    /// somebody deleted or overwrote keys by hand. With a broker in memory there are none.
    ///
    /// What moved while it looked may be named as well; `take_back` tells it apart. Claims that
    /// lost their lease are given one, so that their jobs run again when it ends.
    ///
    /// \par Redis O(jobs), in short reads; holds all ids in this process's memory meanwhile
    WORK_DECL task<std::vector<std::string>> strays();
    /// Puts strays into their lists again, in front, their attempts kept. `admin_result::already`:
    /// the job is where it should be.
    ///
    /// \par Redis a script for 16 of them, O(length of the list, at most 20 000) each
    WORK_DECL task<std::vector<admin_result>> take_back(std::vector<std::string> ids);

private:
    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/inspector.ipp>
#endif
