// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/broker/exchange.hpp>
#include <work/events.hpp>
#include <work/pool/late_job.hpp>
#include <work/pool/retry_policy.hpp>
#include <work/values/pool_info.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace work::detail {

struct job_type;

/// What a heartbeat heard, or did, that the pool's thread has to know.
struct heartbeat_news
{
    std::vector<claim_number> lost{};
    std::vector<job_cancel> cancels{};
    std::vector<told_order> orders{};
    bool forgotten = false;  ///< the broker may have forgotten what the pool serves
    std::vector<late_job> given_up{};
    bool known = false;                    ///< and the broker knows of those
    std::vector<std::string> notes{};      ///< of the broker, if hooks want to know
    std::optional<std::string> trouble{};  ///< with the connections, now; "": it is over
    /// A handler kept the pool's thread since then, until this is taken.
    std::optional<std::chrono::steady_clock::time_point> stalled_since{};
    std::optional<blocked_thread> stalled_by{};  ///< as far as that was known then
};

/// A pool as its heartbeat sees it.
///
/// \par Thread safety all of it: any thread
class heartbeat_port
{
public:
    /// Is taken by the pool's thread, if the pool lives until then.
    virtual void deliver(heartbeat_news news) = 0;
    /// SIGTERM and SIGINT, SIGTSTP, SIGTTIN.
    virtual void stop() = 0;
    virtual void quiet() = 0;
    virtual void dump_running() = 0;
    /// JSON, for people.
    virtual std::string status() const = 0;
    virtual int running() const noexcept = 0;
    /// So long the pool's thread took to come to something new, or has not come to it.
    virtual void thread_lag(std::chrono::milliseconds) noexcept {}
    /// The pool's thread has not come round for so long; 0: it does.
    virtual void thread_blocked(std::chrono::milliseconds) noexcept {}
    /// Whose handler keeps the pool's thread, if `thread_blocked` said that one does.
    virtual std::optional<blocked_thread> blocked() const { return {}; }
    /// All leases that were due are renewed.
    virtual void leases_renewed() noexcept {}
    /// The pool object is gone: nothing is to be renewed any more.
    virtual bool abandoned() const noexcept = 0;
    /// There is a hook for it.
    virtual bool wants(event what) const noexcept = 0;
    virtual retry_decision next_step(
        job_type const& type,
        stored_options const* own,
        failed_attempt const& attempt
    ) const = 0;

protected:
    ~heartbeat_port() = default;
};

}  // namespace work::detail
