// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// \file
/// When something periodic is due, and jobs that are enqueued then. Only programs that include it
/// read the machine's time zones.

#include <work/broker/admin.hpp>
#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/cron/schedule.hpp>
#include <work/cron/time_zone.hpp>
#include <work/cron/zones.hpp>
#include <work/cron_entry.hpp>
#include <work/make.hpp>
#include <work/task.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace work {

namespace detail {
class cron_scheduler;
struct client_core;
}  // namespace detail

/// The cron entries of a namespace: jobs that are enqueued at certain times.
///
///     work::cron cron{client};
///     co_await cron.put("nightly", "0 3 * * *", report, {.zone = "Europe/Berlin"});
///     pool.beside(cron.duty());      // this pool enqueues what is due, as others may
///
/// Entries are kept by the broker. What fires them is whoever runs a duty: a pool that was told
/// to, `work server`, or a program of your own. However many do, each time fires once, with a job
/// of the id `cron:<name>:<ms since 1970>`.
///
/// A name is 1 to 100 of `[A-Za-z0-9._-]`. What takes a name throws errc::invalid_name for another
/// text, and where there is no such entry.
///
/// \par Errors        as `inspector`
/// \par Cancellation  terminal; what was asked for may happen nevertheless
/// \par Thread safety any thread
class cron
{
public:
    WORK_DECL explicit cron(client& of);

    /// Makes the entry, or changes it. What says the same again changes nothing, so that programs
    /// may do it whenever they begin; whether it is paused stays as it is. One with the same spec
    /// and zone stays due when it was.
    /// \par Errors errc::invalid_option: the spec or the zone can't be used, or is never due; the
    ///             job has an id or a time of its own; errc::payload_too_large: it has more than
    ///             64 KiB; errc::too_many: there are 10 000 entries
    /// \par Redis  one pipeline and one script call
    WORK_DECL task<cron_put> put(
        std::string name,
        std::string spec,
        new_job job,
        cron_options options = cron_options()
    );
    template <described_job Job>
    task<cron_put> put(
        std::string name,
        std::string spec,
        Job const& job,
        cron_options options = cron_options()
    )
    {
        detail::refuse_temporary<Job const&>();
        return put(std::move(name), std::move(spec), make(job), options);
    }

    /// All of them, by name.
    /// \par Redis HGETALL
    WORK_DECL task<std::vector<cron_entry>> list();
    WORK_DECL task<std::optional<cron_entry>> get(std::string name);
    /// The last 100 times that it fired, newest first.
    WORK_DECL task<std::vector<cron_fired>> history(std::string name);

    /// False: there was none. Jobs that it enqueued stay.
    WORK_DECL task<bool> remove(std::string name, std::string by = std::string());
    /// It is not due until it is resumed. `already`: it was paused.
    WORK_DECL task<admin_code> pause(std::string name, std::string by = std::string());
    /// Due from now on; what it would have been due for meanwhile is not made up for.
    WORK_DECL task<admin_code> resume(std::string name, std::string by = std::string());
    /// Enqueues its job now, also when it is paused; when it is due stays as it is. Returns the id.
    WORK_DECL task<std::string> trigger(std::string name, std::string by = std::string());

    /// Fires what is due, until `stop()`. What is due within a second after somebody put, changed
    /// or resumed it may be up to a second late. A broker that is away is waited for.
    /// \par Errors errc::closed, errc::forked
    /// \par Redis  one script call a second, and two whenever something is due
    WORK_DECL task<void> run();
    /// Fires what is due now; how many entries that were.
    WORK_DECL task<std::size_t> fire_due();
    /// Every `run` of this object, and of its copies, returns. Thread safe.
    WORK_DECL void stop();
    /// What a pool is to do beside its jobs, so that it fires entries: see `worker_pool::beside`.
    WORK_DECL std::function<task<void>()> duty() const;

private:
    std::shared_ptr<detail::client_core> core_;
    std::shared_ptr<detail::cron_scheduler> scheduler_;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/cron.ipp>
#endif
