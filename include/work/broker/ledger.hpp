// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace work {

/// An operation on many jobs as a broker keeps it: for a day after the last one was kept.
struct operation_note
{
    std::string id;
    std::string text{};  ///< as it was kept last: JSON
    bool stop = false;   ///< somebody wants it to stop
};

/// Keeps an operation as it stands now, and forgets others.
struct operation_change
{
    std::string id;
    std::string text{};
    std::vector<std::string> forgotten{};
};

/// Lines of the audit, from the newest (0) on.
struct audit_range
{
    int from = 0;
    int count = 50;
};

/// A job that somebody tracks.
struct tracked_note
{
    std::string id;
    std::string text{};  ///< as it was when it was tracked: JSON
    std::string end{};   ///< the state in which it ended, and when; "": it has not, since
};

/// Tracks jobs, and others no more. Those that are tracked already stay as they are.
struct track_request
{
    std::vector<tracked_note> add{};
    std::vector<std::string> remove{};
};

struct track_answer
{
    bool full = false;                ///< there would be too many: none was added
    std::vector<bool> changed{};      ///< of each that was to be added, then of those to be removed
    std::vector<tracked_note> all{};  ///< that are tracked then, in no order
};

/// Who follows jobs that are tracked.
inline constexpr std::string_view followed_by_trackers = "{t";

}  // namespace work
