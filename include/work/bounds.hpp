// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/bounds.hpp>
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

/// How a queue is bounded.
struct bound_options
{
    /// So many jobs may wait in it, whatever their names: 1 to 1 000 000 000. What runs does not
    /// wait, nor what is due later, or waits for other jobs.
    std::int64_t most = 0;
    /// What becomes of new ones while so many do.
    when_full full = when_full::refuse;
    std::string by{};  ///< who wants it: what is said here is in the audit
};

/// Bounds: how many jobs may wait in a queue, so that producers which are faster than their workers
/// are told, held up, or lose what is oldest, in place of filling the broker.
///
///     work::bounds bounds{client};
///     co_await bounds.set("mail", {.most = 10'000, .full = work::when_full::wait});
///
/// It holds for all producers, in every language, from their next call on. Only what producers
/// enqueue is asked: what was stored comes back, is retried, falls due and moves whatever waits;
/// and so do follow-up jobs, flows, and what a schedule fires.
///
/// \par Errors        as `inspector`; errc::invalid_name: a queue can't be called so
/// \par Cancellation  terminal; what was asked for may happen nevertheless
/// \par Thread safety any thread
class bounds
{
public:
    WORK_DECL explicit bounds(client& of);

    /// Bounds a queue, or changes its bound. What waits already stays, though it be more.
    /// `already`: it was so.
    /// \par Errors errc::invalid_option: `most` is out of its range; errc::too_many: 100 queues are
    ///             bounded
    /// \par Redis  one script call; where the queue had no bound, one more for each 64 lists there
    ///             are
    WORK_DECL task<bound_code> set(std::string queue, bound_options options);
    /// Lets any number of jobs wait in it. False: it had no bound.
    WORK_DECL task<bool> remove(std::string queue, std::string by = std::string());
    /// All of them, by queue, with how many jobs wait, and how many were refused and dropped.
    /// \par Redis one script call: 3 commands for each list of a bounded queue
    WORK_DECL task<std::vector<bound_state>> list();
    WORK_DECL task<std::optional<bound_state>> get(std::string queue);

private:
    std::shared_ptr<detail::client_core> core_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/bounds.ipp>
#endif
