// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/client.hpp>
#include <work/context.hpp>
#include <work/job_handle.hpp>
#include <work/make.hpp>
#include <work/task.hpp>
#include <work/values/needs.hpp>
#include <work/values/new_job.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace work {

class flow;

namespace detail {
struct flow_progress;
/// One for those that have no client at hand.
WORK_DECL flow new_flow(std::shared_ptr<client_core> core, std::string_view name);
}  // namespace detail

/// A job of a flow that is being put together: its id, by which others of the flow need it.
class flow_job
{
public:
    std::string const& id() const noexcept { return id_; }

private:
    friend class flow;
    explicit flow_job(std::string id) : id_(std::move(id)) {}

    std::string id_;
};

/// Whom a job needs, and what becomes of it when one of them does not complete: it is cancelled,
/// unless something else is said.
///
///     work::after(page, words)                              // both have to complete
///     work::after(page).even_if_failed()                    // it runs whatever became of that
///     work::after(page).or_wait()                           // while that is dead, it waits
///     work::after(page).as("page") && work::after(words)    // results are found by names
class after
{
public:
    /// Jobs of the flow, handles of jobs that are stored, or their ids.
    template <typename... Jobs>
    explicit after(Jobs const&... jobs)
    {
        (needs_.push_back({id_of(jobs), otherwise::cancel, {}}), ...);
    }
    /// Any number of them.
    explicit after(std::vector<flow_job> const& jobs)
    {
        for (flow_job const& one : jobs)
            needs_.push_back({one.id(), otherwise::cancel, {}});
    }

    after even_if_failed() && { return std::move(set(otherwise::run)); }
    after or_wait() && { return std::move(set(otherwise::wait)); }
    /// Of one: what it leaves is found by this name, and not by its id.
    /// \par Errors errc::invalid_option: of several, or of more than 128 characters
    WORK_DECL after as(std::string_view name) &&;

    friend after operator&&(after one, after const& other)
    {
        one.needs_.insert(one.needs_.end(), other.needs_.begin(), other.needs_.end());
        return one;
    }

    std::vector<detail::job_need> const& needs() const noexcept { return needs_; }

private:
    static std::string id_of(flow_job const& job) { return job.id(); }
    static std::string id_of(job_handle const& job) { return job.id(); }
    static std::string id_of(std::string_view id) { return std::string(id); }
    after& set(otherwise what)
    {
        for (detail::job_need& one : needs_)
            one.otherwise = what;
        return *this;
    }

    std::vector<detail::job_need> needs_;
};

/// Jobs that need each other, and are stored together: whole, or not at all.
///
///     work::flow nightly(client, "nightly");
///     auto const page = nightly.add(fetch{url});
///     auto const words = nightly.add(count{}, work::after(page).as("page"));
///     nightly.add(tell{}, work::after(words).even_if_failed());
///     co_await nightly.start();
///
/// A job waits (`job_state::waiting`) until those that it needs have ended. Where one of them is
/// not to complete (it was cancelled, deleted, has expired, is dead, can't be read), the job is
/// cancelled, and those that need it are in turn; so every flow ends. One that was cancelled for
/// the sake of a dead one stays so when that is requeued: `or_wait` is for that.
///
/// Nothing of it runs before all of it is stored. Should the process end meanwhile, what was stored
/// is cancelled after 10 minutes. A handler finds what others left to its job by
/// `context::result_of`.
///
/// \par Errors        `add`: as `enqueue`; errc::invalid_option: it needs a job twice, or a job of
///                    another flow that was not started. `start`: see there
/// \par Thread safety none
class flow
{
public:
    /// The name is for people: at most 128 characters.
    WORK_DECL explicit flow(client& of, std::string_view name = {});
    /// Jobs that are added while one runs: they belong to its flow, if it is of one, and whoever
    /// waits for that job waits for these, too, as it does for that; of those there may be 256.
    /// What is more than one batch runs when all of it is stored.
    WORK_DECL static flow beside(client& of, context const& job);

    /// Under which it is found; of jobs beside one that is of no flow "".
    std::string const& id() const noexcept { return id_; }
    std::size_t size() const noexcept { return jobs_.size(); }

    /// Adds a job made by `work::make`.
    WORK_DECL flow_job add(new_job job);
    WORK_DECL flow_job add(new_job job, after const& others);
    template <described_job Job>
    flow_job add(Job const& job, enqueue_options const& options = enqueue_options())
    {
        return add(make(job, options));
    }
    template <described_job Job>
    flow_job add(
        Job const& job,
        after const& others,
        enqueue_options const& options = enqueue_options()
    )
    {
        return add(make(job, options), others);
    }
    /// A batch and its callbacks: a job that runs when all that were added so far have completed,
    /// or whatever became of them, but for other callbacks.
    template <typename Job>
    flow_job on_success(Job&& job)
    {
        return add_callback(std::forward<Job>(job), after(members()));
    }
    template <typename Job>
    flow_job on_complete(Job&& job)
    {
        return add_callback(std::forward<Job>(job), after(members()).even_if_failed());
    }

    /// Stores it. A handle for each job, in the order in which they were added.
    ///
    /// \par Errors       errc::no_such_job: a job that it needs is not there, or will not complete;
    ///                   errc::too_many: more than 256 jobs need the one beside which it is added;
    ///                   errc::refused: an id of your own, or the key of a unique job, is in use:
    ///                   in either case nothing of it runs. errc::invalid_option: it has no job.
    ///                   Those of the broker: where that was away call it again; what was stored
    ///                   is not stored twice. Given up, nothing of it runs
    /// \par Cancellation as an error of the broker
    /// \par Redis        a script for 1 MiB, or for 256 that are needed, of which a job counts as
    ///                   two: about 12 µs a job and 6 µs an edge. Whom a job needs may take several
    WORK_DECL task<std::vector<job_handle>> start();

private:
    friend flow detail::new_flow(std::shared_ptr<detail::client_core> core, std::string_view name);
    WORK_DECL explicit flow(std::shared_ptr<detail::client_core> core, std::string_view name);
    WORK_DECL std::vector<flow_job> members() const;
    template <typename Job>
    flow_job add_callback(Job&& job, after const& others)
    {
        flow_job added = add(std::forward<Job>(job), others);
        callbacks_.push_back(added.id());
        return added;
    }

    std::shared_ptr<detail::client_core> core_;
    std::string id_;
    std::string name_;
    std::vector<new_job> jobs_;
    std::vector<flow_job> all_;
    std::set<std::string, std::less<>> ids_;  ///< theirs
    std::vector<std::string> callbacks_;      ///< of those
    std::set<std::string> others_;            ///< whom its jobs need outside of it
    std::string beside_;
    std::shared_ptr<detail::flow_progress> sent_;
    bool started_ = false;
};

}  // namespace work

#ifdef WORK_HEADER_ONLY
#include <work/impl/flow.ipp>
#endif
