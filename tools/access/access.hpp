// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/bounds.hpp>
#include <work/cron_entry.hpp>
#include <work/flow_info.hpp>
#include <work/inspector.hpp>
#include <work/job_handle.hpp>
#include <work/job_stats.hpp>
#include <work/limits.hpp>
#include <work/task.hpp>
#include <work/values/durability.hpp>
#include <work/values/new_job.hpp>
#include <work/web/described_bound.hpp>
#include <work/web/described_flow.hpp>
#include <work/web/described_limit.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace work::tool {

/// A job to be stored, which was found good.
struct described_new_job
{
    new_job job;
    std::string text;  ///< the same as a JSON object, as `POST /api/v1/jobs` takes it
};

/// What became of jobs that were to be stored: as many of the first as could be.
struct stored_jobs
{
    std::vector<job_handle> handles;
    std::exception_ptr failure;  ///< why the next one could not
    /// How safe they are, if that was asked for: the least of what was heard.
    std::optional<work::safety> safety;

    void heard(work::safety const& more)
    {
        if (!safety)
            safety = more;
        safety->enough = safety->enough && more.enough;
        safety->on_disk = safety->on_disk && more.on_disk;
        safety->replicas = std::min(safety->replicas, more.replicas);
        if (safety->trouble.empty())
            safety->trouble = more.trouble;
    }
};

/// A cron entry, and the last times that it fired, newest first.
struct known_cron
{
    cron_entry entry;
    std::vector<cron_fired> history;
};

enum class cron_act { remove, pause, resume };

/// The jobs of one namespace as commands see and steer them, whichever way they are reached: over
/// the broker, or through a work server. What is the same in `inspector` is described there; both
/// ways answer alike.
///
/// \par Errors errc::unavailable, errc::outcome_unknown; errc::refused: the broker, or the server,
///             does not allow it; errc::invalid_option and the like: what was asked for can't be
class access
{
public:
    access() = default;
    access(access const&) = delete;
    access& operator=(access const&) = delete;
    virtual ~access() = default;

    virtual boost::asio::any_io_executor executor() = 0;
    /// What is reached and where, without a password: for people.
    virtual std::string describe() = 0;
    /// Who acts: the person at the program, or who that is to the server.
    virtual std::string who() = 0;
    /// What is known to be wrong with the connection; "": nothing.
    virtual std::string trouble() = 0;
    /// How many calls may well be under way together.
    virtual std::size_t at_once() = 0;
    virtual void close() = 0;
    /// By the broker's clock.
    virtual task<std::int64_t> now_ms() = 0;
    /// Whether jobs can be stored, and run.
    virtual task<void> check() = 0;

    virtual task<job_info> job(std::string id) = 0;
    virtual task<job_log> logs(std::string id) = 0;
    virtual task<explanation> explain(std::string id) = 0;
    virtual task<job_page> find(job_filter filter, page how) = 0;
    /// How many jobs the action may be for, and the first five; as far as one looks for that.
    virtual task<job_count> count(admin_action action, job_filter filter) = 0;
    virtual task<failure_groups> failures(failure_query how) = 0;
    virtual task<broker_counts> counts() = 0;
    /// The texts of the query outlive the call.
    virtual task<job_stats> stats(stats_query what) = 0;
    /// As many as can be had at once.
    virtual task<all_named_stats> name_stats(std::chrono::milliseconds range) = 0;
    virtual task<std::vector<pool_info>> pools() = 0;
    virtual task<broker_info> broker() = 0;
    virtual task<diagnosis> doctor(doctor_options how) = 0;
    virtual task<std::vector<operation_info>> operations() = 0;
    virtual task<audit_page> audit(std::int64_t from, int count) = 0;

    // Who wants it is said here, or known by the server.
    virtual task<pause_result> pause(pause_kind kind, std::string name, pause_options how) = 0;
    virtual task<admin_code> resume(pause_kind kind, std::string name, std::string by) = 0;
    virtual task<queue_removal> remove_queue(std::string queue, std::string by) = 0;
    virtual task<admin_code> order(std::string pool, told_order what, std::string by) = 0;
    virtual task<std::vector<admin_result>> act(
        admin_action action,
        std::vector<std::string> ids,
        std::string queue,
        admin_options how
    ) = 0;
    // As of the inspector's functions of these names.
    virtual task<std::vector<admin_result>> track(std::vector<std::string> ids, std::string by) = 0;
    virtual task<std::vector<admin_code>> untrack(std::vector<std::string> ids, std::string by) = 0;
    virtual task<std::vector<tracked_job>> tracked() = 0;
    virtual task<admin_result> edit(std::string id, job_change change) = 0;
    /// Ends when the operation has.
    virtual task<operation_info> act_on_all(
        admin_action action,
        job_filter filter,
        operation_options how
    ) = 0;
    virtual task<admin_code> stop_operation(std::string id) = 0;
    virtual task<stored_jobs> enqueue(
        std::vector<described_new_job> jobs,
        std::optional<durability> how
    ) = 0;

    virtual task<flow_page> flows(std::int64_t from, int count) = 0;
    virtual task<flow_details> flow(std::string id) = 0;
    virtual task<flow_cancel> cancel_flow(std::string id, admin_options how) = 0;
    /// `text`: the same as JSON, as `POST /api/v1/flows` takes it.
    /// \par Errors also errc::no_such_job, errc::refused: nothing of it runs
    virtual task<web::stored_flow> start_flow(web::described_flow what, std::string text) = 0;

    virtual task<std::vector<cron_entry>> crons() = 0;
    virtual task<std::optional<known_cron>> cron(std::string name) = 0;
    virtual task<cron_put> put_cron(
        std::string name,
        std::string spec,
        described_new_job job,
        cron_options how
    ) = 0;
    /// `gone`: there is no such entry.
    virtual task<admin_code> act_on_cron(std::string name, cron_act what, std::string by) = 0;
    /// Its job's id; "": there is no such entry.
    virtual task<std::string> run_cron(std::string name, std::string by) = 0;

    virtual task<std::vector<limit_state>> limits() = 0;
    virtual task<std::optional<limit_state>> limit(std::string name) = 0;
    virtual task<web::put_limit> put_limit(
        std::string name,
        web::described_limit what,
        std::string by
    ) = 0;
    /// False: there was none.
    virtual task<bool> remove_limit(std::string name, std::string by) = 0;

    /// Of a server that is older than bounds: none.
    virtual task<std::vector<bound_state>> bounds() = 0;
    virtual task<std::optional<bound_state>> bound(std::string queue) = 0;
    virtual task<web::put_bound> put_bound(
        std::string queue,
        web::described_bound what,
        std::string by
    ) = 0;
    /// False: there was none.
    virtual task<bool> remove_bound(std::string queue, std::string by) = 0;
};

}  // namespace work::tool
