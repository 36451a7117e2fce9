// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/limits.hpp>
#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace work {

namespace detail {
struct client_core;
}

/// How a limit is set.
struct limit_options
{
    /// So many jobs may run at a time, in all pools; 0: none.
    std::int64_t slots = 1;
    /// What it is for: all jobs of these queues, and all of these names. Unset: what it was for.
    std::optional<limit_scope> scope{};
    std::string by{};  ///< who wants it: what is said here is in the audit
};

/// Limits: how many jobs of some types, queues, or both together may run at a time, however many
/// pools there are.
///
///     work::limits limits{client};
///     work::limit_scope const payments{{}, {"charge", "refund"}};
///     co_await limits.set("stripe", {.slots = 20, .scope = payments});
///
/// What a handler says by `job_options::max_concurrency` is the limit `name:<job name>`; what is
/// set here goes first. A job may be under several limits, and runs when each has a slot free. A
/// job that waits costs nothing: its whole list leaves the pools' sight until a slot is free.
///
/// \par Errors        as `inspector`; errc::invalid_name: a limit, queue or job can't be called so
/// \par Cancellation  terminal; what was asked for may happen nevertheless
/// \par Thread safety any thread
class limits
{
public:
    WORK_DECL explicit limits(client& of);

    /// Makes a limit, or changes it. What runs goes on: of a limit that is lowered fewer run as
    /// jobs end. `already`: it was so.
    /// \par Errors errc::invalid_option: slots are not 0 to 1 000 000 000; errc::too_many: there
    ///             1 000 limits, or 8 of one queue or name
    /// \par Redis  one script call; one more for each 64 lists there are and 16 claims, where what
    ///             it is for has changed
    WORK_DECL task<limit_code> set(std::string name, limit_options options);
    /// False: there was none.
    WORK_DECL task<bool> remove(std::string name, std::string by = std::string());
    /// All of them, by name.
    WORK_DECL task<std::vector<limit_state>> list();
    WORK_DECL task<std::optional<limit_state>> get(std::string name);

private:
    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/limits.ipp>
#endif
